"""Embeds the training pictures with the teacher, once, on all cores.

The pictures are every crop, and as many mixtures of two training crops, which lie between two
persons and tell the student more of the teacher's function than 33,000 faces alone.
A crop's target is the unit-length mean of its and its mirror picture's embedding, a mixture's
its embedding. An interrupted run goes on where it stopped.
"""
import multiprocessing
import pathlib
import time

import cv2
import numpy as np

import crops

CHUNK = 512
BATCH = 16


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def embed(net, pixels):
    """Unit-length embeddings [n, d] of uint8 RGB crops [n, 112, 112, 3] with the teacher."""
    parts = []
    for start in range(0, len(pixels), BATCH):
        batch = pixels[start:start + BATCH].transpose(0, 3, 1, 2).astype(np.float32)
        net.setInput(np.ascontiguousarray(batch))
        parts.append(net.forward().reshape(len(batch), -1).copy())
    return unit(np.concatenate(parts))


class Pictures:
    """The training pictures by index: N crops, then the mixtures.

    names: N file names, pixels: uint8 [N, 112, 112, 3] RGB, mixtures: their number.
    held_out: boolean [N + mixtures], never true of a mixture.
    """

    def __init__(self, names, pixels, mixtures):
        self.pixels = pixels
        held = crops.split(names)
        random = np.random.default_rng(1)
        self.pair = random.choice(np.flatnonzero(~held), (mixtures, 2))
        self.share = random.uniform(0.35, 0.65, mixtures)
        self.held_out = np.concatenate([held, np.zeros(mixtures, bool)])

    def __len__(self):
        return len(self.held_out)

    def __getitem__(self, i):
        """uint8 [112, 112, 3], RGB."""
        m = i - len(self.pixels)
        if m < 0:
            return self.pixels[i]
        (a, b), share = self.pair[m], self.share[m]
        return cv2.addWeighted(self.pixels[a], share, self.pixels[b], 1 - share, 0)


def _start(model, pictures, folder):
    global _net, _pictures, _folder
    cv2.setNumThreads(1)
    _net, _pictures, _folder = cv2.dnn.readNetFromONNX(str(model)), pictures, folder


def _chunk(bounds):
    start, end = bounds
    file = _folder / f"{start:07d}-{end:07d}.npy"
    if not file.exists():
        part = np.stack([_pictures[i] for i in range(start, end)])
        vectors = embed(_net, part)
        if start < len(_pictures.pixels):
            vectors = unit(vectors + embed(_net, part[:, :, ::-1]))
        partial = file.with_suffix(".tmp.npy")
        np.save(partial, vectors)
        partial.rename(file)
    return file


def targets(data, model, cache, limit=None, mixtures=None):
    """(Pictures, float32 [N + mixtures, 128] teacher embeddings), computed where not there yet.

    mixtures: their number, as many as crops where None. limit: as in crops.load.
    """
    cache = pathlib.Path(cache)
    names, pixels = crops.load(data, cache, limit)
    mixtures = len(names) if mixtures is None else mixtures
    pictures = Pictures(names, pixels, mixtures)
    folder = cache / "teacher-{}-{}".format(crops.signature(names), pathlib.Path(model).stem)
    folder.mkdir(exist_ok=True)
    edges = sorted({*range(0, len(names), CHUNK), *range(len(names), len(pictures), CHUNK), len(pictures)})
    begun, files = time.time(), []
    with multiprocessing.Pool(None, _start, (model, pictures, folder)) as pool:
        for file in pool.imap(_chunk, zip(edges, edges[1:])):
            files.append(file)
            print(f"teacher {len(files)}/{len(edges) - 1} {time.time() - begun:.0f} s", flush=True)
    return pictures, np.concatenate([np.load(f) for f in files])
