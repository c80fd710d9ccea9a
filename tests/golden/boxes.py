# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boxes [n, 4] as x, y, width, height."""
import numpy as np


def common(box, others):
    """The area that one box shares with each of the others."""
    low = np.maximum(box[:2], others[..., :2])
    high = np.minimum(box[:2] + box[2:], others[..., :2] + others[..., 2:])
    return (high - low).clip(0).prod(-1)


def overlaps(box, others):
    """Intersection over union of one box with each of the others."""
    shared = common(box, others)
    return shared / (box[2:].prod() + others[:, 2:].prod(1) - shared)


def suppress(candidates, scores, limit):
    """Indices of the best of each group of boxes that overlap by more than `limit`, best first."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[overlaps(candidates[best], candidates[order]) <= limit]
    return kept
