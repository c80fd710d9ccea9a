# SPDX-License-Identifier: LGPL-2.1-or-later
"""The similarity that takes points to points by least squares: Umeyama, PAMI 13(4), 1991."""
import numpy as np


def estimate(source, target):
    """2 x 3 matrix for points [n, 2]; by singular values, as the paper does."""
    source_mean, target_mean = source.mean(0), target.mean(0)
    a, b = source - source_mean, target - target_mean
    u, d, v = np.linalg.svd(b.T @ a / len(source))
    sign = np.array([1, np.sign(np.linalg.det(u) * np.linalg.det(v))])
    rotation = u @ np.diag(sign) @ v
    scale = (d * sign).sum() / a.var(0).sum()
    return np.column_stack([scale * rotation, target_mean - scale * rotation @ source_mean])
