# SPDX-License-Identifier: LGPL-2.1-or-later
"""Caffe: reads a network (.prototxt) with its weights (.caffemodel) and runs it with PyTorch."""
import numpy as np
import torch
import torch.nn.functional as F

import wire


class Network:
    def __init__(self, prototxt, caffemodel):
        self.layers = wire.parse_text(prototxt.read_text())["layer"]
        self.blobs = read_blobs(caffemodel.read_bytes())

    def __call__(self, x, *outputs):
        """The named outputs for a batch [n, channels, height, width], of which it is 'data'."""
        values = {"data": x}
        with torch.no_grad():
            for layer in self.layers:
                kind = layer["type"][0]
                if kind == "Input":
                    continue
                inputs = [values[name] for name in layer["bottom"]]
                blobs = self.blobs.get(layer["name"][0], [])
                values[layer["top"][0]] = OPERATIONS[kind](layer, blobs, *inputs)
        return [values[name] for name in outputs]


def read_blobs(data):
    """Layer's name -> its weights. Field numbers as in caffe.proto, layers in new and old form."""
    net = wire.fields(data)
    layers = [(wire.fields(layer), 1, 7) for layer in net.get(100, [])]
    layers += [(wire.fields(layer), 4, 6) for layer in net.get(2, [])]
    return {layer[name][0].decode(): [blob(wire.fields(each)) for each in layer.get(blobs, [])]
            for layer, name, blobs in layers}


def blob(message):
    values = np.frombuffer(b"".join(message[5]), "<f4").copy()
    if 7 in message:
        shape = wire.varints(wire.fields(message[7][0])[1])
    else:
        shape = [message.get(field, [1])[0] for field in (1, 2, 3, 4)]
    return torch.from_numpy(values).reshape(shape)


def options(layer, name, **defaults):
    """The layer's parameters, the defaults for those that it does not state."""
    stated = layer.get(name, [{}])[0]
    return {key: type(default)(stated.get(key, [default])[0]) for key, default in defaults.items()}


def convolution(layer, blobs, x):
    given = options(layer, "convolution_param", stride=1, pad=0, group=1)
    bias = blobs[1].flatten() if len(blobs) > 1 else None
    return F.conv2d(x, blobs[0], bias, given["stride"], given["pad"], groups=given["group"])


def pooling(layer, blobs, x):
    given = options(layer, "pooling_param", pool="MAX", kernel_size=1, stride=1, pad=0)
    assert given["pool"] == "MAX"
    return F.max_pool2d(x, given["kernel_size"], given["stride"], given["pad"], ceil_mode=True)


def batch_normalisation(layer, blobs, x):
    mean, variance, factor = (each.flatten() for each in blobs)
    eps = options(layer, "batch_norm_param", eps=1e-5)["eps"]
    return F.batch_norm(x, mean / factor, variance / factor, eps=eps)


def scale(layer, blobs, x):
    weight, bias = (each.reshape(-1, *[1] * (x.dim() - 2)) for each in blobs)
    return x * weight + bias


def add(layer, blobs, a, b):
    assert options(layer, "eltwise_param", operation="SUM")["operation"] == "SUM"
    return a + b


OPERATIONS = {
    "Convolution": convolution,
    "Pooling": pooling,
    "BatchNorm": batch_normalisation,
    "Scale": scale,
    "PReLU": lambda layer, blobs, x: F.prelu(x, blobs[0].flatten()),
    "Eltwise": add,
    "InnerProduct": lambda layer, blobs, x: F.linear(
        x.flatten(1), blobs[0].reshape(len(blobs[1].flatten()), -1), blobs[1].flatten()),
    "Softmax": lambda layer, blobs, x: x.softmax(1),
    "Dropout": lambda layer, blobs, x: x,
}
