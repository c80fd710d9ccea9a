# SPDX-License-Identifier: LGPL-2.1-or-later
"""The trained networks in OpenCV dnn, as a program uses them; for the evaluations."""
import cv2
import numpy as np

import crops

SQUARE = 64
ENLARGE = 1.2


class Embedder:
    """An ONNX embedder; side: its input's pixels, mean and scale: input = (RGB - mean) * scale."""

    def __init__(self, model, side, mean, scale):
        self.net = cv2.dnn.readNetFromONNX(str(model))
        self.side, self.mean, self.scale = side, mean, scale
        self.template = crops.TEMPLATE_112 * side / 112

    def input(self, crop):
        return cv2.dnn.blobFromImage(crop, self.scale, mean=(self.mean,) * 3, swapRB=True)

    def __call__(self, photo, points):
        """Unit-length embedding of the face of a uint8 BGR photo with the five points [5, 2]."""
        crop = cv2.warpAffine(photo, similarity(points, self.template), (self.side, self.side))
        self.net.setInput(self.input(crop))
        vector = self.net.forward().ravel()
        return vector / np.linalg.norm(vector)


class Landmarks:
    """facerec-landmarks."""

    def __init__(self, model):
        self.net = cv2.dnn.readNetFromONNX(str(model))

    def input(self, crop):
        return cv2.dnn.blobFromImage(crop, 1 / 128, mean=(127.5,) * 3, swapRB=True)

    def __call__(self, photo, box):
        """(points [5, 2] in pixels, probability of a face) of a box (x, y, width, height).

        Looks at the square around the box's middle whose side is the box's longer one times 1.2;
        pixels outside of the photo repeat its edge.
        """
        side = ENLARGE * max(box[2], box[3])
        x, y = box[0] + (box[2] - side) / 2, box[1] + (box[3] - side) / 2
        fine = max(1, round(side / SQUARE))
        scale = SQUARE * fine / side
        matrix = np.array([[scale, 0, -scale * x - 0.5], [0, scale, -scale * y - 0.5]])
        crop = cv2.warpAffine(photo, matrix, (SQUARE * fine,) * 2, borderMode=cv2.BORDER_REPLICATE)
        crop = cv2.resize(crop, (SQUARE, SQUARE), interpolation=cv2.INTER_AREA)
        self.net.setInput(self.input(crop))
        points, score = self.net.forward(["points", "score"])
        return points.reshape(5, 2) * side + [x, y], float(score.ravel()[0])


def similarity(points, template):
    """2 x 3 matrix that takes the points [5, 2] to the template by least squares (Umeyama 1991)."""
    source, target = points - points.mean(0), template - template.mean(0)
    a = (source * target).sum() / (source ** 2).sum()
    b = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / (source ** 2).sum()
    linear = np.array([[a, -b], [b, a]])
    return np.column_stack([linear, template.mean(0) - linear @ points.mean(0)])


def nearest_middle(boxes, photo):
    """The row (x, y, width, height, ...) whose middle is nearest the photo's, None without one."""
    if not len(boxes):
        return None
    middle = boxes[:, :2] + boxes[:, 2:4] / 2
    return boxes[np.argmin(np.linalg.norm(middle - np.array(photo.shape[1::-1]) / 2, axis=1))]


def area(positive, negative):
    """Area under the ROC: the share of (positive, negative) pairs of scores in the right order."""
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive) + np.searchsorted(negative, positive, "right")
    return below.mean() / 2 / len(negative)
