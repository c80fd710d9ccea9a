# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random changes of aligned crops, as a camera and an alignment make them."""
import math

import cv2
import numpy as np
import torch


def warp(pixels, size, random, turn=8, zoom=0.08, shift=0.03, coarse=0.25):
    """Turns, zooms, shifts and mirrors one uint8 crop [H, H, 3].

    Returns uint8 [size, size, 3], 1 where it was mirrored and 0 else, and what affine_grid takes to
    do the same to a map of the crop, or of its mirror picture.
    turn: degrees, zoom: share, shift: share of the side; each the limit of a uniform choice.
    A share `coarse` of the crops loses resolution first, down to three tenths.
    """
    if random.random() < coarse:
        side = int(len(pixels) * random.uniform(0.3, 0.8))
        pixels = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA)
    scale = size / len(pixels) * (1 + random.uniform(-zoom, zoom))
    angle = math.radians(random.uniform(-turn, turn))
    linear = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    moved = size * random.uniform(-shift, shift, 2)
    back = np.linalg.inv(linear) / (len(pixels) / 2)
    theta = np.column_stack([back * (size / 2), -back @ moved])
    mirrored = int(random.random() < 0.5)
    if mirrored:
        linear[:, 0] *= -1
    middle = (len(pixels) - 1) / 2
    offset = (size - 1) / 2 + moved - linear @ [middle, middle]
    picture = cv2.warpAffine(pixels, np.column_stack([linear, offset]), (size, size),
                             borderMode=cv2.BORDER_REPLICATE)
    return picture, mirrored, theta


def light(pixels, gain=0.3, bias=25, tint=0.08, grey=0.1):
    """Changes contrast, brightness and colour of float [B, 3, H, W] of 0..255, in place."""
    n = len(pixels)
    few = torch.rand(n) < grey
    pixels[few] = pixels[few].mean(1, keepdim=True)
    contrast = (1 + _uniform((n, 1, 1, 1), gain)) * (1 + _uniform((n, 3, 1, 1), tint))
    middle = pixels.mean((1, 2, 3), keepdim=True)
    offset = middle * (1 - contrast) + _uniform((n, 1, 1, 1), bias)
    return pixels.mul_(contrast).add_(offset).clamp_(0, 255)


def erase(pixels, share=0.2, largest=0.4):
    """Fills a random rectangle of a share of the batch with one random grey, in place."""
    side = pixels.shape[-1]
    for i in torch.randperm(len(pixels))[:int(len(pixels) * share)].tolist():
        w, h = (torch.empty(2).uniform_(0.1, largest) * side).int().tolist()
        x, y = (torch.rand(2) * torch.tensor([side - w, side - h])).int().tolist()
        pixels[i, :, y:y + h, x:x + w] = float(torch.rand(1)) * 255
    return pixels


def _uniform(shape, limit):
    return torch.empty(shape).uniform_(-limit, limit)
