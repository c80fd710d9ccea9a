# SPDX-License-Identifier: LGPL-2.1-or-later
"""The landmark network facerec-landmarks: a square around a detector's box to five points and a score."""
import torch
from torch import nn

from embed_net import Unit, preprocess  # noqa: F401, the same preprocessing

SIZE = 64
ENLARGE = 1.2


class LandmarkNet(nn.Module):
    """float [B, 3, 64, 64] as preprocess() gives it to (float [B, 10], float [B, 1]).

    First x, y of the five points in shares of the square's side, then the logit of "a face".
    """

    def __init__(self, widths=(24, 32, 40, 48, 48)):
        super().__init__()
        layers, inputs = [], 3
        for i, width in enumerate(widths):
            layers.append(Unit(inputs, width, stride=2 if i < 4 else 1))
            if 0 < i < 4:
                layers.append(Unit(width, width))
            inputs = width
        self.body = nn.Sequential(*layers)
        self.points = nn.Linear(inputs * 16, 10)
        self.score = nn.Linear(inputs * 16, 1)
        nn.init.constant_(self.points.bias, 0.5)

    def forward(self, x):
        x = self.body(x).flatten(1)
        return self.points(x), self.score(x)


class Deployed(nn.Module):
    """The network as it ships: points, and the probability of a face."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        points, score = self.network(x)
        return points, torch.sigmoid(score)


def square(box, enlarge=ENLARGE):
    """(x, y, side): the square around the middle of a box (x, y, width, height) that the network
    looks at; its side is the box's longer one times `enlarge`."""
    x, y, width, height = box
    side = enlarge * max(width, height)
    return x + width / 2 - side / 2, y + height / 2 - side / 2, side
