# SPDX-License-Identifier: LGPL-2.1-or-later
"""Labelled photos of faces, and training samples of the detection network made from them."""
import csv
import collections
import math
import multiprocessing
import pathlib
import zipfile

import cv2
import numpy as np

import crops
import landmark_data
from yunet import MIRRORED, STRIDES, Looks, YuNet, overlaps

TEACHER_SCALES = 2, 1.4
SURE, DOUBTFUL = 0.75, 0.4   # the teacher's scores: a face, and one that is neither face nor ground
LEAST, LARGEST = 8, 240      # sides of faces, pixels of the sample; smaller ones are ignored
WIDER = 0.15                 # limit of the logarithm by which a sample is wider than its photo
PORTRAITS, PORTRAIT = 0.25, 28   # their share of the samples, and the least side of a crop
NOBODY = np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0, bool)  # boxes, points, doubtful


class Photos:
    """uint8 RGB photos [H, W, 3] of data/wider-*.zip, decoded once into the cache, and their faces.

    names: their file names; boxes: float32 [F, 4] (x, y, width, height); points: float32 [F, 5, 2], NaN
    where the teacher saw no such face; doubtful: bool [F], faces of which nobody is sure. Pixels.
    """

    def __init__(self, data, cache, model, limit=None):
        data, cache = pathlib.Path(data), pathlib.Path(cache)
        labels = collections.defaultdict(list)
        with open(data / "wider-boxes.csv", newline="") as file:
            for row in csv.DictReader(file):
                labels[row["image"]].append([float(row[k]) for k in ("x", "y", "width", "height")])
        entries = [(archive, name) for archive in sorted(data.glob("wider-*.zip"))
                   for name in sorted(zipfile.ZipFile(archive).namelist()) if name in labels]
        if limit is not None:
            entries = [entries[i] for i in np.linspace(0, len(entries) - 1, limit).astype(int)]
        self.names = [name for _, name in entries]
        cache.mkdir(parents=True, exist_ok=True)
        kept = cache / f"photos-{crops.signature(self.names)}.npz"
        self.pixels_file = kept.with_suffix(".rgb")
        if not kept.exists():
            with multiprocessing.Pool(None, _start, (model,)) as pool, open(self.pixels_file, "wb") as pixels:
                shapes, rows = [], []
                for i, (photo, found) in enumerate(pool.imap(_read, entries)):
                    photo.tofile(pixels)
                    shapes.append(photo.shape)
                    rows += [[i, *row] for row in merged(np.array(labels[self.names[i]]), found)]
            np.savez(kept, shapes=np.array(shapes), rows=np.array(rows, np.float32))
        with np.load(kept) as arrays:
            self.shapes, rows = arrays["shapes"], arrays["rows"]
        self.offsets = np.concatenate([[0], np.cumsum(self.shapes.prod(1))])
        self.pixels = np.memmap(self.pixels_file, np.uint8, "r")
        edges = np.searchsorted(rows[:, 0], np.arange(len(self.names) + 1))
        parts = [rows[a:b, 1:] for a, b in zip(edges, edges[1:])]
        self.boxes = [part[:, :4] for part in parts]
        self.points = [part[:, 4:14].reshape(-1, 5, 2) for part in parts]
        self.doubtful = [part[:, 14] > 0 for part in parts]

    def __len__(self):
        return len(self.names)

    def __getitem__(self, i):
        return self.pixels[self.offsets[i]:self.offsets[i + 1]].reshape(self.shapes[i])


def _start(model):
    global _teacher
    cv2.setNumThreads(1)
    _teacher = Looks(model, TEACHER_SCALES, DOUBTFUL, 0.45)


def _read(entry):
    archive, name = entry
    with zipfile.ZipFile(archive) as opened:
        photo = cv2.imdecode(np.frombuffer(opened.read(name), np.uint8), cv2.IMREAD_COLOR)
    return photo[:, :, ::-1], _teacher(photo)


def merged(labels, found):
    """Rows of (box, points, doubtful) of the labelled boxes [L, 4] and the teacher's finds [F, 15]."""
    rows = np.full((len(labels), 15), np.nan)
    rows[:, :4], rows[:, 14] = labels, 0
    shared = overlaps(labels, found[:, :4])
    for f in np.argsort(-found[:, 14]):
        best = int(np.argmax(shared[:, f]))
        if shared[best, f] >= 0.45:
            if np.isnan(rows[best, 4]):
                rows[best, 4:14] = found[f, 4:14]
            continue
        doubtful = found[f, 14] < SURE or shared[best, f] > 0.2
        rows = np.vstack([rows, [*found[f, :14], doubtful]])
    return rows


class Samples:
    """Draws training samples of `side` x `side` pixels from the photos of an index.

    The teacher also looks at each sample itself, unless that is turned, which it does not follow.
    """

    def __init__(self, photos, index, portraits, grounds, side, model):
        """index: of the photos to use; portraits: (uint8 [P, 112, 112, 3] aligned crops, boxes [P, 4],
        points [P, 5, 2], index of those to use)."""
        self.photos, self.portraits, self.grounds, self.side = photos, portraits, grounds, side
        cv2.setNumThreads(1)
        self.teacher = YuNet(model, (side, side))
        self.index = np.array([i for i in index if len(photos.boxes[i])])

    def draw(self, random):
        """(uint8 RGB [side, side, 3], boxes [F, 4], points [F, 5, 2], ignored [F], the teacher's rows of
        its cells [N, 15], of NaN where it was not asked); pixels."""
        turn = math.radians(random.uniform(-30, 30)) if random.random() < 0.4 else 0.0
        if random.random() < PORTRAITS:
            sample = self._portraits(random, turn)
        elif random.random() < 0.05:
            sample = self._ground(random, turn)
        elif random.random() < 0.25:
            sample = self._mosaic(random, turn)
        else:
            sample = self._part(random, self.side, LARGEST, turn)
        picture, *faces = sample
        seen = np.full((sum((self.side // s) ** 2 for s in STRIDES), 15), np.nan)
        if not turn:
            seen = self.teacher.cells(np.ascontiguousarray(picture[:, :, ::-1]))
        return degraded(picture, random), *faces, seen.astype(np.float32)

    def _ground(self, random, turn):
        if not self.grounds.photos:
            return np.full((self.side, self.side, 3), random.integers(0, 256, 3), np.uint8), *NOBODY
        photo = self.grounds.photos[random.integers(len(self.grounds.photos))][0]
        return self._crop(photo, *NOBODY, random, self.side, math.exp(random.uniform(-0.7, 0.5)), None, turn)

    def _portraits(self, random, turn):
        """Aligned crops, of many more people than the photos show, and a few squares without a face, on a ground."""
        picture, *_ = self._ground(random, turn)
        pixels, boxes, points, index = self.portraits
        faces = [(np.zeros((0, 2)), np.zeros((0, 2)), *NOBODY[1:])]
        for _ in range(random.integers(1, 7)):
            i = random.choice(index)
            other = self.grounds.photos and random.random() < 0.2
            pasted = self.grounds.any(random) if other else pixels[i]
            zoom = math.exp(random.uniform(math.log(PORTRAIT), math.log(min(LARGEST, self.side)))) / len(pasted)
            linear = stretched(zoom, turn + math.radians(random.normal(0, 6)), random)
            if random.random() < 0.5:
                linear[:, 0] *= -1
            offset = random.uniform(0.1, 0.9, 2) * self.side - linear.sum(1) * len(pasted) / 2
            matrix = np.column_stack([linear, offset])
            covered = paste(picture, pasted, matrix, random)
            for middles, _, _, doubtful in faces:
                doubtful |= ((middles > covered[:2]) & (middles < covered[2:])).all(1)
            if not other:
                faces.append((*moved(matrix, boxes[i:i + 1], points[i:i + 1]), np.zeros(1, bool)))
        return picture, *visible(*(np.concatenate(parts) for parts in zip(*faces)), self.side)

    def _part(self, random, side, largest, turn):
        i = random.choice(self.index)
        photo, boxes, points, doubtful = (self.photos[i], self.photos.boxes[i], self.photos.points[i],
                                          self.photos.doubtful[i])
        face = boxes[random.integers(len(boxes))]
        own = math.sqrt(face[2] * face[3])
        if random.random() < 0.35:
            zoom = math.exp(random.uniform(-0.6, 0.5))
        else:
            zoom = math.exp(random.uniform(math.log(LEAST), math.log(largest))) / own
        zoom = np.clip(zoom, 0.85 * side / max(photo.shape[:2]), 4)
        return self._crop(photo, boxes, points, doubtful, random, side, zoom, face, turn)

    def _crop(self, photo, boxes, points, doubtful, random, side, zoom, face, turn):
        """A part of a photo, zoomed and turned, with `face`, or any point, somewhere in it."""
        height, width = photo.shape[:2]
        if face is None:
            focus = random.uniform(0, 1, 2) * [width, height]
        else:
            focus = face[:2] + face[2:] / 2
        level = 1
        while zoom * level < 0.6:
            level *= 2
        small = photo
        if level > 1:
            small = cv2.resize(photo, (max(1, width // level), max(1, height // level)), interpolation=cv2.INTER_AREA)
        linear = stretched(zoom, turn, random)
        target = random.uniform(0.1, 0.9, 2) * side
        if not turn:
            # Where the photo fills the sample, let it.
            for axis, extent in enumerate((width, height)):
                high = focus[axis] * linear[axis, axis]
                low = side - extent * linear[axis, axis] + high
                target[axis] = np.clip(target[axis], min(low, high), max(low, high))
        offset = target - linear @ focus
        matrix = np.column_stack([linear, offset])
        if random.random() < 0.5:
            matrix = np.array([[-1, 0], [0, 1]]) @ matrix + [[0, 0, side], [0, 0, 0]]
        scaled = edges(matrix * [width / small.shape[1], height / small.shape[0], 1])
        border = [cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE][random.integers(2)]
        fill = random.integers(0, 256, 3).tolist() if random.random() < 0.5 else [0, 0, 0]
        picture = cv2.warpAffine(np.ascontiguousarray(small), scaled, (side, side), flags=cv2.INTER_LINEAR,
                                 borderMode=border, borderValue=fill)
        return picture, *visible(*moved(matrix, boxes, points), doubtful, side)

    def _mosaic(self, random, turn):
        """Four parts of photos with small faces, side by side."""
        half, pictures, faces = self.side // 2, [], []
        for corner in ((0, 0), (1, 0), (0, 1), (1, 1)):
            picture, boxes, points, ignored = self._part(random, half, LARGEST / 3, turn)
            shift = np.array(corner) * half
            boxes[:, :2] += shift
            pictures.append(picture)
            faces.append((boxes, points + shift, ignored))
        rows = [np.concatenate(pictures[:2], 1), np.concatenate(pictures[2:], 1)]
        return np.concatenate(rows), *(np.concatenate(parts) for parts in zip(*faces))


def stretched(zoom, turn, random):
    """[2, 2] that zooms, turns by radians and widens somewhat, or narrows."""
    linear = zoom * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    linear[:, 0] *= math.exp(random.uniform(-WIDER, WIDER))
    return linear


def moved(matrix, boxes, points):
    """(middles [F, 2], extents [F, 2], points [F, 5, 2]) of faces where the matrix [2, 3] puts them, which
    may mirror."""
    linear, offset = matrix[:, :2], matrix[:, 2]
    middles = (boxes[:, :2] + boxes[:, 2:] / 2) @ linear.T + offset
    # The box of the turned ellipse in the box.
    extents = np.sqrt(boxes[:, 2:] ** 2 @ (linear ** 2).T)
    points = points @ linear.T + offset
    return middles, extents, points[:, MIRRORED] if np.linalg.det(linear) < 0 else points


def edges(matrix):
    """The matrix that maps pixels' indices, of one that maps places: pixel centres lie at half coordinates."""
    matrix = matrix.copy()
    matrix[:, 2] += matrix[:, :2].sum(1) / 2 - 0.5
    return matrix


def paste(picture, crop, matrix, random):
    """Puts a square crop where the matrix [2, 3] says, softly ended; returns what it covers (x0, y0, x1, y1)."""
    reach = np.abs(matrix[:, :2]).sum(1) * len(crop) / 2
    middle = matrix[:, :2].sum(1) * len(crop) / 2 + matrix[:, 2]
    low, high = (middle + [-reach, reach]).clip(0, picture.shape[1]).astype(int)
    matrix = edges(np.column_stack([matrix[:, :2], matrix[:, 2] - low]))
    mask = cv2.resize(landmark_data.MASKS[random.integers(len(landmark_data.MASKS))], crop.shape[:2])
    share = cv2.warpAffine(mask, matrix, high - low)[:, :, None]
    crop = cv2.warpAffine(np.ascontiguousarray(crop), matrix, high - low, borderMode=cv2.BORDER_REPLICATE)
    part = picture[low[1]:high[1], low[0]:high[0]]
    part[:] = crop * share + part * (1 - share)
    return np.concatenate([low, high])


def visible(middles, extents, points, doubtful, side):
    """(boxes, points, ignored) of the faces of which a fifth or more lies within the sample.

    Ignored: faces of which less than six tenths are visible, or smaller than LEAST, or doubtful.
    """
    low, high = (middles - extents / 2).clip(0, side), (middles + extents / 2).clip(0, side)
    share = (high - low).prod(1) / extents.prod(1).clip(1e-9)
    seen = share > 0.2
    boxes = np.concatenate([low, high - low], 1)
    ignored = doubtful | (share < 0.6) | (np.sqrt(boxes[:, 2:].prod(1)) < LEAST)
    return boxes[seen], points[seen], ignored[seen]


def degraded(picture, random):
    """The picture as a worse camera gives it: blurred, noisy, compressed; each now and then."""
    if random.random() < 0.12:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 2))
    if random.random() < 0.12:
        noise = random.integers(-128, 128, (64, 64, 3)).astype(np.float32) * random.uniform(0.02, 0.2)
        repeats = -(-picture.shape[0] // 64)
        noise = np.tile(noise, (repeats, repeats, 1))[:picture.shape[0], :picture.shape[1]]
        picture = (picture + noise).clip(0, 255).astype(np.uint8)
    if random.random() < 0.15:
        _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(15, 80))])
        picture = cv2.imdecode(code, cv2.IMREAD_COLOR)
    return picture
