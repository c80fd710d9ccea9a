"""Training samples of the landmark network: faces on other grounds, and what is no face."""
import math
import multiprocessing
import pathlib

import cv2
import numpy as np

import crops
from landmark_net import SIZE, square
from yunet import YuNet

MARGIN = 40
MIRRORED = [1, 0, 2, 4, 3]


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
    _detector, _pixels = YuNet(model, (192, 192)), pixels


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


def grounds(folders, model):
    """uint8 RGB photos without a face (as YuNet says) of the folders, at most 1024 pixels wide."""
    detector, photos = YuNet(model, (640, 640), 0.5), []
    for file in sorted(f for folder in folders for f in pathlib.Path(folder).rglob("*")):
        if file.suffix.lower() not in (".jpg", ".jpeg", ".png", ".webp"):
            continue
        photo = cv2.imread(str(file))
        if photo is None or min(photo.shape[:2]) < 160:
            continue
        scale = min(1, 1024 / max(photo.shape[:2]))
        photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if not len(detector(photo)):
            photos.append(np.ascontiguousarray(photo[:, :, ::-1]))
    return photos


class Samples:
    """Draws samples. index: of the crops to use; boxes, points: as faces() gives them."""

    def __init__(self, pixels, boxes, points, index, photos):
        self.pixels, self.boxes, self.points = pixels, boxes, points
        self.index, self.photos = index, photos

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
        kind = random.choice(6, p=[0.35, 0.2, 0.15, 0.1, 0.1, 0.1])
        if kind == 0:
            return self._ground(random)
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
            mask = cv2.warpAffine(_MASKS[random.integers(len(_MASKS))], matrix, (SIZE, SIZE))[:, :, None]
            picture = (picture * mask + self._ground(random) * (1 - mask)).astype(np.uint8)
        points = points @ linear.T + matrix[:, 2]
        if random.random() < 0.5:
            picture, points = picture[:, ::-1], points[MIRRORED] * [-1, 1] + [SIZE - 1, 0]
        return picture, (points + 0.5) / SIZE

    def _ground(self, random):
        if not self.photos or random.random() < 0.1:
            return _drawn(random)
        photo = self.photos[random.integers(len(self.photos))]
        side = int(math.exp(random.uniform(math.log(24), math.log(min(photo.shape[:2])))))
        x, y = random.integers(photo.shape[1] - side + 1), random.integers(photo.shape[0] - side + 1)
        part = photo[y:y + side, x:x + side]
        if random.random() < 0.5:
            part = part[:, ::-1]
        return cv2.resize(part, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


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


_MASKS = list(_masks())
