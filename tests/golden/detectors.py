# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which detector sees which pictures, and its faces."""
import facerec_detect
import mmod
import mtcnn
import networks
import rfb
import ssd
import yunet

GROUP = "eval/wider/images/35_Basketball_basketballgame_ball_35_391.jpg"
PORTRAITS = ["Tony_Blair_0001", "Colin_Powell_0008", "Hugo_Chavez_0003", "Gerhard_Schroeder_0006"]


def load(name, models, own):
    """A function from a BGR picture and a threshold to faces {"box", "score", "points"}.

    own: folder of this project's networks. There are points for YuNet, MTCNN and facerec-detect, and no scores for dlib's, whose have no upper end.
    """
    if name == "dlib-mmod":
        return lambda picture, _: mmod.detect(models / "mmod_human_face_detector.dat", picture)
    if name == "mtcnn":
        stages = mtcnn.load(models / "mtcnn")
        return lambda picture, threshold: mtcnn.detect(stages, picture, threshold)
    method, network = {
        "facerec-detect": lambda: (facerec_detect, networks.onnx(own / "facerec-detect.onnx")),
        "yunet": lambda: (yunet, networks.onnx(models / "face_detection_yunet_2023mar.onnx")),
        "rfb": lambda: (rfb, networks.onnx(models / "version-RFB-320.onnx")),
        "ssd": lambda: (ssd, ssd.load(models / "opencv_face_detector_uint8.pb")),
    }[name]()
    return lambda picture, threshold: method.detect(network, picture, threshold)


def portraits(width, height, side, shrink):
    """Four photos of 250 pixels, of which `side` rows and columns are shown, in a square."""
    shown = side // shrink
    left, top = width // 2 - shown, height // 2 - shown
    return {"size": [width, height], "parts": [
        {"photo": f"media/lfw10/{name[:-5]}/{name}.jpg", "region": [0, 0, side, side],
         "shrink": shrink, "at": [left + i % 2 * shown, top + i // 2 * shown]}
        for i, name in enumerate(PORTRAITS)]}


def group(left, width, height, shrink):
    """Part of a photo with four faces."""
    return {"size": [width, height], "parts": [
        {"photo": GROUP, "region": [left, 0, width * shrink, height * shrink], "shrink": shrink,
         "at": [0, 0]}]}


def stages(models, picture):
    """What MTCNN's networks, each alone, give for waves of their size; picture makes them."""
    waves = {stage: {"formula": stage.side, "size": [stage.side] * 2}
             for stage in mtcnn.load(models / "mtcnn")}
    return [{"picture": description,
             "outputs": {name: value.ravel()
                         for name, value in zip(stage.outputs, stage([picture(description)]))}}
            for stage, description in waves.items()]


# name: the threshold that its authors use (0: it has only one), but for MTCNN one that only clear
# faces reach; pictures of the size of the input.
CASES = {
    "facerec-detect": (0.5, [portraits(640, 640, 250, 1), group(190, 640, 640, 1)]),
    "yunet": (0.6, [portraits(640, 640, 250, 1), group(190, 640, 640, 1)]),
    "rfb": (0.7, [portraits(320, 240, 240, 2), group(190, 320, 240, 2)]),
    "ssd": (0.5, [portraits(300, 300, 250, 2), group(200, 300, 300, 2)]),
    "mtcnn": (0.95, [portraits(500, 500, 250, 1), group(190, 640, 480, 1)]),
    "dlib-mmod": (0, [portraits(500, 500, 250, 1)]),
}
