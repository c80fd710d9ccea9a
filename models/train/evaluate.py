#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures embedders on LFW, whole path: detect, align by five points, embed, compare.

For each network: accuracy over the folds (threshold chosen on the other folds), area under the ROC,
true accepts at one false accept in a hundred; and one forward's time on one core, all side by side.
A photo without a detected face is aligned by the photo's middle square.
"""
import argparse
import csv
import pathlib
import time

import cv2
import numpy as np

import crops
from runtime import Embedder, Landmarks, area, nearest_middle
from yunet import YuNet


def folds(scores, same, fold):
    """Over folds the accuracy's mean and standard deviation, and the mean of the thresholds; each
    fold's threshold is the best one on the other folds."""
    accuracies, thresholds = [], []
    for f in np.unique(fold):
        train, test = fold != f, fold == f
        levels = np.unique(scores[train])
        right = [(same[train] == (scores[train] >= level)).mean() for level in levels]
        thresholds.append(levels[np.argmax(right)])
        accuracies.append((same[test] == (scores[test] >= thresholds[-1])).mean())
    return np.mean(accuracies), np.std(accuracies), np.mean(thresholds)


def milliseconds(embedders, rounds=60):
    """Median time of a forward of each embedder, taken in turns."""
    inputs = [e.input(np.zeros((e.side, e.side, 3), np.uint8)) for e in embedders]
    times = np.zeros((rounds, len(embedders)))
    for r in range(rounds):
        for i, (e, blob) in enumerate(zip(embedders, inputs)):
            e.net.setInput(blob)
            begun = time.perf_counter()
            e.net.forward()
            times[r, i] = time.perf_counter() - begun
    return np.median(times[5:], axis=0) * 1000


def main():
    shared = crops.shared_folder()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("models", nargs="+", metavar="MODEL",
                         help="facerec-embed's ONNX file; measured beside --reference")
    options.add_argument("--reference", default=shared / "models/mobilefacenet_y1_128d.onnx",
                         help="112-pixel embedder of RGB 0..255")
    options.add_argument("--lfw", type=pathlib.Path, default=shared / "eval/lfw")
    options.add_argument("--detector", default=shared / "models/face_detection_yunet_2023mar.onnx")
    options.add_argument("--landmarks", help="facerec-landmarks' ONNX file: its points instead of YuNet's")
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    embedders = [Embedder(m, 64, 127.5, 1 / 128) for m in chosen.models]
    embedders.append(Embedder(chosen.reference, 112, 0, 1))
    detector, missed, vectors = YuNet(chosen.detector), 0, {}
    landmarks = chosen.landmarks and Landmarks(chosen.landmarks)
    with open(chosen.lfw / "pairs.csv") as file:
        pairs = list(csv.DictReader(file))
    for name in sorted({p[k] for p in pairs for k in ("image_a", "image_b")}):
        photo = cv2.imread(str(chosen.lfw / "images" / name))
        face = nearest_middle(detector(photo), photo)
        missed += face is None
        if face is None:
            points = crops.TEMPLATE_112 * 130 / 112 + 60
        elif landmarks:
            points, _ = landmarks(photo, face[:4])
        else:
            points = face[4:14].reshape(5, 2)
        for i, e in enumerate(embedders):
            vectors[i, name] = e(photo, points)
    same = np.array([p["same"] == "1" for p in pairs])
    fold = np.array([int(p["fold"]) for p in pairs])
    print(f"{len(pairs)} pairs, {missed} photos without a detected face")
    times = milliseconds(embedders)
    for i, model in enumerate([*chosen.models, chosen.reference]):
        scores = np.array([vectors[i, p["image_a"]] @ vectors[i, p["image_b"]] for p in pairs])
        mean, deviation, threshold = folds(scores, same, fold)
        accepted = (scores[same] > np.quantile(scores[~same], 0.99)).mean()
        print(f"{pathlib.Path(model).name}: accuracy {100 * mean:.2f} % +- {100 * deviation:.2f} "
              f"at cosine distance {1 - threshold:.3f}, "
              f"area {area(scores[same], scores[~same]):.4f}, true accepts at 1 % false {100 * accepted:.1f} %, "
              f"{times[i]:.2f} ms ({times[i] / times[-1]:.2f} of the reference)")


if __name__ == "__main__":
    main()
