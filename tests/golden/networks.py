# SPDX-License-Identifier: LGPL-2.1-or-later
"""Networks of every format behind one call: float32 [n, channels, height, width] to a list."""
import numpy as np
import onnxruntime
import torch

import caffe
import torch7

onnxruntime.set_default_logger_severity(3)


def blob(pictures, rgb, mean, scale):
    """(value - mean) * scale of BGR pictures, [n, 3, height, width]; mean in the input's order."""
    batch = np.stack(pictures).astype(np.float32)
    if rgb:
        batch = batch[..., ::-1]
    batch = (batch - np.float32(mean)) * np.float32(scale)
    return np.ascontiguousarray(batch.transpose(0, 3, 1, 2))


def onnx(file):
    """All outputs by their names; one picture at a time, as the files are fixed at that."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    outputs = [output.name for output in session.get_outputs()]

    def run(batch):
        results = [session.run(outputs, {name: one[None]}) for one in batch]
        return {key: np.concatenate(values) for key, values in zip(outputs, zip(*results))}
    return run


def caffe_network(folder, name):
    """The named outputs of NAME.prototxt with NAME.caffemodel."""
    network = caffe.Network(folder / f"{name}.prototxt", folder / f"{name}.caffemodel")

    def run(batch, *outputs):
        return [value.numpy() for value in network(torch.from_numpy(batch), *outputs)]
    return run


def torch7_network(file):
    network = torch7.load(file)
    return lambda batch: torch7.run(network, torch.from_numpy(batch)).numpy()
