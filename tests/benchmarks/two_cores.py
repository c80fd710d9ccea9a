# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frames a second of the bin facerec in mode=sync on a video of 640x360 with one face: on one core, on two, and
on two with pipeline-depth=1, where finding the faces of a frame and representing those of the one before
overlap. Alternating runs, medians; decoding is among it.

    meson test -C build --benchmark two_cores -v
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pipelines"))
import support  # noqa: E402

VIDEO = support.SHARED / "media/1zlab_face.mp4"
SIZE = "videoconvert ! videoscale ! video/x-raw,format=I420,width=640,height=360"
FRAMES = int(os.environ.get("FACEREC_FRAMES", "150"))
ROUNDS = 3
AIM = 1.6  # times the frames of one core
RUNS = {"one core": (1, 0), "two cores": (2, 0), "two cores, pipeline-depth=1": (2, 1)}


def play(gallery, depth):
    """Seconds a frame, from the first to the last."""
    times = []
    support.watch(VIDEO, f"{SIZE} ! facerec gallery={gallery} pipeline-depth={depth}",
                  lambda *_: times.append(time.monotonic()), FRAMES)
    return (times[-1] - times[0]) / (len(times) - 1)


def frames_a_second(gallery, cores, depth):
    """In a process of its own, which has no other cores."""
    done = subprocess.run([sys.executable, __file__, gallery, str(depth)], stdout=subprocess.PIPE, text=True,
                          check=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    return 1 / float(done.stdout)


def main():
    support.need(VIDEO, support.MIRANDA)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("skipped: there is one core only")
        sys.exit(77)
    rates = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as folder:
        gallery = f"{folder}/people.db"
        support.enroll(gallery, "Lin-Manuel Miranda", support.MIRANDA)
        for _ in range(ROUNDS):
            for name, (count, depth) in RUNS.items():
                rates[name].append(frames_a_second(gallery, cores[:count], depth))
    one = statistics.median(rates["one core"])
    for name, each in rates.items():
        print(f"{name:28} {statistics.median(each):6.1f} frames/s, {statistics.median(each) / one:.2f} of one core")
    best = max(statistics.median(each) for each in rates.values()) / one
    print(f"aim: {AIM} times one core: {'reached' if best >= AIM else 'missed'}")


if len(sys.argv) > 1:
    print(play(sys.argv[1], int(sys.argv[2])))
else:
    main()
