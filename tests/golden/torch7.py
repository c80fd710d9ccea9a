# SPDX-License-Identifier: LGPL-2.1-or-later
"""Torch 7: reads a serialised network (.t7) and runs it with PyTorch.

The format is that of torch7's File.lua: every value is a type number and its content; objects and
tables carry an index by which they are referred to later.
"""
import struct

import numpy as np
import torch
import torch.nn.functional as F

NUMBER, STRING, TABLE, TORCH, BOOLEAN = 1, 2, 3, 4, 5
DTYPES = {"Float": "<f4", "Double": "<f8", "Long": "<i8", "Int": "<i4", "Byte": "u1"}


class Module:
    """A Lua object: its class and its fields."""

    def __init__(self, kind):
        self.kind = kind
        self.fields = {}

    def __getattr__(self, name):
        if name in self.fields:
            return self.fields[name]
        raise AttributeError(f"{self.kind} has no {name}")

    def children(self):
        return [self.fields["modules"][i + 1] for i in range(len(self.fields["modules"]))]


class Reader:
    def __init__(self, data):
        self.data, self.at, self.known = data, 0, {}

    def take(self, layout):
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values if len(values) > 1 else values[0]

    def text(self):
        length = self.take("i")
        self.at += length
        return self.data[self.at - length:self.at].decode()

    def value(self):
        kind = self.take("i")
        if kind == NUMBER:
            return self.take("d")
        if kind == STRING:
            return self.text()
        if kind == BOOLEAN:
            return bool(self.take("i"))
        if kind in (TABLE, TORCH):
            index = self.take("i")
            if index not in self.known:
                self.table(index) if kind == TABLE else self.object(index)
            return self.known[index]
        assert kind == 0, f"type {kind} at byte {self.at}"
        return None

    def table(self, index):
        table = self.known[index] = {}
        for _ in range(self.take("i")):
            key = self.value()
            table[key] = self.value()

    def object(self, index):
        kind = self.text()
        if kind.startswith("V "):
            kind = self.text()
        kind = kind.removeprefix("torch.")
        if kind.endswith("Storage"):
            size = self.take("q")
            dtype = np.dtype(DTYPES[kind.removesuffix("Storage")])
            self.known[index] = np.frombuffer(self.data, dtype, size, self.at)
            self.at += size * dtype.itemsize
        elif kind.endswith("Tensor"):
            self.known[index] = self.tensor()
        else:
            module = self.known[index] = Module(kind)
            module.fields = self.value()

    def tensor(self):
        dimensions = self.take("i")
        shape = [self.take("q") for _ in range(dimensions)]
        strides = [self.take("q") for _ in range(dimensions)]
        offset = self.take("q") - 1
        storage = self.value()
        if storage is None or not dimensions:
            return torch.empty(0)
        view = np.lib.stride_tricks.as_strided(
            storage[offset:], shape, [stride * storage.itemsize for stride in strides])
        return torch.from_numpy(view.astype(np.float32))


def load(file):
    """The network of a .t7 file; hand it to run()."""
    return Reader(file.read_bytes()).value()


def run(module, x):
    """What the network makes of a batch [n, channels, height, width]."""
    with torch.no_grad():
        return OPERATIONS[module.kind](module, x)


def sequential(module, x):
    for child in module.children():
        x = run(child, x)
    return x


def depth_concat(module, x):
    """Joins the channels; smaller pictures are centred on zeros."""
    parts = [run(child, x) for child in module.children()]
    height, width = (max(part.shape[i] for part in parts) for i in (2, 3))
    padded = []
    for part in parts:
        rows, columns = height - part.shape[2], width - part.shape[3]
        left, top = columns // 2, rows // 2
        padded.append(F.pad(part, (left, columns - left, top, rows - top)))
    return torch.cat(padded, 1)


def convolution(module, x):
    shape = [int(getattr(module, name)) for name in ("nOutputPlane", "nInputPlane", "kH", "kW")]
    return F.conv2d(x, module.weight.reshape(shape), module.bias, (int(module.dH), int(module.dW)),
                    (int(module.padH), int(module.padW)))


def batch_normalisation(module, x):
    return F.batch_norm(x, module.running_mean, module.running_var, module.weight, module.bias,
                        eps=module.eps)


def window(module):
    return {"kernel_size": (int(module.kH), int(module.kW)),
            "stride": (int(module.dH), int(module.dW)),
            "padding": (int(module.fields.get("padH", 0)), int(module.fields.get("padW", 0))),
            "ceil_mode": module.fields.get("ceil_mode", False)}


def average_pooling(module, x):
    return F.avg_pool2d(x, **window(module),
                        count_include_pad=module.fields.get("count_include_pad", True))


OPERATIONS = {
    "nn.Sequential": sequential,
    "nn.Inception": lambda module, x: run(module.module, x),
    "nn.SpatialLPPooling": sequential,
    "nn.DepthConcat": depth_concat,
    "nn.SpatialConvolution": convolution,
    "nn.SpatialConvolutionMM": convolution,
    "nn.SpatialBatchNormalization": batch_normalisation,
    "nn.ReLU": lambda module, x: x.clamp(min=0),
    "nn.SpatialMaxPooling": lambda module, x: F.max_pool2d(x, **window(module)),
    "nn.SpatialAveragePooling": average_pooling,
    "nn.SpatialCrossMapLRN": lambda module, x: F.local_response_norm(
        x, int(module.size), module.alpha, module.beta, module.k),
    "nn.Square": lambda module, x: x * x,
    "nn.Sqrt": lambda module, x: x.sqrt(),
    "nn.Power": lambda module, x: x ** module.pow,
    "nn.MulConstant": lambda module, x: x * module.constant_scalar,
    "nn.Reshape": lambda module, x: x.flatten(1),
    "nn.View": lambda module, x: x.reshape(len(x), -1),
    "nn.Linear": lambda module, x: F.linear(x, module.weight, module.bias),
    "nn.Normalize": lambda module, x: F.normalize(x, p=module.p, dim=1),
}
