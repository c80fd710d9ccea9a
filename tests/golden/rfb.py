# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ultra-Light RFB-320, as Linzaer's detect_imgs_onnx.py uses it.

Input: RGB, (value - 127) / 128, 320 x 240. The network gives corners, already decoded, in parts of
the picture.
"""
import numpy as np

import boxes
import networks


def detect(network, picture, threshold):
    """Faces {"box": [x, y, w, h], "score"} of a BGR picture, input size, best first."""
    out = network(networks.blob([picture], True, [127] * 3, 1 / 128))
    score, corners = out["scores"][0, :, 1], out["boxes"][0]
    corners = (corners * np.tile(picture.shape[1::-1], 2))[score > threshold]
    score = score[score > threshold]
    box = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1)
    return [{"box": box[i], "score": score[i]} for i in boxes.suppress(box, score, 0.5)]
