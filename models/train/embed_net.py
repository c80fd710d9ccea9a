# SPDX-License-Identifier: LGPL-2.1-or-later
"""The embedding network facerec-embed: 64 x 64 aligned face to 128 numbers."""
import torch
from torch import nn

SIZE = 64
DIMENSION = 128


def preprocess(pixels):
    """Network input of RGB values 0..255 (any shape): (x - 127.5) / 128."""
    return (pixels - 127.5) / 128


class Unit(nn.Sequential):
    """Convolution, batch normalisation and, where asked, ReLU."""

    def __init__(self, inputs, outputs, size=3, stride=1, padding=1, groups=1, relu=True):
        layers = [nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False),
                  nn.BatchNorm2d(outputs)]
        super().__init__(*layers, *([nn.ReLU(inplace=True)] if relu else []))


class Residual(nn.Module):
    """Two plain 3 x 3 convolutions around a shortcut; plain ones, since OpenCV's depthwise ones are slow."""

    def __init__(self, width):
        super().__init__()
        self.branch = nn.Sequential(Unit(width, width), Unit(width, width, relu=False))
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.branch(x))


class Embedder(nn.Module):
    """float [B, 3, 64, 64] as preprocess() gives it to float [B, 128], not of unit length."""

    def __init__(self, stem=24, widths=(48, 96, 112), blocks=(1, 3, 1), neck=256):
        super().__init__()
        stages, inputs = [], stem
        self.stem = Unit(3, stem, stride=2)
        for width, count in zip(widths, blocks):
            stages.append(nn.Sequential(Unit(inputs, width, stride=2), *[Residual(width) for _ in range(count)]))
            inputs = width
        self.stages = nn.ModuleList(stages)
        self.neck = Unit(inputs, neck, size=1, padding=0)
        self.pool = Unit(neck, neck, size=SIZE // 16, padding=0, groups=neck, relu=False)
        self.last = nn.Linear(neck, DIMENSION)

    def maps(self, x):
        """What the stages give: [B, width, cells, cells] of 16, 8 and 4 cells."""
        maps = [self.stem(x)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps[1:]

    def head(self, x):
        return self.last(self.pool(self.neck(x)).flatten(1))

    def forward(self, x):
        return self.head(self.maps(x)[-1])


class Taught(nn.Module):
    """The embedder while it trains: the maps of its last two stages, as `channels` channels, stand
    for the teacher's."""

    def __init__(self, channels):
        super().__init__()
        self.student = Embedder()
        self.hints = nn.ModuleList(nn.Conv2d(stage[0][0].out_channels, channels, 1)
                                   for stage in self.student.stages[1:])

    def forward(self, x):
        return self.student(x)

    def with_maps(self, x):
        """(embedding, maps in the teacher's place)."""
        maps = self.student.maps(x)
        return self.student.head(maps[-1]), [hint(m) for hint, m in zip(self.hints, maps[1:])]


class Deployed(nn.Module):
    """The network as it ships: the mean of a face's and its mirror picture's embedding.

    Mirroring is a 1 x 1 convolution over the columns, since OpenCV 4.6 reads no slice of step -1.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.mirror = nn.Conv2d(SIZE, SIZE, 1, bias=False)
        self.mirror.weight.data = torch.eye(SIZE).flip(0)[:, :, None, None]

    def forward(self, x):
        mirrored = self.mirror(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return (self.network(x) + self.network(mirrored)) / 2
