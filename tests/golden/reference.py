#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes golden.json: what the networks give for known pictures, by other engines and other code.

README.md beside this file says what it needs.
"""
import argparse
import json
import os
import pathlib
import re
import textwrap

import numpy as np

import detectors
import embedders
import landmarkers
import pictures

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ["media/lfw10/Tony_Blair/Tony_Blair_0002.jpg",
          "media/lfw10/Gerhard_Schroeder/Gerhard_Schroeder_0006.jpg",
          "media/lfw10/Colin_Powell/Colin_Powell_0008.jpg"]


class Reference:
    def __init__(self, shared):
        self.models = shared / "models"
        self.picture = pictures.Pictures(shared)

    def everything(self):
        return {"embedders": {name: self.embedder(name) for name in embedders.PREPARATION},
                "landmarkers": {name: self.landmarker(name) for name in landmarkers.SIDES},
                "detectors": {name: self.detector(name) for name in detectors.CASES},
                "mtcnn stages": detectors.stages(self.models, self.picture)}

    def embedder(self, name):
        network = embedders.load(name, self.models, ROOT / "models")
        aligned = embedders.aligned(embedders.PREPARATION[name][0])
        vectors = embedders.vectors(name, network, [self.picture(each) for each in aligned])
        result = {"aligned": [{"picture": picture, "embedding": vector}
                              for picture, vector in zip(aligned, vectors)]}
        if name != "openface":  # it has a template of its own
            result["photos"] = [self.photo(name, network, photo) for photo in PHOTOS]
        return result

    def photo(self, name, network, file):
        photo = self.picture({"photo": file})
        canvas = np.zeros((640, 640, 3), np.uint8)
        canvas[:photo.shape[0], :photo.shape[1]] = photo
        points = detectors.load("yunet", self.models, ROOT / "models")(canvas, 0.6)[0]["points"]
        return {"picture": {"photo": file}, "points": points,
                "embedding": embedders.photo_vector(name, network, photo, points)}

    def landmarker(self, name):
        locate = landmarkers.load(name, self.models, ROOT / "models")
        return [{"picture": picture, **locate(self.picture(picture))}
                for picture in landmarkers.squares(name)]

    def detector(self, name):
        detect = detectors.load(name, self.models, ROOT / "models")
        threshold, cases = detectors.CASES[name]
        return {"threshold": threshold,
                "cases": [{"picture": picture, "faces": detect(self.picture(picture), threshold)}
                          for picture in cases]}


def plain(value):
    """Arrays as lists, numbers with seven digits."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(each) for each in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.7g}")
    return value


def layout(value):
    """JSON with lists of numbers in full lines."""
    def fill(match):
        indent = " " * (len(match.group(1)) + 2)
        return match.group(1) + textwrap.fill(" ".join(match.group(2).split()), 100,
                                              subsequent_indent=indent)
    text = json.dumps(value, indent=1)
    return re.sub(r"( *)([^\n\[]*\[[^\[\]{}\"]*\])", fill, text) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=pathlib.Path,
                        default=os.environ.get("FACEREC_SHARED", ROOT.parent / "shared"),
                        help="folder of the reference material")
    chosen = parser.parse_args()
    result = plain(Reference(chosen.shared).everything())
    (pathlib.Path(__file__).parent / "golden.json").write_text(layout(result))


if __name__ == "__main__":
    main()
