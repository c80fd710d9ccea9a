# SPDX-License-Identifier: LGPL-2.1-or-later
"""YuNet 2023mar through OpenCV dnn at a fixed input size, with its own decoding."""
import cv2
import numpy as np

STRIDES = (8, 16, 32)


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
