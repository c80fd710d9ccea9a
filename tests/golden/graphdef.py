# SPDX-License-Identifier: LGPL-2.1-or-later
"""TensorFlow: reads a frozen graph (GraphDef, .pb) and runs it with PyTorch.

Pictures are [n, height, width, channels], as in TensorFlow.
"""
import math

import numpy as np
import torch
import torch.nn.functional as F

import wire

DTYPES = {1: "<f4", 3: "<i4", 12: "u1"}  # DT_FLOAT, DT_INT32, DT_QUINT8


class Node:
    """Field numbers are those of node_def.proto, attr_value.proto and tensor.proto."""

    def __init__(self, data):
        message = wire.fields(data)
        self.name, self.kind = message[1][0].decode(), message[2][0].decode()
        self.inputs = [name.decode().removesuffix(":0") for name in message.get(3, [])]
        entries = [wire.fields(entry) for entry in message.get(5, [])]
        self.attributes = {entry[1][0].decode(): wire.fields(entry[2][0]) for entry in entries}

    def text(self, attribute):
        return self.attributes[attribute][2][0].decode()

    def integers(self, attribute):
        return wire.varints(wire.fields(self.attributes[attribute][1][0])[3])

    def real(self, attribute):
        return wire.number(self.attributes[attribute][4][0])

    def tensor(self):
        message = wire.fields(self.attributes["value"][8][0])
        dimensions = wire.fields(message[2][0]).get(2, [])
        shape = [wire.fields(dimension)[1][0] for dimension in dimensions]
        dtype = DTYPES[message[1][0]]
        if 4 in message:
            values = np.frombuffer(message[4][0], dtype)
        elif 5 in message:
            values = np.frombuffer(b"".join(message[5]), "<f4")
        else:
            values = np.array(wire.varints(message[7]), np.uint64).astype(np.int64)
        values = np.broadcast_to(values, math.prod(shape)) if len(values) == 1 else values
        return torch.from_numpy(values.astype(np.int64 if dtype == "<i4" else np.float32)
                                .reshape(shape))


class Graph:
    def __init__(self, file):
        self.nodes = [Node(data) for data in wire.fields(file.read_bytes())[1]]

    def __call__(self, x, *outputs):
        """The named outputs for the graph's only placeholder."""
        values = {}
        waiting = self.nodes
        with torch.no_grad():
            while waiting:
                later = []
                for node in waiting:
                    if node.kind == "Placeholder":
                        values[node.name] = x
                    elif node.kind == "Const":
                        values[node.name] = node.tensor()
                    elif all(name in values for name in node.inputs):
                        inputs = [values[name] for name in node.inputs]
                        values[node.name] = OPERATIONS[node.kind](node, *inputs)
                    else:
                        later.append(node)
                assert len(later) < len(waiting), f"{later[0].name} waits for what does not come"
                waiting = later
        return [values[name] for name in outputs]


def dequantize(node, x, low, high):
    """MIN_FIRST: the least value is first moved to a multiple of the step."""
    assert node.text("mode") == "MIN_FIRST"
    step = (high - low) / 255
    return x * step + torch.round(low / step) * step


def same_padding(node, x, size, strides, value):
    """As much on both sides as "SAME" asks for, the odd one after."""
    if node.text("padding") == "VALID":
        return x
    borders = []
    for side, kernel, stride in zip(x.shape[1:3], size, strides):
        missing = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        borders.append((missing // 2, missing - missing // 2))
    return F.pad(x, (0, 0, *borders[1], *borders[0]), value=value)


def convolution(node, x, weights):
    strides = node.integers("strides")[1:3]
    assert set(node.integers("dilations")) == {1}
    x = same_padding(node, x, weights.shape[:2], strides, 0)
    y = F.conv2d(x.permute(0, 3, 1, 2), weights.permute(3, 2, 0, 1), stride=strides)
    return y.permute(0, 2, 3, 1)


def max_pooling(node, x):
    size, strides = node.integers("ksize")[1:3], node.integers("strides")[1:3]
    x = same_padding(node, x, size, strides, -math.inf)
    return F.max_pool2d(x.permute(0, 3, 1, 2), size, strides).permute(0, 2, 3, 1)


def batch_normalisation(node, x, weight, bias, mean, variance):
    return (x - mean) / (variance + node.real("epsilon")).sqrt() * weight + bias


def pad(node, x, borders):
    return F.pad(x, [int(size) for pair in reversed(borders.tolist()) for size in pair])


def space_to_batch(node, x, block, borders):
    """Each block x block of pixels becomes pixels of as many smaller pictures."""
    (top, bottom), (left, right) = borders.tolist()
    x = F.pad(x, (0, 0, left, right, top, bottom))
    rows, columns = block.tolist()
    n, height, width, channels = x.shape
    x = x.reshape(n, height // rows, rows, width // columns, columns, channels)
    return x.permute(2, 4, 0, 1, 3, 5).reshape(-1, height // rows, width // columns, channels)


def batch_to_space(node, x, block, crops):
    rows, columns = block.tolist()
    (top, bottom), (left, right) = crops.tolist()
    n, height, width, channels = x.shape
    x = x.reshape(rows, columns, n // (rows * columns), height, width, channels)
    x = x.permute(2, 3, 0, 4, 1, 5).reshape(-1, height * rows, width * columns, channels)
    return x[:, top:x.shape[1] - bottom, left:x.shape[2] - right]


OPERATIONS = {
    "Dequantize": dequantize,
    "Conv2D": convolution,
    "MaxPool": max_pooling,
    "FusedBatchNorm": batch_normalisation,
    "Pad": pad,
    "SpaceToBatchND": space_to_batch,
    "BatchToSpaceND": batch_to_space,
    "BiasAdd": lambda node, x, y: x + y,
    "Add": lambda node, x, y: x + y,
    "Mul": lambda node, x, y: x * y,
    "Maximum": lambda node, x, y: torch.maximum(x, y),
    "Relu": lambda node, x: x.clamp(min=0),
    "Square": lambda node, x: x * x,
    "Rsqrt": lambda node, x: x.rsqrt(),
    "Sum": lambda node, x, axes: x.sum(axes.flatten().tolist(), keepdim=True),
    "Softmax": lambda node, x: x.softmax(-1),
    "Reshape": lambda node, x, shape: x.reshape(shape.tolist()),
    "ConcatV2": lambda node, *inputs: torch.cat(inputs[:-1], int(inputs[-1])),
}
