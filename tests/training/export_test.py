#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Networks that begin with an export compute what it computes."""
import importlib.util
import pathlib
import sys
import tempfile
import unittest

if not all(importlib.util.find_spec(name) for name in ("cv2", "onnx", "torch")):
    print("python3-onnx, python3-opencv or python3-torch is not installed")
    sys.exit(77)

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "models/train"))
import export
from detect_net import Detector, preprocess


class Export(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(1)
        self.pixels = preprocess(torch.randint(0, 256, (4, 3, 96, 128)).float())
        self.names = [f"stride{s}" for s in (8, 16, 32)]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "network.onnx"

    def write(self, network):
        network.train()
        with torch.no_grad():
            for _ in range(3):
                network(self.pixels)
        export.write(network, (1, 3, 96, 128), self.file, self.names, any_size=True)

    def test_a_network_begins_with_what_was_exported(self):
        exported, fresh = Detector(), Detector()
        self.write(exported)
        export.read(fresh, self.file, lambda network: network(self.pixels))
        with torch.no_grad():
            expected = exported.eval()(self.pixels)
            for network in (fresh.train(), fresh.eval()):
                for got, wanted in zip(network(self.pixels), expected):
                    self.assertLess((got - wanted).abs().max(), 0.02)

    def test_another_network_is_refused(self):
        self.write(Detector())
        with self.assertRaisesRegex(ValueError, "network.onnx: no stem.0"):
            export.read(Detector(stem=16), self.file, lambda network: network(self.pixels))


if __name__ == "__main__":
    unittest.main()
