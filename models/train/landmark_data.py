# SPDX-License-Identifier: LGPL-2.1-or-later
"""Training samples of the landmark network: faces on other grounds, and what is no face."""
import math
import multiprocessing
import pathlib

import cv2
import numpy as np

import crops
from landmark_net import ENLARGE, SIZE, square
from yunet import MIRRORED, Looks, YuNet

MARGIN = 40
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"


def faces(pixels, names, model, cache):
    """YuNet's face of every crop: (float32 [N, 4] boxes, float32 [N, 5, 2] points, bool [N] found).

    Coordinates are of the crop. Not found: no face with a score of 0.6 whose points lie within
    12 pixels of the template.
    """
    file = pathlib.Path(cache) / f"faces-{crops.signature(names)}.npy"
    if not file.exists():
        parts = [slice(s, s + 500) for s in range(0, len(pixels), 500)]
        with multiprocessing.Pool(None, _start, (model, pixels)) as pool:
            np.save(file, np.concatenate(pool.map(_find, parts)))
    rows = np.load(file)
    return rows[:, :4], rows[:, 4:14].reshape(-1, 5, 2), rows[:, 14] > 0


def _start(model, pixels):
    global _detector, _pixels
    cv2.setNumThreads(1)
    _detector, _pixels = Looks(model, (1, 1.5, 2)), pixels


def _find(part):
    rows = np.zeros((len(_pixels[part]), 15), np.float32)
    for row, crop in zip(rows, _pixels[part]):
        canvas = cv2.copyMakeBorder(crop[:, :, ::-1], *[MARGIN] * 4, cv2.BORDER_REPLICATE)
        for face in _detector(canvas):
            face[[0, 1, *range(4, 14)]] -= MARGIN
            if np.abs(face[4:14].reshape(5, 2) - crops.TEMPLATE_112).max() < 12:
                row[:] = face
                break
    return rows


class Grounds:
    """uint8 RGB photos without a face (as YuNet says) of the folders, at most 1024 pixels wide.

    photos: each as a list of itself, its half, its quarter ...; alarms: squares (photo, x, y, side)
    in which OpenCV's Haar cascade sees a face all the same.
    """

    def __init__(self, folders, model):
        detector, cascade = YuNet(model, (640, 640), 0.5), cv2.CascadeClassifier(CASCADE)
        self.photos, self.alarms = [], []
        for file in sorted(f for folder in folders for f in pathlib.Path(folder).rglob("*")):
            photo = cv2.imread(str(file)) if file.suffix.lower() in PICTURES else None
            if photo is None or min(photo.shape[:2]) < 160:
                continue
            scale = min(1, 1024 / max(photo.shape[:2]))
            photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            if len(detector(photo)):
                continue
            grey = cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)
            for x, y, side, _ in cascade.detectMultiScale(grey, 1.15, 0, minSize=(28, 28)):
                self.alarms.append((len(self.photos), x, y, side))
            self.photos.append([np.ascontiguousarray(photo[:, :, ::-1])])
            while min(self.photos[-1][-1].shape[:2]) >= 2 * SIZE:
                last = self.photos[-1][-1]
                self.photos[-1].append(cv2.resize(last, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))

    def any(self, random):
        """uint8 [64, 64, 3]: some square of some photo."""
        i = random.integers(len(self.photos))
        height, width = self.photos[i][0].shape[:2]
        side = math.exp(random.uniform(math.log(24), math.log(min(height, width))))
        return self._square(i, random.uniform(0, width - side), random.uniform(0, height - side), side, random)

    def alarm(self, random):
        """uint8 [64, 64, 3]: one of the Haar cascade's false alarms."""
        i, x, y, side = self.alarms[random.integers(len(self.alarms))]
        x, y = np.array([x, y]) + side / 2 + side * random.normal(0, 0.06, 2)
        side *= ENLARGE * math.exp(random.normal(0, 0.12))
        return self._square(i, x - side / 2, y - side / 2, side, random)

    def _square(self, i, x, y, side, random):
        level = min(max(0, int(math.log2(side / SIZE))), len(self.photos[i]) - 1)
        photo, scale = self.photos[i][level], SIZE / side
        matrix = np.array([[scale, 0, -scale * x], [0, scale, -scale * y]])
        matrix[:, :2] *= 2 ** level
        part = cv2.warpAffine(photo, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
        return part[:, ::-1] if random.random() < 0.5 else part


class Samples:
    """Draws samples. index: of the crops to use; boxes, points: as faces() gives them."""

    def __init__(self, pixels, boxes, points, index, grounds):
        self.pixels, self.boxes, self.points = pixels, boxes, points
        self.index, self.grounds = index, grounds

    def face(self, random):
        """(uint8 [64, 64, 3], float [5, 2] in shares of the side) seen from a jittered box."""
        i = random.choice(self.index)
        turn = math.radians(random.normal(0, 14) if random.random() < 0.8 else random.uniform(-45, 45))
        shift = random.normal(0, 0.06, 2).clip(-0.15, 0.15)
        zoom = math.exp(random.normal(-0.02, 0.12))
        border = random.choice([cv2.BORDER_REFLECT_101, cv2.BORDER_REPLICATE])
        return self._placed(i, turn, zoom, shift, random, border)

    def other(self, random):
        """uint8 [64, 64, 3] that shows no face, or less than a third of one, or one far too small."""
        kind = random.choice(7, p=[0.3, 0.15, 0.1, 0.1, 0.05, 0.05, 0.25])
        if kind == 0:
            return self._ground(random)
        if kind == 6 and self.grounds.alarms:
            return self.grounds.alarm(random)
        turn = math.radians(random.uniform(-40, 40))
        i = random.choice(self.index)
        if kind == 1:
            way, far = random.uniform(0, 2 * math.pi), random.uniform(0.6, 1.1)
            shift = far * np.array([math.cos(way), math.sin(way)])
            return self._placed(i, turn, math.exp(random.normal(0, 0.2)), shift, random)[0]
        if kind == 2:
            return self._placed(i, turn, random.uniform(0.2, 0.45), random.uniform(-0.4, 0.4, 2), random)[0]
        if kind == 3:
            return self._placed(i, turn, random.uniform(2.2, 4), random.uniform(-0.5, 0.5, 2), random)[0]
        if kind == 4:
            return _scrambled(self.pixels[i], random)
        return _drawn(random)

    def _placed(self, i, turn, zoom, shift, random, border=cv2.BORDER_REPLICATE):
        """The face i, turned about its box's middle, in a square of zoom times the proper side that
        is moved by shift, in shares of the proper side."""
        crop, points = self.pixels[i], self.points[i]
        x, y, side = square(self.boxes[i])
        middle = np.array([x + side / 2, y + side / 2])
        if random.random() < 0.35:
            small = random.uniform(0.15, 0.5)
            tiny = cv2.resize(crop, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
            crop = cv2.resize(tiny, (112, 112), interpolation=cv2.INTER_LINEAR)
        scale = SIZE / (side * zoom)
        cos, sin = scale * math.cos(turn), scale * math.sin(turn)
        linear = np.array([[cos, -sin], [sin, cos]])
        centre = SIZE / 2 - 0.5 + shift * side * scale
        matrix = np.column_stack([linear, centre - linear @ middle])
        picture = cv2.warpAffine(crop, matrix, (SIZE, SIZE), borderMode=border)
        if random.random() < 0.75:
            mask = cv2.warpAffine(MASKS[random.integers(len(MASKS))], matrix, (SIZE, SIZE))[:, :, None]
            picture = (picture * mask + self._ground(random) * (1 - mask)).astype(np.uint8)
        points = points @ linear.T + matrix[:, 2]
        if random.random() < 0.5:
            picture, points = picture[:, ::-1], points[MIRRORED] * [-1, 1] + [SIZE - 1, 0]
        return picture, (points + 0.5) / SIZE

    def _ground(self, random):
        if not self.grounds.photos or random.random() < 0.1:
            return _drawn(random)
        return self.grounds.any(random)


def _scrambled(crop, random):
    """The crop's tiles in another order."""
    n = int(random.choice([2, 4, 7]))
    tiles = np.asarray(crop).reshape(n, 112 // n, n, 112 // n, 3).swapaxes(1, 2).reshape(n * n, 112 // n, -1, 3)
    order = np.roll(np.arange(n * n), 1) if n == 2 else random.permutation(n * n)
    mixed = tiles[order].reshape(n, n, 112 // n, 112 // n, 3).swapaxes(1, 2).reshape(112, 112, 3)
    return cv2.resize(mixed, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def _drawn(random):
    """Noise of a random coarseness, and on it a few random ellipses and lines."""
    cells = int(random.integers(2, 33))
    noise = random.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
    noise = cv2.addWeighted(noise, random.uniform(0.1, 1), np.full_like(noise, random.integers(256)), 0.4, 0)
    picture = cv2.resize(noise, (SIZE, SIZE), interpolation=int(random.integers(3)))
    for _ in range(random.integers(6)):
        colour = random.integers(0, 256, 3).tolist()
        a, b = random.integers(0, SIZE, (2, 2)).tolist()
        if random.random() < 0.5:
            cv2.line(picture, a, b, colour, int(random.integers(1, 6)))
        else:
            cv2.ellipse(picture, a, (b[0] // 2 + 1, b[1] // 2 + 1), int(random.integers(180)), 0, 360, colour, -1)
    return picture


def _masks():
    """Soft masks [112, 112] of what belongs to the face: the whole crop, and ellipses around it."""
    yield cv2.GaussianBlur(np.pad(np.ones((100, 100), np.float32), 6), (0, 0), 2)
    for width, height in ((44, 58), (50, 64), (54, 72)):
        mask = np.zeros((112, 112), np.float32)
        cv2.ellipse(mask, (56, 62), (width, height), 0, 0, 360, 1, -1)
        mask[[0, 1, 2, -3, -2, -1]] = 0
        mask[:, [0, 1, 2, -3, -2, -1]] = 0
        yield cv2.GaussianBlur(mask, (0, 0), 2.5)


MASKS = list(_masks())
