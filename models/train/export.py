# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a trained network as ONNX that OpenCV 4.6 dnn reads: opset 11, float32, batch 1 in the file."""
import copy
import pathlib

import cv2
import numpy as np
import torch
from torch import nn


def folded(network):
    """A copy in evaluation mode, batch normalisation folded into the convolution before it."""
    network = copy.deepcopy(network).eval().float().to(memory_format=torch.contiguous_format)
    for module in network.modules():
        for name, child in list(module.named_children()):
            layers = list(child.children()) if isinstance(child, nn.Sequential) else []
            for i in range(len(layers) - 1):
                if isinstance(layers[i], nn.Conv2d) and isinstance(layers[i + 1], nn.BatchNorm2d):
                    child[i] = nn.utils.fuse_conv_bn_eval(layers[i], layers[i + 1])
                    child[i + 1] = nn.Identity()
    return network


def onnx(network, shape, file, outputs, any_size=False):
    """Exports network, which takes one float input of the given shape, to file, in one step.

    any_size: other batches, heights and widths are taken too.
    Raises ValueError where OpenCV's dnn computes anything else from the file than torch.
    """
    file = pathlib.Path(file)
    partial = file.with_suffix(".partial")
    network, example = folded(network), torch.randn(shape, generator=torch.Generator().manual_seed(0))
    axes = {name: {0: "batch", 2: f"{name} rows", 3: f"{name} columns"} for name in ("input", *outputs)}
    torch.onnx.export(network, example, str(partial), opset_version=11, input_names=["input"],
                      output_names=list(outputs), dynamic_axes=axes if any_size else None)
    deployed = cv2.dnn.readNetFromONNX(np.fromfile(partial, np.uint8))
    deployed.setInput(example.numpy())
    with torch.no_grad():
        expected = network(example)
    for name, value in zip(outputs, expected if len(outputs) > 1 else [expected]):
        if not np.allclose(deployed.forward(name), value.numpy(), rtol=1e-3, atol=1e-3):
            raise ValueError(f"{file}: OpenCV computes another {name} than torch")
    partial.rename(file)
