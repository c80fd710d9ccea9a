# SPDX-License-Identifier: LGPL-2.1-or-later
"""YuNet, decoded as libfacedetection.train describes it.

Each cell of a grid of stride 8, 16 or 32 gives a class and an objectness score, whose geometric
mean is the confidence, a box (the middle's offset and the logarithm of the size) and five points'
offsets from the cell's corner, all in units of the stride. Input: BGR as it is.
"""
import numpy as np

import boxes
import networks


def detect(network, picture, threshold):
    """Faces {"box": [x, y, w, h], "score", "points"} of a BGR picture, input size, best first."""
    out = network(networks.blob([picture], False, [0] * 3, 1))
    found = []
    for stride in (8, 16, 32):
        rows, columns = (side // stride for side in picture.shape[:2])
        y, x = np.divmod(np.arange(rows * columns), columns)
        corner = np.stack([x, y], 1)
        classes, objects = (out[f"{name}_{stride}"].ravel().clip(0, 1) for name in ("cls", "obj"))
        box, points = out[f"bbox_{stride}"][0], out[f"kps_{stride}"][0].reshape(-1, 5, 2)
        middle, size = (corner + box[:, :2]) * stride, np.exp(box[:, 2:]) * stride
        points = (points + corner[:, None]) * stride
        found.append(np.column_stack([middle - size / 2, size, np.sqrt(classes * objects),
                                      points.reshape(-1, 10)]))
    found = np.concatenate(found)
    found = found[found[:, 4] >= threshold]
    found = found[boxes.suppress(found[:, :4], found[:, 4], 0.3)]
    return [{"box": face[:4], "score": face[4], "points": face[5:].reshape(5, 2)} for face in found]
