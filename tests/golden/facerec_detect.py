# SPDX-License-Identifier: LGPL-2.1-or-later
"""facerec-detect, decoded as its card describes it.

Each cell of a grid of stride 8, 16 or 32 gives a logit, a box (the middle's offset and the logarithm
of the size) and five points' offsets from the cell's corner, all in units of the stride. Input: RGB,
(value - 127.5) / 128. A face is the best of those that overlap by more than 0.4, where the mean of
them lies that have a score of at least 0.1, by squared score and overlap. What lies mostly in a
surer face of more than 240 pixels is a part of it.
"""
import numpy as np

import boxes
import networks


def detect(network, picture, threshold):
    """Faces {"box": [x, y, w, h], "score", "points"} of a BGR picture, input size, best first."""
    out = network(networks.blob([picture], True, [127.5] * 3, 1 / 128))
    found = []
    for stride in (8, 16, 32):
        planes = out[f"stride{stride}"][0]
        corner = np.stack(np.meshgrid(*(np.arange(n) for n in planes.shape[:0:-1])), -1).reshape(-1, 2)
        cells = planes.reshape(len(planes), -1).T.astype(float)
        middle, size = (corner + cells[:, 1:3]) * stride, np.exp(cells[:, 3:5]) * stride
        points = (corner[:, None] + cells[:, 5:].reshape(-1, 5, 2)) * stride
        found.append(np.column_stack([middle - size / 2, size, 1 / (1 + np.exp(-cells[:, 0])),
                                      points.reshape(-1, 10)]))
    found = np.concatenate(found)
    found = found[found[:, 4] >= min(threshold, 0.1)]
    faces = []
    for best in boxes.suppress(found[:, :4], found[:, 4], 0.4):
        if found[best, 4] < threshold:
            break
        shared = boxes.overlaps(found[best, :4], found[:, :4])
        weights = np.where(shared > 0.4, found[:, 4] ** 2 * shared, 0)
        mean = weights @ found / weights.sum()
        if not any(boxes.common(face["box"], mean[:4]) > 0.5 * min(face["box"][2:].prod(), mean[2:4].prod())
                   for face in faces if face["box"][2:].prod() > 240 ** 2):
            faces.append({"box": mean[:4], "score": found[best, 4], "points": mean[5:].reshape(5, 2)})
    return faces
