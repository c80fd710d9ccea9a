# SPDX-License-Identifier: LGPL-2.1-or-later
"""Embeds the training pictures with the teacher, once, on all cores.

The pictures are every crop, and as many mixtures of two training crops, which lie between two
persons and tell the student more of the teacher's function than 33,000 faces alone.
A crop's target is the unit-length mean of its and its mirror picture's embedding, a mixture's
its embedding. Of crops and their mirror pictures the teacher's feature maps are kept too, at the
resolution of the student's. An interrupted run goes on where it stopped.
"""
import multiprocessing
import pathlib
import time

import cv2
import numpy as np

import torch
from torch.nn import functional as F

import crops

# Layers of MobileFaceNet y1 as OpenCV names them: the sums before its last two changes of
# resolution, 128 channels of 14 x 14 and 7 x 7 cells; and the cells of the student's maps.
MAPS = (("onnx_node!_plus9", 8), ("onnx_node!_plus11", 4))
MAP_CHANNELS = 128
CHUNK = 512
BATCH = 16


def unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def embed(net, pixels):
    """Unit-length embeddings [n, d] of uint8 RGB crops [n, 112, 112, 3] with the teacher, and its
    maps as float16 [n, cells, cells, channels]."""
    names = [name for name, _ in MAPS] + [net.getUnconnectedOutLayersNames()[0]]
    parts = []
    for start in range(0, len(pixels), BATCH):
        batch = pixels[start:start + BATCH].transpose(0, 3, 1, 2).astype(np.float32)
        net.setInput(np.ascontiguousarray(batch))
        *maps, vectors = net.forward(names)
        parts.append([vectors.reshape(len(batch), -1).copy()] +
                     [_resized(m, cells) for m, (_, cells) in zip(maps, MAPS)])
    vectors, *maps = (np.concatenate(column) for column in zip(*parts))
    return unit(vectors), maps


def _resized(values, cells):
    values = F.interpolate(torch.from_numpy(values.copy()), cells, mode="bilinear", antialias=True)
    return values.permute(0, 2, 3, 1).half().numpy()


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


def _map_files(folder):
    return [folder / f"map{cells}.npy" for _, cells in MAPS]


def _start(model, pictures, folder):
    global _net, _pictures, _folder
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    _net, _pictures, _folder = cv2.dnn.readNetFromONNX(str(model)), pictures, folder


def _chunk(bounds):
    start, end = bounds
    file = _folder / f"{start:07d}-{end:07d}.npy"
    if not file.exists():
        part = np.stack([_pictures[i] for i in range(start, end)])
        vectors, maps = embed(_net, part)
        if start < len(_pictures.pixels):
            mirrored, mirrored_maps = embed(_net, part[:, :, ::-1])
            vectors = unit(vectors + mirrored)
            for file_of_maps, plain, mirror in zip(_map_files(_folder), maps, mirrored_maps):
                kept = np.load(file_of_maps, mmap_mode="r+")
                kept[start:end, 0], kept[start:end, 1] = plain, mirror
                kept.flush()
        partial = file.with_suffix(".tmp.npy")
        np.save(partial, vectors)
        partial.rename(file)
    return file


def targets(data, model, cache, limit=None, mixtures=None):
    """(Pictures, float32 [N + mixtures, 128] teacher embeddings, maps), computed where not there yet.

    maps: float16 [N, 2, cells, cells, channels] for each of MAPS, of a crop and its mirror picture.
    mixtures: their number, as many as crops where None. limit: as in crops.load.
    """
    cache = pathlib.Path(cache)
    names, pixels = crops.load(data, cache, limit)
    mixtures = len(names) if mixtures is None else mixtures
    pictures = Pictures(names, pixels, mixtures)
    folder = cache / "teacher-{}-{}".format(crops.signature(names), pathlib.Path(model).stem)
    folder.mkdir(exist_ok=True)
    for file, (_, cells) in zip(_map_files(folder), MAPS):
        if not file.exists():
            np.lib.format.open_memmap(file, "w+", np.float16, (len(names), 2, cells, cells, MAP_CHANNELS))
    edges = sorted({*range(0, len(names), CHUNK), *range(len(names), len(pictures), CHUNK), len(pictures)})
    begun, files = time.time(), []
    with multiprocessing.Pool(None, _start, (model, pictures, folder)) as pool:
        for file in pool.imap(_chunk, zip(edges, edges[1:])):
            files.append(file)
            print(f"teacher {len(files)}/{len(edges) - 1} {time.time() - begun:.0f} s", flush=True)
    maps = [np.load(f, mmap_mode="r") for f in _map_files(folder)]
    return pictures, np.concatenate([np.load(f) for f in files]), maps
