# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes a trained network as ONNX that OpenCV 4.6 dnn reads (opset 11, float32, batch 1 in the file), and reads it back
for another training."""
import copy
import pathlib

import cv2
import numpy as np
import onnx.numpy_helper
import torch
from torch import nn


def _normalised(network):
    """(name, sequence, index) of the convolutions in a sequence that batch normalisation follows."""
    for name, module in list(network.named_modules()):
        layers = list(module.children()) if isinstance(module, nn.Sequential) else []
        for i in range(len(layers) - 1):
            if isinstance(layers[i], nn.Conv2d) and isinstance(layers[i + 1], nn.BatchNorm2d):
                yield f"{name}.{i}", module, i


def folded(network):
    """A copy in evaluation mode, batch normalisation folded into the convolution before it."""
    network = copy.deepcopy(network).eval().float().to(memory_format=torch.contiguous_format)
    for _, sequence, i in _normalised(network):
        sequence[i] = nn.utils.fuse_conv_bn_eval(sequence[i], sequence[i + 1])
        sequence[i + 1] = nn.Identity()
    return network


@torch.no_grad()
def read(network, file, run):
    """Gives network, in training mode, the weights of a file that write() made of one like it.

    run(network): runs it on a batch, whose means and variances batch normalisation takes and undoes,
    so that the network computes of this batch what the file's does.
    Raises ValueError where the file is of another network.
    """
    values = {i.name: torch.from_numpy(onnx.numpy_helper.to_array(i).copy()) for i in onnx.load(file).graph.initializer}

    def value(name, shape):
        found = [v for key, v in values.items() if f".{key}".endswith(f".{name}") and v.shape == shape]
        if len(found) != 1:
            raise ValueError(f"{file}: no {name} of {list(shape)}: it was made of another network")
        return found[0]

    def undo(norm, inputs, bias):
        mean, variance = inputs[0].float().mean((0, 2, 3)), inputs[0].float().var((0, 2, 3))
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(bias + mean)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)

    hooks = []
    for name, sequence, i in _normalised(network):
        bias = value(f"{name}.bias", sequence[i + 1].bias.shape)
        hooks.append(sequence[i + 1].register_forward_pre_hook(lambda m, inputs, bias=bias: undo(m, inputs, bias)))
    for name, module in network.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            for part, parameter in module.named_parameters():
                parameter.copy_(value(f"{name}.{part}", parameter.shape))
    network.train()
    run(network)
    for hook in hooks:
        hook.remove()


def write(network, shape, file, outputs, any_size=False):
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
