#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a model's variant in 8-bit integers: NAME-int8.onnx and the profile NAME-int8.json.

    models/quantise.py facerec-embed --photos crops.zip
    models/quantise.py facerec-embed --photos crops.zip --compare

Weights get a scale for each output channel; what flows between the layers gets one for each tensor,
from the least and greatest value that the photos cause. Thresholds and curves of the original do
not hold for other numbers: the new profile has none.
"""

import argparse
import importlib.machinery
import importlib.util
import json
import logging
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnx.reference  # before onnxruntime, which adds operators on Debian 13 that this does not expect
import onnx.version_converter
import onnxruntime
from onnxruntime import quantization
from onnxruntime.quantization import shape_inference

PHOTO_KINDS = (".jpg", ".jpeg", ".png", ".webp")
OPSET = 13  # the first with a scale for each channel
TIMED_RUNS = 60


def beside(name):
    """The program of that name in this folder, as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(Path(__file__).with_name(name)))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


fetch = beside("fetch")


def find(name):
    """The profile of that name, and its network."""
    profiles = fetch.read_profiles()
    if name not in profiles:
        raise fetch.Failure(f"no profile is named '{name}', known are {', '.join(sorted(profiles))}")
    profile = profiles[name]
    files = [entry["name"] for entry in profile["files"]]
    if profile["role"] not in ("embedder", "detector") or len(files) != 1 or not files[0].endswith(".onnx"):
        raise fetch.Failure(f"{name} is no embedder or detector of one ONNX file")
    network = fetch.present(profile["files"][0])
    if network is None:
        raise fetch.Failure(f"{files[0]} is not there: models/fetch {name}")
    return profile, network


def photo_readers(source):
    """(name, function that reads its bytes) of each photo of a zip file, or of a folder and the zip
    files in it."""
    for archive in [source] if source.is_file() else sorted(source.glob("*.zip")):
        opened = zipfile.ZipFile(archive)
        for name in sorted(opened.namelist()):
            if name.lower().endswith(PHOTO_KINDS):
                yield name, lambda opened=opened, name=name: opened.read(name)
    for file in sorted(source.rglob("*")):
        if file.suffix.lower() in PHOTO_KINDS:
            yield str(file), file.read_bytes


def picture(photo, profile):
    """A photo as the network sees it, uint8 BGR: a crop is scaled to the input, a detector's photo to
    the input's longer side, with black to its right or below."""
    name, read = photo
    pixels = cv2.imdecode(np.frombuffer(read(), np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise fetch.Failure(f"{name} is no photo that OpenCV reads")
    width, height = profile["input"]
    rows, columns = pixels.shape[:2]
    scale = min(width / columns, height / rows)
    size = round(columns * scale), round(rows * scale)
    if profile["role"] == "embedder" and size != (width, height):
        raise fetch.Failure(f"{name} has {columns}x{rows} pixels, which is no aligned crop for {width}x{height}")
    whole = np.zeros((height, width, 3), np.uint8)
    whole[:size[1], :size[0]] = cv2.resize(
        pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return whole


def blob(pixels, profile):
    """The network's input for a picture, as src/engine/network.cpp makes it."""
    values = pixels.astype(np.float32)
    if profile.get("colour") == "RGB":
        values = values[..., ::-1]
    if profile.get("standardise"):
        values = (values - values.mean()) / max(values.std(), values.size ** -0.5)
    else:
        values = (values - np.float32(profile.get("mean", [0] * 3))) * np.float32(profile.get("scale", 1))
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


class Network:
    """A network on one thread."""

    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        self.outputs = [output.name for output in self.session.get_outputs()]

    def __call__(self, values):
        return self.session.run(self.outputs, {self.input: values})


class Calibration(quantization.CalibrationDataReader):
    def __init__(self, network, inputs):
        self.name, self.inputs = network.input, inputs

    def get_next(self):
        values = next(self.inputs, None)
        return None if values is None else {self.name: values}


def prepared(network, file):
    """Writes the network as the quantiser wants it: of OPSET, weights not among the inputs, batch
    normalisation folded into convolutions."""
    model = onnx.load(network)
    weights = {weight.name for weight in model.graph.initializer}
    for value in [value for value in model.graph.input if value.name in weights]:
        model.graph.input.remove(value)
    model.ir_version = max(model.ir_version, 4)  # the first where weights need not be inputs
    if model.opset_import[0].version < OPSET:
        model = onnx.version_converter.convert_version(model, OPSET)
    onnx.save(model, file)
    shape_inference.quant_pre_process(str(file), str(file), skip_symbolic_shape=True)


def quantise(network, inputs, target):
    """Writes the network in 8-bit integers to target.

    Weights have seven bits, since processors without VNNI add two products of eight in sixteen.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder, "plain.onnx")
        prepared(network, plain)
        quantization.quantize_static(
            str(plain), str(target), Calibration(Network(plain), inputs), quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
            per_channel=True, reduce_range=True)


def derived(profile, file):
    """The profile of the quantised file."""
    result = {key: value for key, value in profile.items() if key not in ("preference", "thresholds", "curves")}
    result["name"] = file.stem
    result["title"] = profile["title"] + "; in 8-bit integers"
    result["files"] = [{"name": file.name, "sha256": fetch.digest(file, "sha256"), "size": file.stat().st_size}]
    result["source"] = f"made from {profile['name']} by models/quantise.py"
    return result


def milliseconds(networks, values):
    """The least processor time of a forward of each network, taken in turns."""
    times = np.empty((TIMED_RUNS, len(networks)))
    for run in times:
        for i, network in enumerate(networks):
            begun = time.process_time_ns()
            network(values)
            run[i] = (time.process_time_ns() - begun) / 1e6
    return times.min(axis=0)


def cosine(a, b):
    a, b = a.ravel().astype(float), b.ravel().astype(float)
    return a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12)


def compare(original, quantised, inputs):
    """Prints how near the outputs come on these inputs, and what each network takes."""
    networks = Network(original), Network(quantised)
    inputs = list(inputs)
    results = [[network(values) for values in inputs] for network in networks]
    for i, output in enumerate(networks[0].outputs):
        alike = [cosine(a[i], b[i]) for a, b in zip(*results)]
        print(f"{output}: cosine to the original's {np.mean(alike):.4f}, least {min(alike):.4f}, on {len(alike)} photos")
    before, after = milliseconds(networks, inputs[0])
    print(f"a forward on one thread: {before:.2f} ms before, {after:.2f} ms now, {before / after:.2f} times as fast")


def count(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def spread(photos, number):
    """So many photos, evenly spread, so that each of several collections has its share."""
    return [photos[i * len(photos) // number] for i in range(number)] if len(photos) > number else photos


def make(chosen):
    profile, network = find(chosen.name)
    photos = spread(list(photo_readers(chosen.photos)), 2 * chosen.number)
    if len(photos) < 2:
        raise fetch.Failure(f"{chosen.photos} holds no two photos ({', '.join(PHOTO_KINDS)})")
    chosen.to.mkdir(parents=True, exist_ok=True)
    target = chosen.to / f"{chosen.name}-int8.onnx"
    calibration, others = ((blob(picture(photo, profile), profile) for photo in part)
                           for part in (photos[::2], photos[1::2]))
    quantise(network, calibration, target)
    target.with_suffix(".json").write_text(
        json.dumps(derived(profile, target), indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"{network}: {network.stat().st_size} bytes")
    print(f"{target}: {target.stat().st_size} bytes, calibrated on {len(photos[::2])} photos")
    if chosen.compare:
        compare(network, target, others)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", metavar="NAME", help="profile of an embedder or detector")
    parser.add_argument("--photos", type=Path, required=True, metavar="PATH",
                        help="zip file, or folder of zip files and photos: for an embedder crops that are aligned "
                             "to its template, for a detector photos with faces")
    parser.add_argument("--number", type=count, default=100, metavar="N",
                        help="how many of them are used (default: %(default)s)")
    parser.add_argument("--to", type=Path, default=fetch.user_folder(), metavar="DIR",
                        help="folder that gets the files (default: %(default)s)")
    parser.add_argument("--compare", action="store_true",
                        help="compare outputs and time with the original's, on as many other photos")
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    cv2.setNumThreads(1)
    try:
        make(chosen)
    except fetch.Failure as failure:
        sys.exit(f"quantise: {failure}")


if __name__ == "__main__":
    main()
