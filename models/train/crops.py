# SPDX-License-Identifier: LGPL-2.1-or-later
"""Aligned face crops: reading them from zip files once, splitting them, and the template they follow."""
import os
import pathlib
import zipfile
import zlib

import cv2
import numpy as np

# Five points (right eye, left eye, nose, right and left mouth corner as the viewer sees them
# from left to right) of the 112 x 112 template, pixels.
TEMPLATE_112 = np.array(
    [[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], np.float32)

HELD_OUT_SHARE = 0.04


def shared_folder():
    """Folder of the reference material: FACEREC_SHARED, or ../shared beside the repository."""
    root = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(os.environ.get("FACEREC_SHARED", root.parent / "shared"))


def present(data):
    """Whether the folder holds anything that load() reads."""
    return next(_entries(pathlib.Path(data)), None) is not None


def load(data, cache, limit=None):
    """Decodes every JPEG of data/*.zip, or of a folder of 112 x 112 pictures.

    Returns (names, pixels): N file names in a fixed order and uint8 [N, 112, 112, 3], RGB.
    The pixels are kept in the cache and mapped from there on the next call.
    limit: use only so many crops for training, and all held-out ones.
    """
    cache = pathlib.Path(cache)
    cache.mkdir(parents=True, exist_ok=True)
    entries = list(_entries(pathlib.Path(data)))
    if limit is not None:
        held = split([name for name, _ in entries])
        entries = [e for e, keep in zip(entries, held | (np.cumsum(~held) <= limit)) if keep]
    names = [name for name, _ in entries]
    file = cache / f"crops-{signature(names)}.npy"
    if not file.exists():
        partial = file.with_suffix(".partial")
        pixels = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(names), 112, 112, 3))
        for i, (name, read) in enumerate(entries):
            picture = cv2.imdecode(np.frombuffer(read(), np.uint8), cv2.IMREAD_COLOR)
            if picture is None or picture.shape != (112, 112, 3):
                raise SystemExit(f"{name}: not a 112 x 112 colour picture")
            pixels[i] = picture[:, :, ::-1]
        pixels.flush()
        partial.rename(file)
    return names, np.load(file, mmap_mode="r")


def signature(names):
    """Short text that names this list of crops."""
    return f"{len(names)}-{zlib.crc32(chr(10).join(names).encode()):08x}"


def split(names):
    """Boolean [N]: True for the crops held out of training, chosen by their names alone."""
    return np.array([zlib.crc32(n.encode()) % 10000 < HELD_OUT_SHARE * 10000 for n in names])


def _entries(data):
    for archive in sorted(data.glob("*.zip")):
        opened = zipfile.ZipFile(archive)
        for name in sorted(n for n in opened.namelist() if n.lower().endswith((".jpg", ".png"))):
            yield name, lambda z=opened, n=name: z.read(n)
    for file in sorted(f for f in data.rglob("*") if f.suffix.lower() in (".jpg", ".png")):
        yield file.relative_to(data).as_posix(), file.read_bytes
