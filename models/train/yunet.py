# SPDX-License-Identifier: LGPL-2.1-or-later
"""YuNet 2023mar through OpenCV dnn at a fixed input size, with its own decoding, and the mean of its looks."""
import functools

import cv2
import numpy as np

STRIDES = (8, 16, 32)
MIRRORED = [1, 0, 2, 4, 3]  # the points' order in a mirrored picture


class YuNet:
    """Finds faces in uint8 BGR pictures."""

    def __init__(self, model, size=(320, 320), least=0.6, overlap=0.3):
        """size: network input (width, height), multiples of 32; least: score 0..1; overlap: IoU."""
        self.net = cv2.dnn.readNetFromONNX(str(model))
        self.size, self.least, self.overlap = size, least, overlap
        self.outputs = [f"{kind}_{s}" for kind in ("cls", "obj", "bbox", "kps") for s in STRIDES]

    def __call__(self, picture):
        """Rows of (x, y, width, height, five points x y, score), pixels, best first."""
        faces = self.cells(picture)
        kept = cv2.dnn.NMSBoxes(faces[:, :4].tolist(), faces[:, 14].tolist(), self.least, self.overlap)
        return faces[np.asarray(kept, int).ravel()]

    def cells(self, picture):
        """Such rows of all cells of the grids, the finest grid first, in their order in the picture."""
        scale = min(self.size[0] / picture.shape[1], self.size[1] / picture.shape[0])
        small = cv2.resize(picture, None, fx=scale, fy=scale)
        small = cv2.copyMakeBorder(small, 0, self.size[1] - small.shape[0], 0,
                                   self.size[0] - small.shape[1], cv2.BORDER_CONSTANT)
        self.net.setInput(small.transpose(2, 0, 1)[None].astype(np.float32))
        maps = self.net.forward(self.outputs)
        faces = np.concatenate([self._decode(s, *maps[i::3]) for i, s in enumerate(STRIDES)])
        faces[:, :14] /= scale
        return faces

    def _decode(self, stride, cls, obj, box, points):
        columns = self.size[0] // stride
        cells = np.arange(columns * (self.size[1] // stride))
        cell = np.stack([cells % columns, cells // columns], 1)
        score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1)).reshape(-1, 1)
        box, points = box.reshape(-1, 4), points.reshape(-1, 5, 2)
        middle, extent = (cell + box[:, :2]) * stride, np.exp(box[:, 2:]) * stride
        points = ((cell[:, None] + points) * stride).reshape(-1, 10)
        return np.concatenate([middle - extent / 2, extent, points, score], 1)


class Looks:
    """YuNet looking at each picture at several scales, as it is and mirrored.

    One look's points lie by a twentieth of the distance of the eyes beside the mean of many, elsewhere at
    each scale and place: so the mean over all looks is what a face's points are.
    """

    def __init__(self, model, scales, least=0.6, overlap=0.3):
        """scales: of the picture; the first one's faces count. least, overlap: as YuNet's."""
        self.scales = scales
        self.network = functools.lru_cache(2 * len(scales))(lambda size: YuNet(model, size, least, overlap))

    def __call__(self, picture):
        """Rows of (x, y, width, height, five points x y, score) of uint8 BGR [H, W, 3], pixels."""
        looks = [self._look(picture, scale, mirrored) for scale in self.scales for mirrored in (False, True)]
        faces = looks[0].copy()
        for face in faces:
            alike = []
            for rows in looks:
                shared = overlaps(face[None, :4], rows[:, :4])[0]
                if len(rows) and shared.max() > 0.5:
                    alike.append(rows[np.argmax(shared), 4:14])
            face[4:14] = np.mean(alike, 0)
        return faces

    def _look(self, picture, scale, mirrored):
        large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        if mirrored:
            large = cv2.flip(large, 1)
        right, bottom = (-side % 32 for side in large.shape[1::-1])
        padded = cv2.copyMakeBorder(large, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        faces = self.network(padded.shape[1::-1])(padded)
        if mirrored:
            faces[:, 0] = large.shape[1] - faces[:, 0] - faces[:, 2]
            points = faces[:, 4:14].reshape(-1, 5, 2)[:, MIRRORED]
            faces[:, 4:14] = (points * [-1, 1] + [large.shape[1], 0]).reshape(-1, 10)
        faces[:, :14] /= scale
        return faces


def overlaps(a, b):
    """Intersection over union [A, B] of boxes (x, y, width, height)."""
    a, b = a[:, None], b[None]
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:4], b[..., :2] + b[..., 2:4])
    common = (high - low).clip(0).prod(-1)
    return common / (a[..., 2:4].prod(-1) + b[..., 2:4].prod(-1) - common).clip(1e-9)
