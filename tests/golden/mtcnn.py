# SPDX-License-Identifier: LGPL-2.1-or-later
"""MTCNN: Zhang et al., "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
Networks", 2016, with the steps and constants of the authors' MATLAB program (camera_demo).

Coordinates inside count pixels from 1 and boxes [n, 5] are first and last pixel and score, as
there. The networks were trained on pictures that MATLAB hands over column by column: they see x
downwards. RGB, (value - 127.5) / 128.
"""
import math

import cv2
import numpy as np

import networks

STAGES = [("det1", 12, ["prob1", "conv4-2"]), ("det2", 24, ["prob1", "conv5-2"]),
          ("det3", 48, ["prob1", "conv6-2", "conv6-3"])]  # file, side of the input, outputs
LEAST_FACE = 20
FACTOR = 0.709
THRESHOLDS = 0.6, 0.7  # of the first and second stage


def load(folder):
    return [Stage(folder, *stage) for stage in STAGES]


class Stage:
    def __init__(self, folder, name, side, outputs):
        self.network = networks.caffe_network(folder, name)
        self.side, self.outputs = side, outputs

    def __call__(self, pictures):
        """The outputs for BGR pictures as they are."""
        return self.network(networks.blob(pictures, True, [127.5] * 3, 1 / 128), *self.outputs)

    def turned(self, pictures):
        """The outputs for BGR pictures whose x goes downwards."""
        return self([picture.transpose(1, 0, 2) for picture in pictures])


def detect(stages, picture, threshold):
    """Faces {"box": [x, y, w, h], "score", "points"} of a BGR picture, best first."""
    propose, refine, output = stages
    found = proposals(propose, picture)
    if not len(found):
        return []
    score, place = refine.turned(crops(picture, found, refine.side))
    passed = score[:, 1] > THRESHOLDS[1]
    found, place = with_scores(found, score)[passed], place[passed]
    kept = suppress(found, 0.7)
    found = whole(square(regressed(found[kept], place[kept], 1)))
    if not len(found):
        return []
    score, place, points = output.turned(crops(picture, found, output.side))
    passed = score[:, 1] > threshold
    found, place, points = with_scores(found, score)[passed], place[passed], points[passed]
    size = found[:, 2:4] - found[:, :2] + 1
    points = points.reshape(-1, 2, 5).transpose(0, 2, 1) * size[:, None] + found[:, None, :2] - 1
    found = regressed(found, place, 1)
    kept = suppress(found, 0.7, of_smaller=True)
    return [{"box": np.append(found[i, :2] - 1, found[i, 2:4] - found[i, :2] + 1),
             "score": found[i, 4], "points": points[i] - 1} for i in kept]


def proposals(network, picture):
    height, width = picture.shape[:2]
    scale = 12 / LEAST_FACE
    found = []
    while min(height, width) * scale >= 12:
        size = math.ceil(width * scale), math.ceil(height * scale)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        score, place = network.turned([small])
        x, y = np.nonzero(score[0, 1] >= THRESHOLDS[0])
        cell = 2 * np.stack([x, y], 1)
        each = np.column_stack([np.fix((cell + 1) / scale), np.fix((cell + 12) / scale),
                                score[0, 1, x, y], place[0, :, x, y]])
        found.append(each[suppress(each, 0.5)])
        scale *= FACTOR
    found = np.concatenate(found)
    found = found[suppress(found, 0.7)]
    return whole(square(regressed(found[:, :5], found[:, 5:], 0)))


def crops(picture, found, side):
    """The boxes' pixels, black outside of the picture, shrunk to side x side."""
    height, width = picture.shape[:2]
    cut = []
    for left, top, right, bottom in found[:, :4].astype(int):
        crop = np.zeros((bottom - top + 1, right - left + 1, 3), np.uint8)
        x, y, ex, ey = max(left, 1), max(top, 1), min(right, width), min(bottom, height)
        crop[y - top:ey - top + 1, x - left:ex - left + 1] = picture[y - 1:ey, x - 1:ex]
        cut.append(cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA))
    return cut


def with_scores(found, score):
    return np.column_stack([found[:, :4], score[:, 1]])


def regressed(found, place, more):
    """Moves each side by its part of the box's size, which is last - first + more."""
    size = np.tile(found[:, 2:4] - found[:, :2] + more, 2)
    return np.column_stack([found[:, :4] + place * size, found[:, 4]])


def square(found):
    """As wide as high around the same middle, the longer side stays."""
    size = found[:, 2:4] - found[:, :2]
    longer = size.max(1, keepdims=True)
    first = found[:, :2] + (size - longer) / 2
    return np.column_stack([first, first + longer, found[:, 4]])


def whole(found):
    return np.column_stack([np.fix(found[:, :4]), found[:, 4]])


def suppress(found, limit, of_smaller=False):
    """Indices of the best of each group; the overlap counts against the union or smaller box."""
    area = (found[:, 2:4] - found[:, :2] + 1).prod(1)
    order = np.argsort(-found[:, 4], kind="stable")
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        low = np.maximum(found[best, :2], found[order, :2])
        high = np.minimum(found[best, 2:4], found[order, 2:4])
        shared = (high - low + 1).clip(0).prod(1)
        whole_area = (np.minimum(area[best], area[order]) if of_smaller
                      else area[best] + area[order] - shared)
        order = order[shared / whole_area <= limit]
    return kept
