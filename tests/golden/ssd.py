# SPDX-License-Identifier: LGPL-2.1-or-later
"""SSD with ResNet-10: boxes against priors, Liu et al., "SSD: Single Shot MultiBox Detector", 2016.

The priors' sizes, steps and variances are those of OpenCV's face detector, deploy.prototxt: every
map has boxes of the sides min and sqrt(min * max), and of the area of min and each aspect ratio and
its inverse. Input: BGR minus (104, 177, 123), 300 x 300.
"""
import numpy as np
import torch

import boxes
import graphdef
import networks

SIDE = 300
# Cells along a side, step, least and greatest side, aspect ratios.
MAPS = [(38, 8, 30, 60, [2]), (19, 16, 60, 111, [2, 3]), (10, 32, 111, 162, [2, 3]),
        (5, 64, 162, 213, [2, 3]), (5, 100, 213, 264, [2]), (5, 300, 264, 315, [2])]
VARIANCES = 0.1, 0.2


def load(file):
    graph = graphdef.Graph(file)

    def run(picture):
        batch = networks.blob([picture], False, [104, 177, 123], 1).transpose(0, 2, 3, 1)
        place, confidence = graph(torch.from_numpy(batch.copy()), "mbox_loc", "mbox_conf_softmax")
        return place.numpy().reshape(-1, 4), confidence.numpy().reshape(-1, 2)[:, 1]
    return run


def priors():
    """[n, 4]: middle and size, pixels of the input."""
    found = []
    for cells, step, least, greatest, ratios in MAPS:
        sizes = [(least, least), (np.sqrt(least * greatest),) * 2]
        for ratio in ratios:
            long, short = least * np.sqrt(ratio), least / np.sqrt(ratio)
            sizes += [(long, short), (short, long)]
        y, x = np.divmod(np.arange(cells * cells), cells)
        middle = (np.stack([x, y], 1) + 0.5) * step
        found.append(np.concatenate([np.repeat(middle, len(sizes), 0),
                                     np.tile(sizes, (len(middle), 1))], 1))
    return np.concatenate(found)


def detect(network, picture, threshold):
    """Faces {"box": [x, y, w, h], "score"} of a BGR picture, 300 x 300, best first."""
    place, score = network(picture)
    prior = priors()
    middle = prior[:, :2] + VARIANCES[0] * place[:, :2] * prior[:, 2:]
    size = np.exp(VARIANCES[1] * place[:, 2:]) * prior[:, 2:]
    chosen = score >= threshold
    box, score = np.concatenate([middle - size / 2, size], 1)[chosen], score[chosen]
    return [{"box": box[i], "score": score[i]} for i in boxes.suppress(box, score, 0.45)]
