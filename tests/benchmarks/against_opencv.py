# SPDX-License-Identifier: LGPL-2.1-or-later
"""This project's facedetect beside that of Debian's gstreamer1.0-opencv."""
import os
import pathlib
import subprocess
import sys
import tempfile

import contest


def peer(folder):
    """Processes that know the other facedetect and not this project's."""
    env = {name: value for name, value in os.environ.items() if name != "GST_PLUGIN_PATH"}
    env.update(GST_REGISTRY=str(pathlib.Path(folder) / "registry.bin"), OPENCV_LOG_LEVEL="SILENT")
    if subprocess.run(["gst-inspect-1.0", "--exists", "facedetect"], env=env, stderr=subprocess.DEVNULL,
                      check=False).returncode:
        print("skipped: gstreamer1.0-opencv is not installed")
        sys.exit(77)
    return contest.Kind(contest.PIPELINE_COST, env=env)


def main():
    contest.prepare()
    with tempfile.TemporaryDirectory() as folder:
        theirs = peer(folder)
        for video in contest.VIDEOS:
            results = contest.hold(video, {
                "facedetect of gstreamer1.0-opencv": (theirs, ["videoconvert ! facedetect display=false"]),
                "model=haar": (contest.OURS, ["facerecdetect model=haar min-size=30"]),
                "model=facerec-detect": (contest.OURS, ["facerecdetect model=facerec-detect threads=1"]),
                "model=yunet": (contest.OURS, ["facerecdetect model=yunet threads=1"]),
            })
            other, *_, own = results.values()
            contest.tell_aim("yunet's CPU time of theirs, at a higher recall", own.frame / other.frame, 0.5,
                             own.recall > other.recall)


main()
