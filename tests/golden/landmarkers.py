# SPDX-License-Identifier: LGPL-2.1-or-later
"""Landmarks of square regions, in parts of the region's side.

pfld: BGR / 255, as cunjian/pytorch_face_landmark's test_batch_detections.py prepares it; 68 points.
facerec-landmarks: RGB, (value - 127.5) / 128, as models/train prepares it; five points, and the
probability of a face.
"""
import networks


def load(name, models, own):
    """A function from an aligned picture to {"points": [n][2], "score": of facerec-landmarks}."""
    if name == "pfld":
        network = networks.onnx(models / "pfld_cunjian.onnx")
        return lambda picture: {
            "points": network(networks.blob([picture], False, [0] * 3, 1 / 255))["output"]
            .reshape(-1, 2)}

    network = networks.onnx(own / "facerec-landmarks.onnx")

    def locate(picture):
        found = network(networks.blob([picture], True, [127.5] * 3, 1 / 128))
        return {"points": found["points"].reshape(-1, 2), "score": found["score"].ravel()[0]}
    return locate


SIDES = {"pfld": 112, "facerec-landmarks": 64}


def squares(name):
    """Pictures of the input's size: for pfld also waves, in which the other sees no face."""
    side = SIDES[name]
    shrink = 2 if side == 64 else 1
    region = [(250 - side * shrink) // 2, (256 - side * shrink) // 2, side * shrink, side * shrink]
    photos = [
        {"size": [side, side], "parts": [
            {"photo": f"media/lfw10/{person}/{person}_{number}.jpg", "region": region,
             "shrink": shrink, "at": [0, 0]}]}
        for person, number in (("Tony_Blair", "0001"), ("Hugo_Chavez", "0003"),
                               ("Colin_Powell", "0006"))]
    waves = [{"formula": seed, "size": [side, side]} for seed in range(2)]
    return photos + (waves if name == "pfld" else [])
