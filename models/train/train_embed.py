#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains facerec-embed: distils a teacher's embedding into a network less than half as slow.

Writes OUT/facerec-embed.onnx; goes on from OUT/facerec-embed.pt where that exists.
"""
import argparse

import numpy as np
import torch
from torch.nn import functional as F

import augment
import crops
import export
import teacher
import trainer
from embed_net import SIZE, Deployed, Taught, preprocess

MIXTURES_UNTIL = 0.7
HINTS = 0.5  # weight of the maps at the beginning; it falls to 0 at the end


def loss_of(student, target, weight=5):
    """1 - cosine to the target, and the squared difference of the batch's similarity matrices.

    student: float [B, D], target: unit-length float [B, D].
    """
    student = F.normalize(student)
    cosine = (student * target).sum(1).mean()
    relation = (student @ student.T - target @ target.T).square().mean()
    return 1 - cosine + weight * relation


def to_tensor(pictures):
    """float [B, 3, H, W] of 0..255 of uint8 pictures [H, W, 3]."""
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()


def embed(network, pixels):
    """Unit-length float [n, D] of uint8 crops [n, 112, 112, 3], unchanged but for their size."""
    network.eval()
    with torch.no_grad():
        parts = [network(preprocess(F.interpolate(to_tensor(part), SIZE, mode="bilinear", antialias=True)))
                 for part in np.array_split(pixels, max(1, len(pixels) // 128))]
    return F.normalize(torch.cat(parts))


def statistics(maps, crops=600):
    """Mean and standard deviation of each channel of the teacher's maps."""
    values = torch.from_numpy(np.asarray(maps[:crops, 0], np.float32)).flatten(0, 2)
    return values.mean(0), values.std(0)


class Recipe:
    name = "facerec-embed"
    network = staticmethod(lambda: Taught(teacher.MAP_CHANNELS))

    def __init__(self, chosen):
        self.pictures, target, self.maps = teacher.targets(
            chosen.data, chosen.teacher, chosen.cache, chosen.limit, chosen.mixtures)
        self.scales = [statistics(maps) for maps in self.maps]
        self.target, self.seed, self.batch = torch.from_numpy(target), chosen.seed, chosen.batch
        self.every = np.flatnonzero(~self.pictures.held_out)
        self.faces = self.every[self.every < len(self.pictures.pixels)]
        self.held = np.flatnonzero(self.pictures.held_out)
        print(f"{len(self.every)} pictures, {len(self.held)} held out", flush=True)

    def loss(self, network, random, step, progress, worker, workers):
        pool = self.every if progress < MIXTURES_UNTIL else self.faces
        chosen = trainer.epoch_part(pool, self.seed, step, self.batch)[worker::workers]
        views, mirrored, thetas = zip(*[augment.warp(self.pictures[i], SIZE, random) for i in chosen])
        pixels = preprocess(augment.erase(augment.light(to_tensor(views))))
        with trainer.autocast():
            student, maps = network.with_maps(pixels.contiguous(memory_format=torch.channels_last))
        loss = loss_of(student.float(), self.target[chosen])
        crops_only = np.flatnonzero(chosen < len(self.pictures.pixels))
        theta = torch.from_numpy(np.stack(thetas)[crops_only]).float()
        for own, theirs, (mean, deviation) in zip(maps, self.maps, self.scales):
            hint = np.stack([theirs[chosen[k], mirrored[k]] for k in crops_only]).astype(np.float32)
            hint = ((torch.from_numpy(hint) - mean) / deviation).permute(0, 3, 1, 2)
            grid = F.affine_grid(theta, hint.shape, align_corners=False)
            hint = F.grid_sample(hint, grid, padding_mode="border", align_corners=False)
            loss = loss + HINTS * (1 - progress) * F.mse_loss(own.float()[crops_only], hint)
        return loss

    def measure(self, network):
        """Of held-out crops the mean cosine to the teacher, and the area under the ROC over all
        pairs that the teacher finds alike (cosine of at least 0.4) or strangers (below 0.15)."""
        target = self.target[self.held]
        student = embed(network, self.pictures.pixels[self.held])
        upper = torch.triu_indices(len(target), len(target), 1)
        alike, own = (target @ target.T)[upper[0], upper[1]], (student @ student.T)[upper[0], upper[1]]
        same, other = own[alike >= 0.4], own[alike < 0.15].sort().values
        area = torch.searchsorted(other, same).double().mean() / len(other)
        return {"cosine": (student * target).sum(1).mean().item(), "area": area.item()}

    def export(self, network, file):
        export.write(Deployed(network.student), (1, 3, SIZE, SIZE), file, ["embedding"])


def learned(losses, values):
    return np.mean(losses[-50:]) < np.mean(losses[:50]) - 0.03 and values["area"] > 0.6


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    trainer.add_options(options, minutes=95, batch=64, lr=2e-3)
    options.add_argument("--teacher", default=crops.shared_folder() / "models/mobilefacenet_y1_128d.onnx")
    options.set_defaults(limit=None, mixtures=None)
    trainer.main(options, Recipe, learned, {"steps": 600, "limit": 1500, "mixtures": 0, "batch": 32})
