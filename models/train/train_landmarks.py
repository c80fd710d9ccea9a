#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains facerec-landmarks: from a detector's box to five points and a score that says face or not.

Writes OUT/facerec-landmarks.onnx; goes on from OUT/facerec-landmarks.pt where that exists.
Photos of the --ground folders in which YuNet finds no face serve as grounds and as the other class,
what the Haar cascade takes for faces there above all.
"""
import argparse
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

import augment
import crops
import export
import landmark_data
import trainer
from landmark_net import SIZE, Deployed, LandmarkNet, preprocess

FACES = 0.6


def tensors(samples):
    """(float [n, 3, 64, 64] of 0..255, float [n, 10] points) of (picture, points or None)."""
    pixels = torch.from_numpy(np.stack([p for p, _ in samples])).permute(0, 3, 1, 2).float()
    points = [np.zeros(10) if q is None else q.ravel() for _, q in samples]
    return pixels, torch.from_numpy(np.stack(points)).float()


class Recipe:
    name = "facerec-landmarks"
    network = LandmarkNet

    def __init__(self, chosen):
        names, pixels = crops.load(chosen.data, chosen.cache, chosen.limit)
        boxes, points, found = landmark_data.faces(pixels, names, chosen.detector, chosen.cache)
        grounds = landmark_data.Grounds(chosen.ground, chosen.detector)
        held = crops.split(names)
        self.batch = chosen.batch
        self.samples = landmark_data.Samples(pixels, boxes, points, np.flatnonzero(found & ~held), grounds)
        test = landmark_data.Samples(pixels, boxes, points, np.flatnonzero(found & held), grounds)
        random = np.random.default_rng(0)
        self.test = self._draw(test, random, 2000)
        print(f"{len(self.samples.index)} faces, {len(grounds.photos)} grounds, "
              f"{len(grounds.alarms)} false alarms", flush=True)

    @staticmethod
    def _draw(samples, random, count):
        faces = int(count * FACES)
        pixels, points = tensors([samples.face(random) for _ in range(faces)] +
                                 [(samples.other(random), None) for _ in range(count - faces)])
        return pixels, points, (torch.arange(count) < faces).float()

    def loss(self, network, random, step, progress, worker, workers):
        pixels, target, label = self._draw(self.samples, random, self.batch // workers)
        pixels = preprocess(augment.erase(augment.light(pixels, gain=0.5, bias=40), 0.1, 0.35))
        with trainer.autocast():
            points, score = network(pixels.contiguous(memory_format=torch.channels_last))
        n = int(label.sum())
        return (30 * F.smooth_l1_loss(points[:n].float(), target[:n], beta=0.02) +
                F.binary_cross_entropy_with_logits(score.float()[:, 0], label))

    def measure(self, network):
        """Mean distance of the points in shares of the distance of the eyes, and area under the ROC."""
        network.eval()
        pixels, target, label = self.test
        with torch.no_grad():
            points, score = network(preprocess(pixels))
        n = int(label.sum())
        wrong = (points[:n] - target[:n]).view(n, 5, 2).norm(dim=2).mean(1)
        eyes = (target[:n, :2] - target[:n, 2:4]).norm(dim=1)
        other = score[n:, 0].sort().values
        area = torch.searchsorted(other, score[:n, 0]).double().mean() / len(other)
        return {"error": (wrong / eyes).mean().item(), "area": area.item()}

    def export(self, network, file):
        export.write(Deployed(network), (1, 3, SIZE, SIZE), file, ["points", "score"])


def learned(losses, values):
    return np.mean(losses[-20:]) < 0.7 * np.mean(losses[:20]) and values["area"] > 0.8


if __name__ == "__main__":
    shared = crops.shared_folder()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    trainer.add_options(options, minutes=15, batch=128, lr=3e-3)
    options.add_argument("--detector", default=shared / "models/face_detection_yunet_2023mar.onnx")
    options.add_argument("--ground", nargs="*", default=["/usr/share/doc/opencv-doc/examples", "/usr/share/backgrounds"],
                         type=pathlib.Path, help="folders of photos without faces")
    options.set_defaults(limit=None)
    trainer.main(options, Recipe, learned, {"steps": 600, "limit": 1500})
