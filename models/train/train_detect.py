#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains facerec-detect: a picture to the boxes, scores and five points of its faces.

Writes OUT/facerec-detect.onnx; goes on from OUT/facerec-detect.pt where that exists.
Boxes are labelled; YuNet tells the five points, faces that the labels leave out, and how sure each cell may be.
"""
import argparse
import math
import pathlib

import cv2
import numpy as np
import torch
from torch.nn import functional as F

import augment
import crops
import detect_data
import export
import landmark_data
import trainer
from detect_net import STRIDES, Detector, preprocess
from yunet import overlaps

SUITS = ((0, 64), (24, 160), (64, 1e9))  # sides of the faces that each grid may find, pixels
REACH = 1.5                              # strides between a face's middle and a cell that may find it
HELD_OUT_SIDE = 576


def cells(height, width):
    """float [N, 2] upper left corners in pixels and [N] strides of all cells, fine grids first."""
    corners, strides = [], []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        corners.append(torch.stack([x, y], -1).reshape(-1, 2) * float(stride))
        strides.append(torch.full((len(corners[-1]),), float(stride)))
    return torch.cat(corners), torch.cat(strides)


def flat(outputs):
    """[B, N, 15] of the network's maps."""
    return torch.cat([o.flatten(2).transpose(1, 2) for o in outputs], 1)


def decode(values, corners, strides):
    """(boxes [..., 4] as x0 y0 x1 y1, points [..., 5, 2]) in pixels of a network's values [..., 15]."""
    middle = corners + values[..., 1:3] * strides[..., None]
    half = values[..., 3:5].clamp(max=6).exp() * strides[..., None] / 2
    points = corners[..., None, :] + values[..., 5:].unflatten(-1, (5, 2)) * strides[..., None, None]
    return torch.cat([middle - half, middle + half], -1), points


def iou(a, b):
    """Intersection over union, and the generalised one, of boxes [..., 4] as x0 y0 x1 y1."""
    common = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(0).prod(-1)
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - common
    plain = common / union.clamp(1e-6)
    return plain, plain - (hull - union) / hull.clamp(1e-6)


class Target:
    """Which cell finds which face of a batch.

    Each face is found by those cells near its middle that find it best already: as many as the sum
    of their best overlaps (SimOTA of Z. Ge et al., "YOLOX", 2021, among the nearest cells only).
    """

    def __init__(self, batch, corners, strides):
        self.picture = torch.from_numpy(np.repeat(np.arange(len(batch)), [len(s[1]) for s in batch]))
        boxes = torch.from_numpy(np.concatenate([s[1] for s in batch])).float()
        self.boxes = torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)
        self.points = torch.from_numpy(np.concatenate([s[2] for s in batch])).float()
        self.ignored = torch.from_numpy(np.concatenate([s[3] for s in batch]))
        self.corners, self.strides, self.pictures = corners, strides, len(batch)
        seen = torch.from_numpy(np.stack([s[4] for s in batch]))
        self.seen_score = seen[..., 14].nan_to_num(0)
        self.seen_boxes = torch.cat([seen[..., :2], seen[..., :2] + seen[..., 2:4]], -1)

    def points_of(self, pictures, boxes):
        """[A, 5, 2] points of the face of each picture [A] that overlaps the box [A, 4] most, NaN without one."""
        overlap = iou(boxes[:, None], self.boxes)[0] * (pictures[:, None] == self.picture)
        best = F.pad(overlap, (0, 1), value=0.5).max(1).indices
        return F.pad(self.points, (0, 0, 0, 0, 0, 1), value=math.nan)[best]

    def silent(self):
        """bool [B, N]: cells in faces that are ignored."""
        silent = torch.zeros(self.pictures, len(self.corners), dtype=torch.bool)
        middle = self.corners + self.strides[:, None] / 2
        for f in self.ignored.nonzero()[:, 0]:
            x0, y0, x1, y1 = self.boxes[f]
            reach = self.strides / 2
            inside = ((middle[:, 0] > x0 - reach) & (middle[:, 0] < x1 + reach) &
                      (middle[:, 1] > y0 - reach) & (middle[:, 1] < y1 + reach))
            silent[self.picture[f]] |= inside
        return silent

    @torch.no_grad()
    def assign(self, values):
        """(face [A], picture [A], cell [A]) of the network's values [B, N, 15]."""
        sure = (~self.ignored).nonzero()[:, 0]
        boxes, picture = self.boxes[sure], self.picture[sure]
        middle, side = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]).prod(1).sqrt()
        near = torch.zeros(len(sure), len(self.corners), dtype=torch.bool)
        away = (self.corners[None] + self.strides[None, :, None] / 2 - middle[:, None]).abs().amax(-1)
        for stride, (low, high) in zip(STRIDES, SUITS):
            suits = (side >= low) & (side < high)
            near |= (self.strides == stride) & suits[:, None] & (away < REACH * stride)
        face, cell = near.nonzero(as_tuple=True)
        chosen = values[picture[face], cell]
        overlap, _ = iou(decode(chosen, self.corners[cell], self.strides[cell])[0], boxes[face])
        cost = F.softplus(-chosen[:, 0]) - 3 * (overlap + 1e-6).log() + away[face, cell] / self.strides[cell]
        # Padded to one row a face: the number of its cells differs.
        order = torch.arange(len(face)) - torch.searchsorted(face, face)
        width = int(order.max()) + 1 if len(order) else 1
        table = torch.full((len(sure), width), 1e9)
        table[face, order] = cost
        overlaps = torch.zeros(len(sure), width)
        overlaps[face, order] = overlap
        count = overlaps.topk(min(9, width), 1).values.sum(1).int().clamp(1)
        rank = table.argsort(1).argsort(1)
        taken = (rank[face, order] < count[face]) & (cost < 1e9)
        face, cell, cost = face[taken], cell[taken], cost[taken]
        # A cell that several faces ask for finds the one that is cheapest.
        place = picture[face] * len(self.corners) + cell
        first = torch.argsort(cost)
        first = first[np.unique(place[first].numpy(), return_index=True)[1]]
        return sure[face[first]], picture[face[first]], cell[first]


def loss_of(values, target):
    """Quality focal loss of the scores (X. Li et al., "Generalized Focal Loss", 2020), generalised
    overlap of the boxes, distance of the points in shares of the faces' sides.

    The labels decide in the cells that find a labelled face, the teacher in all others.
    """
    face, picture, cell = target.assign(values)
    quality = target.seen_score * (target.seen_score > 0.05)
    boxes, points = decode(values, target.corners, target.strides)
    found = boxes[picture, cell]
    overlap, general = iou(found, target.boxes[face])
    quality[picture, cell] = overlap.detach().clamp(0.05, 1).sqrt().maximum(quality[picture, cell])
    weight = (quality - values[..., 0].sigmoid()).abs().square().detach()
    weight[target.silent() & (quality == 0)] = 0
    score = F.binary_cross_entropy_with_logits(values[..., 0], quality, reduction="none") * weight

    sure = target.seen_score > 0.5
    sure[picture, cell] = False
    _, also = iou(boxes[sure], target.seen_boxes[sure])
    box = ((1 - general).sum() + (1 - also).sum()) / max(1, len(face) + len(also))
    expected = torch.cat([target.points[face], target.points_of(sure.nonzero()[:, 0], target.seen_boxes[sure])])
    points = torch.cat([points[picture, cell], points[sure]])
    extent = torch.cat([target.boxes[face], target.seen_boxes[sure]])
    side = (extent[:, 2:] - extent[:, :2]).prod(1).clamp(1).sqrt()
    known = ~expected.isnan().any(-1).any(-1)
    wrong = (points[known] - expected[known]) / side[known, None, None]
    line = F.smooth_l1_loss(wrong, torch.zeros_like(wrong), beta=0.015, reduction="sum") / max(1, int(known.sum()))
    return 3 * score.sum() / quality.sum().clamp(1) + 2 * box + 4 * line


def collate(pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float()


def find(network, photo, least=0.05, vote=0.1, overlap=0.4):
    """Rows of (x, y, width, height, five points x y, score) of uint8 RGB [H, W, 3], best first; placed by
    the votes of those that they suppress."""
    height, width = (-(-side // 32) * 32 for side in photo.shape[:2])
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[:photo.shape[0], :photo.shape[1]] = photo
    with torch.no_grad():
        values = flat(network(preprocess(collate([canvas]))))[0]
    corners, strides = cells(height, width)
    boxes, points = decode(values, corners, strides)
    boxes[:, 2:] -= boxes[:, :2]
    rows = torch.cat([boxes, points.flatten(1), values[:, :1].sigmoid()], 1).numpy()
    rows = rows[rows[:, 14] >= least]
    kept = np.asarray(cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 14].tolist(), least, overlap), int).ravel()
    shared = overlaps(rows[kept, :4], rows[:, :4])
    weights = np.where((shared > overlap) & (rows[:, 14] >= vote), rows[:, 14] ** 2 * shared, 0)
    weights[np.arange(len(kept)), kept] += 1e-9
    placed = weights @ rows[:, :14] / weights.sum(1, keepdims=True)
    return np.column_stack([placed, rows[kept, 14]])


class Recipe:
    name = "facerec-detect"
    network = Detector

    def __init__(self, chosen):
        self.photos = detect_data.Photos(chosen.data, chosen.cache, chosen.detector, chosen.limit)
        self.held = np.flatnonzero(crops.split(self.photos.names))
        train = np.setdiff1d(np.arange(len(self.photos)), self.held)
        names, pixels = crops.load(chosen.data, chosen.cache, chosen.limit)
        boxes, points, found = landmark_data.faces(pixels, names, chosen.detector, chosen.cache)
        portraits = pixels, boxes, points, np.flatnonzero(found & ~crops.split(names))
        grounds = landmark_data.Grounds(chosen.ground, chosen.detector)
        self.samples = detect_data.Samples(self.photos, train, portraits, grounds, chosen.side, chosen.detector)
        self.batch, self.places = chosen.batch, cells(chosen.side, chosen.side)
        print(f"{len(train)} photos, {len(self.held)} held out, {len(grounds.photos)} without faces", flush=True)

    def loss(self, network, random, step, progress, worker, workers):
        batch = [self.samples.draw(random) for _ in range(self.batch // workers)]
        pixels = preprocess(augment.light(collate([s[0] for s in batch]), gain=0.5, bias=45))
        with trainer.autocast():
            values = flat(network(pixels.contiguous(memory_format=torch.channels_last)))
        return loss_of(values.float(), Target(batch, *self.places))

    def measure(self, network, least=18):
        """Average precision, recall at precision 0.9 and the points' mean distance to the teacher's in
        shares of the distance of the eyes, of faces of at least `least` pixels on photos held out."""
        network.eval()
        scores, right, faces, distances = [], [], 0, []
        for i in self.held:
            boxes, points = self.photos.boxes[i], self.photos.points[i]
            counts = (boxes[:, 2:].min(1) >= least) & ~self.photos.doubtful[i] if len(boxes) else np.zeros(0, bool)
            faces += counts.sum()
            found = find(network, self.photos[i])
            shared = overlaps(found[:, :4], boxes) if len(boxes) else np.zeros((len(found), 1))
            free = np.ones(len(boxes), bool)
            for row, shares in zip(found, shared):
                shares = shares * free if len(boxes) else shares
                best = int(np.argmax(shares))
                if shares[best] >= 0.5:
                    free[best] = False
                    if not counts[best]:
                        continue
                    if not np.isnan(points[best]).any():
                        wrong = np.linalg.norm(row[4:14].reshape(5, 2) - points[best], axis=1).mean()
                        distances.append(wrong / max(1, np.linalg.norm(points[best][0] - points[best][1])))
                elif min(row[2:4]) < least:
                    continue
                scores.append(row[14])
                right.append(shares[best] >= 0.5)
        order = np.argsort(-np.array(scores))
        hits = np.cumsum(np.array(right, bool)[order])
        precision, recall = hits / np.arange(1, len(hits) + 1), hits / max(1, faces)
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        average = (np.diff(recall, prepend=0) * envelope).sum()
        enough = recall[precision >= 0.9]
        return {"average precision": average, "recall": enough.max() if len(enough) else 0.0,
                "points": np.median(distances) if distances else 1.0}

    def export(self, network, file):
        export.write(network, (1, 3, 96, 128), file, [f"stride{s}" for s in STRIDES], any_size=True)


def learned(losses, values):
    return np.mean(losses[-20:]) < 0.8 * np.mean(losses[:20]) and values["average precision"] > 0.02


if __name__ == "__main__":
    shared = crops.shared_folder()
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    trainer.add_options(options, minutes=180, batch=16, lr=1.5e-3)
    options.add_argument("--detector", default=shared / "models/face_detection_yunet_2023mar.onnx")
    options.add_argument("--ground", nargs="*", default=["/usr/share/doc/opencv-doc/examples", "/usr/share/backgrounds"],
                         type=pathlib.Path, help="folders of photos without faces")
    options.add_argument("--side", type=int, default=320, help="of a sample, pixels: a multiple of 32 (%(default)s)")
    options.set_defaults(limit=None)
    trainer.main(options, Recipe, learned, {"steps": 2000, "limit": 300, "side": 160, "batch": 8})
