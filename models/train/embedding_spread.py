#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how embeddings spread, as src/cli/embedding_spread.inc has it for benchmarks of galleries.

Along each principal axis of the embeddings of many people's photos, largest spread first: their mean, and
the standard deviations between people (of their centres) and within one person's photos. People come from
the training crops, hardly two of one person; photos of one person from LFW.
"""
import argparse
import itertools
import pathlib
import tempfile

import cv2
import numpy as np

import crops
from runtime import Embedder, nearest_middle
from yunet import YuNet


def of_crops(embedder, pixels):
    """Unit-length embeddings [N, 128] of RGB crops [N, 112, 112, 3]."""
    points, vectors = crops.TEMPLATE_112, []
    for crop in pixels:
        vectors.append(embedder(np.ascontiguousarray(crop[:, :, ::-1]), points))
    return np.array(vectors)


def of_people(embedder, detector, folder, most):
    """A list of [n, 128], one for each person of LFW of whom there are several photos."""
    people = []
    photos = sorted(folder.glob("*/*.jpg"))
    for _, photos in itertools.groupby(photos, key=lambda photo: photo.parent):
        photos, vectors = list(photos)[:most], []
        for file in photos if len(photos) > 1 else []:
            photo = cv2.imread(str(file))
            face = nearest_middle(detector(photo), photo)
            if face is not None:
                vectors.append(embedder(photo, face[4:14].reshape(5, 2)))
        if len(vectors) > 1:
            people.append(np.array(vectors))
    return people


def main():
    shared, root = crops.shared_folder(), pathlib.Path(__file__).resolve().parents[1]
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--model", default=root / "facerec-embed.onnx", help="facerec-embed's ONNX file")
    options.add_argument("--train", type=pathlib.Path, default=shared / "train")
    options.add_argument("--lfw", type=pathlib.Path, default=shared / "eval/lfw")
    options.add_argument("--detector", default=shared / "models/face_detection_yunet_2023mar.onnx")
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    embedder = Embedder(chosen.model, 64, 127.5, 1 / 128)
    with tempfile.TemporaryDirectory() as cache:
        vectors = of_crops(embedder, crops.load(chosen.train, cache)[1])
    people = of_people(embedder, YuNet(chosen.detector), chosen.lfw / "images", most=10)
    # A person's photos weigh n - 1, as a pooled variance has it.
    own = np.concatenate([p - p.mean(0) for p in people])
    degrees = sum(len(p) - 1 for p in people)

    mean = vectors.mean(0)
    total, axes = np.linalg.eigh(np.cov(vectors.T))
    order = np.argsort(-total)
    total, axes = total[order], axes[:, order]
    within = ((own @ axes) ** 2).sum(0) / degrees
    between = np.maximum(total - within, 0)
    print(f"// {len(vectors)} photos of different people; {len(own)} of {len(people)} people")
    for row in zip(mean @ axes, np.sqrt(between), np.sqrt(within)):
        print("{" + ", ".join(f"{value:.5f}f" for value in row) + "},")


if __name__ == "__main__":
    main()
