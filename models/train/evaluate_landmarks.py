#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures facerec-landmarks with boxes of several detectors.

Points, on LFW: mean distance to YuNet's own points in shares of the distance of YuNet's eyes; for
comparison that of YuNet's points at a smaller input.
Score, on WIDER FACE: labelled boxes of at least 32 pixels against boxes drawn at random that meet
no label, and the Haar cascade's right finds against its wrong ones.
"""
import argparse
import collections
import csv
import pathlib
import time

import cv2
import numpy as np

import crops
from runtime import Landmarks, area, nearest_middle
from yunet import YuNet

CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"


class Haar:
    def __init__(self):
        self.cascade = cv2.CascadeClassifier(CASCADE)

    def __call__(self, photo):
        grey = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
        found = self.cascade.detectMultiScale(grey, 1.1, 3, minSize=(32, 32))
        return np.array(found, np.float32).reshape(-1, 4)


class Ssd:
    def __init__(self, folder):
        self.net = cv2.dnn.readNetFromTensorflow(str(folder / "opencv_face_detector_uint8.pb"),
                                                 str(folder / "opencv_face_detector.pbtxt"))

    def __call__(self, photo):
        height, width = photo.shape[:2]
        self.net.setInput(cv2.dnn.blobFromImage(photo, 1, (300, 300), (104, 177, 123)))
        rows = self.net.forward().reshape(-1, 7)
        corners = rows[rows[:, 2] > 0.5, 3:] * [width, height, width, height]
        return np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2]])


def overlap(box, boxes):
    """Intersection over union of a box (x, y, width, height) with each of boxes [n, 4]."""
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[:2] + box[2:], boxes[:, :2] + boxes[:, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    return common / (np.prod(box[2:]) + np.prod(boxes[:, 2:], axis=1) - common)


def points(landmarks, yunet, smaller, detectors, folder, every):
    errors = collections.defaultdict(list)
    for file in sorted(folder.rglob("*.jpg"))[::every]:
        photo = cv2.imread(str(file))
        truth = nearest_middle(yunet(photo), photo)
        if truth is None:
            continue
        right = truth[4:14].reshape(5, 2)
        eyes = np.linalg.norm(right[0] - right[1])
        again = nearest_middle(smaller(photo), photo)
        if again is not None:
            guess = again[4:14].reshape(5, 2)
            errors["YuNet at 192, its own points"].append(
                (np.linalg.norm(guess - right, axis=1).mean() / eyes, again[14]))
        for name, detector in detectors.items():
            box = nearest_middle(detector(photo), photo)
            if box is not None and overlap(truth[:4], box[None, :4])[0] > 0.3:
                guess, score = landmarks(photo, box[:4])
                errors[name].append((np.linalg.norm(guess - right, axis=1).mean() / eyes, score))
    for name, rows in errors.items():
        error, score = np.array(rows).T
        print(f"LFW, {name}: {len(rows)} faces, error mean {error.mean():.4f} median "
              f"{np.median(error):.4f}, over 0.1: {100 * (error > 0.1).mean():.1f} %, "
              f"score of at least 0.5: {100 * (score >= 0.5).mean():.1f} %")


def scores(landmarks, haar, folder):
    labels = collections.defaultdict(list)
    with open(folder / "boxes.csv") as file:
        for row in csv.DictReader(file):
            labels[row["image"]].append([float(row[k]) for k in ("x", "y", "width", "height")])
    random, found = np.random.default_rng(0), collections.defaultdict(list)
    for name, boxes in labels.items():
        photo, boxes = cv2.imread(str(folder / "images" / name)), np.array(boxes)
        for box in boxes[boxes[:, 2:].min(1) >= 32]:
            found["labelled"].append(landmarks(photo, box)[1])
        for _ in range(10):
            side = np.exp(random.uniform(np.log(32), np.log(min(photo.shape[:2]) / 2)))
            corner = random.uniform(0, 1, 2) * (np.array(photo.shape[1::-1]) - side)
            if overlap(np.array([*corner, side, side]), boxes).max() < 0.05:
                found["random"].append(landmarks(photo, (*corner, side, side))[1])
        for box in haar(photo):
            best = overlap(box, boxes).max()
            if best > 0.4 or best < 0.1:
                found["Haar, right" if best > 0.4 else "Haar, wrong"].append(landmarks(photo, box)[1])
    for face, other in (("labelled", "random"), ("Haar, right", "Haar, wrong")):
        yes, no = np.array(found[face]), np.array(found[other])
        print(f"WIDER, {face} ({len(yes)}) against {other} ({len(no)}): area {area(yes, no):.4f}; "
              f"at 0.5 kept {100 * (yes >= 0.5).mean():.1f} % and {100 * (no >= 0.5).mean():.1f} %")


def milliseconds(landmarks, rounds=300):
    landmarks.net.setInput(landmarks.input(np.zeros((64, 64, 3), np.uint8)))
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        landmarks.net.setInput(landmarks.input(np.zeros((64, 64, 3), np.uint8)))
        landmarks.net.forward(["points", "score"])
        times.append(time.perf_counter() - begun)
    return np.median(times) * 1000


def main():
    shared = crops.shared_folder()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("model", help="facerec-landmarks' ONNX file")
    options.add_argument("--shared", type=pathlib.Path, default=shared, help="folder with models/ and eval/")
    options.add_argument("--every", type=int, default=8, help="take each so manieth LFW photo")
    chosen = options.parse_args()
    cv2.setNumThreads(1)
    landmarks = Landmarks(chosen.model)
    model = chosen.shared / "models/face_detection_yunet_2023mar.onnx"
    yunet, smaller = YuNet(model), YuNet(model, (192, 192))
    haar = Haar()
    detectors = {"box of YuNet": yunet, "box of SSD": Ssd(chosen.shared / "models"), "box of Haar": haar}
    points(landmarks, yunet, smaller, detectors, chosen.shared / "eval/lfw/images", chosen.every)
    scores(landmarks, haar, chosen.shared / "eval/wider")
    print(f"{milliseconds(landmarks):.2f} ms on one core")


if __name__ == "__main__":
    main()
