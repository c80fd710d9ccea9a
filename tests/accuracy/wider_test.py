#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Detectors on photos of WIDER FACE, held to a least recall at a precision of 0.9, and the Haar
cascade whose finds are checked to more precision than the plain one for no less recall.

Faces of at least 32 pixels, overlap 0.5. `facerec evaluate --boxes boxes.csv --detector all` prints
the table of all detectors.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

# Detector, options, least recall. dlib's max-margin network takes 16 seconds a photo.
ROWS = [("facerec-detect", [], 0.75), ("yunet", [], 0.84), ("yunet", ["--detect-size", "1024"], 0.88), ("rfb", [], 0.66),
        ("mtcnn", [], 0.70), ("ssd", [], 0.27), ("haar-checked", [], 0.45)]


def shared_material():
    folder = Path(os.environ.get("FACEREC_SHARED")
                  or Path(os.environ["FACEREC_SOURCE_ROOT"], "../shared"))
    if not folder.is_dir():
        print("no reference material: FACEREC_SHARED is not set")
        sys.exit(77)
    return folder


def measure(wider, detector, options):
    command = [os.environ["FACEREC_PROGRAM"], "evaluate", "--boxes", str(wider / "boxes.csv"),
               "--detector", detector, *options, "--json"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(output)["detectors"][0]


def main():
    shared = shared_material()
    os.environ["FACEREC_MODEL_PATH"] = ":".join(
        map(str, [Path(os.environ["FACEREC_SOURCE_ROOT"], "models"), shared / "models",
                  shared / "models/mtcnn"]))
    failed, results = False, {}
    for detector, options, least in ROWS:
        result = results[detector] = measure(shared / "eval/wider", detector, options)
        recall = result["recall_at_precision_0.9"]
        print(f"{' '.join([detector, *options])}: recall {recall:.3f} at precision 0.9, least {least}, "
              f"{result['milliseconds']:.0f} ms")
        failed |= recall < least

    plain, checked = measure(shared / "eval/wider", "haar", []), results["haar-checked"]
    for result in (plain, checked):
        print(f"{result['detector']}: recall {result['recall']:.3f}, precision {result['precision']:.3f} "
              "at the profile's confidence")
    failed |= checked["precision"] < 0.9 or checked["recall"] < plain["recall"] - 0.02
    sys.exit(failed)


main()
