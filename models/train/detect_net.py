# SPDX-License-Identifier: LGPL-2.1-or-later
"""The detection network facerec-detect: a picture to the faces' score, box and five points by cells."""
import torch
from torch import nn
from torch.nn import functional as F

from embed_net import Residual, Unit

STRIDES = (8, 16, 32)
NUMBERS = 15  # a cell's logit, its box's middle x, y and log width, height, five points x, y
RARE = -4.0   # a new network's logit: few cells find a face (T.-Y. Lin et al., "Focal Loss", 2017, 3.3)


def preprocess(pixels):
    """Network input of RGB values 0..255 (any shape): (x - 127.5) / 128."""
    return (pixels - 127.5) / 128


class Separable(nn.Module):
    """A depthwise 3 x 3 and a 1 x 1 convolution around a shortcut: at the finest grid a fifth of a
    plain one's time in OpenCV 4.6."""

    def __init__(self, width):
        super().__init__()
        self.branch = nn.Sequential(Unit(width, width, groups=width),
                                    Unit(width, width, size=1, padding=0, relu=False))
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.branch(x))


class Head(nn.Sequential):
    def __init__(self, width):
        super().__init__(Unit(width, width, groups=width), Unit(width, width, size=1, padding=0),
                         nn.Conv2d(width, NUMBERS, 1))
        nn.init.constant_(self[-1].bias[:1], RARE)


class Detector(nn.Module):
    """float [B, 3, H, W] as preprocess() gives it, H and W multiples of 32, to one
    float [B, 15, H / stride, W / stride] for each of STRIDES.

    Coordinates are in strides from the cell's upper left corner. blocks: plain ones at strides 16 and
    32, after which separable ones (context) look further around for little.
    """

    def __init__(self, stem=24, widths=(48, 64, 80), blocks=(2, 1, 1), context=(2, 3), neck=48):
        super().__init__()
        fine, middle, coarse = widths
        self.stem = Unit(3, stem, size=4, stride=4, padding=0)
        self.fine = nn.Sequential(Unit(stem, fine, stride=2), *[Separable(fine) for _ in range(blocks[0])])
        self.middle = nn.Sequential(Unit(fine, middle, stride=2), *[Residual(middle) for _ in range(blocks[1])],
                                    *[Separable(middle) for _ in range(context[0])])
        self.coarse = nn.Sequential(Unit(middle, coarse, stride=2), *[Residual(coarse) for _ in range(blocks[2])],
                                    *[Separable(coarse) for _ in range(context[1])])
        self.necks = nn.ModuleList(Unit(width, neck, size=1, padding=0, relu=False) for width in widths)
        self.joints = nn.ModuleList(Separable(neck) for _ in STRIDES)
        self.heads = nn.ModuleList(Head(neck) for _ in STRIDES)

    def forward(self, x):
        fine = self.fine(self.stem(x))
        middle = self.middle(fine)
        maps, above = [], None
        for neck, joint, x in zip(reversed(self.necks), reversed(self.joints), (self.coarse(middle), middle, fine)):
            x = neck(x)
            if above is not None:
                x = x + F.interpolate(above, scale_factor=2.0, mode="nearest")
            above = joint(F.relu(x))
            maps.append(above)
        return tuple(head(x) for head, x in zip(self.heads, reversed(maps)))
