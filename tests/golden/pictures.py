# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pictures that the reference and the tested code look at; golden_pictures.h makes the same.

A picture is described by a dictionary:
  {"formula": seed, "size": [width, height]}: coloured waves, in integers
  {"size": [width, height], "parts": [part, ...]}: regions of photos on black, each unscaled or
      averaged over squares of "shrink" pixels, so that nothing depends on a way to resample; a part
      is {"photo": file, "region": [x, y, width, height], "shrink": n, "at": [x, y]}
  {"photo": file}: the photo
Photos are named by their path in the reference material.
"""
import cv2
import numpy as np


class Pictures:
    def __init__(self, folder):
        self.folder = folder

    def __call__(self, description):
        """uint8 [height, width, 3], BGR."""
        if "formula" in description:
            return waves(description["formula"], *description["size"])
        if "photo" in description:
            return self.photo(description["photo"])
        width, height = description["size"]
        canvas = np.zeros((height, width, 3), np.uint8)
        for part in description["parts"]:
            x, y, w, h = part["region"]
            shown = shrink(self.photo(part["photo"])[y:y + h, x:x + w], part["shrink"])
            left, top = part["at"]
            canvas[top:top + len(shown), left:left + shown.shape[1]] = shown
        return canvas

    def photo(self, name):
        photo = cv2.imread(str(self.folder / name))
        if photo is None:
            raise SystemExit(f"{self.folder / name}: no such photo")
        return photo


def waves(seed, width, height):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    channels = []
    for c in range(3):
        straight = triangle((3 + c) * x + (5 - c) * y + 85 * c + 40 * seed)
        curved = triangle(x * y // (6 + c + seed) + 60 * c)
        channels.append((straight + curved) * (8 - 2 * c) // 16)
    return np.stack(channels, 2).astype(np.uint8)


def triangle(t):
    """Rises from 0 to 255 and falls again, with the period 510."""
    return np.minimum(t % 510, 510 - t % 510)


def shrink(picture, by):
    """Means of squares, rounded half up; both sides are multiples of `by`."""
    height, width = picture.shape[0] // by, picture.shape[1] // by
    sums = picture.reshape(height, by, width, by, 3).astype(int).sum((1, 3))
    return ((sums + by * by // 2) // (by * by)).astype(np.uint8)
