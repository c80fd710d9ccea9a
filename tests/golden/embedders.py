# SPDX-License-Identifier: LGPL-2.1-or-later
"""Embeddings as the networks' authors make them.

mobilefacenet: raw RGB, as its conversion has (value - 127.5) / 128 inside. mobilefacenet-caffe and
facerec-embed: RGB, (value - 127.5) / 128, as MxNet2Caffe-mobilefacenet's readers and models/train
prepare it. openface: RGB / 255, as OpenFace's torch_neural_net does.
"""
import cv2
import numpy as np

import networks
import similarity

# name: side of the input, mean, scale; RGB all of them.
PREPARATION = {
    "mobilefacenet": (112, 0, 1),
    "mobilefacenet-caffe": (112, 127.5, 1 / 128),
    "openface": (96, 0, 1 / 255),
    "facerec-embed": (64, 127.5, 1 / 128),
}
# Five points of the 112-pixel template that ArcFace made usual: right and left eye, nose, right and
# left corner of the mouth.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]])


def load(name, models, own):
    """A function from a float32 batch to embeddings."""
    if name == "mobilefacenet":
        network = networks.onnx(models / "mobilefacenet_y1_128d.onnx")
        return lambda batch: network(batch)["pre_fc1"]
    if name == "mobilefacenet-caffe":
        network = networks.caffe_network(models, "laulian_mobilefacenet")
        return lambda batch: network(batch, "fc1")[0]
    if name == "openface":
        return networks.torch7_network(models / "openface_nn4small2_partial.t7")
    network = networks.onnx(own / "facerec-embed.onnx")
    return lambda batch: network(batch)["embedding"]


def aligned(side):
    """Pictures that are a face of the input's size already: waves, and the middle of LFW photos."""
    shrink = 2 if side == 64 else 1
    region = [(250 - side * shrink) // 2, (256 - side * shrink) // 2, side * shrink, side * shrink]
    return [{"formula": seed, "size": [side, side]} for seed in range(3)] + [
        {"size": [side, side], "parts": [
            {"photo": photo, "region": region, "shrink": shrink, "at": [0, 0]}]}
        for photo in ("media/lfw10/Tony_Blair/Tony_Blair_0001.jpg",
                      "media/lfw10/Hugo_Chavez/Hugo_Chavez_0003.jpg")]


def vectors(name, network, pictures):
    """Unit-length embeddings of aligned pictures."""
    side, mean, scale = PREPARATION[name]
    values = network(networks.blob(pictures, True, [mean] * 3, scale)).astype(np.float64)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


def photo_vector(name, network, photo, points):
    """The embedding of a photo's face with five points.

    What sees less than the template's 112 pixels was trained with crops of that size, shrunk.
    """
    crop = cv2.warpAffine(photo, similarity.estimate(np.array(points), TEMPLATE), (112, 112))
    side = PREPARATION[name][0]
    if side != 112:
        crop = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA)
    return vectors(name, network, [crop])[0]
