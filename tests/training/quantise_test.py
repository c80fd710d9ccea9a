#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A network in 8-bit integers gives nearly the numbers of the one that it was made from."""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

if not all(importlib.util.find_spec(name) for name in ("cv2", "numpy", "onnx", "onnxruntime")):
    print("python3-numpy, python3-onnx, python3-onnxruntime or python3-opencv is not installed")
    sys.exit(77)

import cv2
import numpy as np
import onnxruntime

MODELS = pathlib.Path(__file__).parents[2] / "models"


def crop(seed):
    """Something like a face: smooth, darker at the eyes and mouth."""
    random = np.random.default_rng(seed)
    picture = cv2.resize(random.uniform(60, 220, (5, 5, 3)), (112, 112), interpolation=cv2.INTER_CUBIC)
    for x, y, width in ((38, 52, 9), (74, 52, 9), (56, 92, 16)):
        cv2.ellipse(picture, (x, y), (width, 5), 0, 0, 360, random.uniform(0, 80, 3).tolist(), -1)
    return picture.clip(0, 255).astype(np.uint8)


def embedding(file, picture):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    small = cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA)
    values = ((small[..., ::-1].astype(np.float32) - 127.5) / 128).transpose(2, 0, 1)[None]
    vector = session.run(None, {session.get_inputs()[0].name: values})[0][0]
    return vector / np.linalg.norm(vector)


class Quantise(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.photos, self.out = pathlib.Path(folder.name, "photos"), pathlib.Path(folder.name, "out")
        self.photos.mkdir()
        for seed in range(12):
            cv2.imwrite(str(self.photos / f"{seed:02}.png"), crop(seed))

    def run_tool(self, *arguments):
        return subprocess.run(
            [sys.executable, MODELS / "quantise.py", *arguments, "--photos", self.photos, "--to", self.out],
            env={**os.environ, "FACEREC_MODEL_PATH": str(MODELS)}, capture_output=True, text=True, check=False)

    def test_the_embedder_agrees_with_what_it_was_made_from(self):
        done = self.run_tool("facerec-embed", "--compare")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("calibrated on 6 photos", done.stdout)
        self.assertIn("cosine to the original's", done.stdout)
        original, quantised = MODELS / "facerec-embed.onnx", self.out / "facerec-embed-int8.onnx"
        self.assertLess(quantised.stat().st_size, original.stat().st_size / 3)
        for seed in range(20, 24):
            alike = embedding(original, crop(seed)) @ embedding(quantised, crop(seed))
            self.assertGreater(alike, 0.9)

    def test_the_profile_keeps_the_preparation_and_no_threshold(self):
        self.assertEqual(self.run_tool("facerec-embed").returncode, 0)
        original = json.loads((MODELS / "facerec-embed.json").read_text())
        profile = json.loads((self.out / "facerec-embed-int8.json").read_text())
        self.assertEqual(profile["name"], "facerec-embed-int8")
        self.assertEqual(profile["files"][0]["name"], "facerec-embed-int8.onnx")
        for field in ("role", "input", "colour", "mean", "scale", "template", "output", "dimension", "unit_length"):
            self.assertEqual(profile[field], original[field])
        for field in ("preference", "thresholds", "curves"):
            self.assertNotIn(field, profile)

    def test_what_is_no_aligned_crop_is_refused(self):
        cv2.imwrite(str(self.photos / "wide.png"), np.zeros((40, 90, 3), np.uint8))
        done = self.run_tool("facerec-embed")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "wide.png has 90x40 pixels, which is no aligned crop for 64x64")

    def test_a_model_without_an_onnx_file_is_refused(self):
        done = self.run_tool("haar")
        self.assertEqual(done.returncode, 1)
        self.assertIn("haar is no embedder or detector of one ONNX file", done.stderr)


if __name__ == "__main__":
    unittest.main()
