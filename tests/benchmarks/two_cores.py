# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frames a second of the bin facerec in mode=sync on a video of 640x360 with one face: on one core, on two, and
on two with pipeline-depth=1, where finding the faces of a frame and representing those of the one before
overlap; with each frame's face represented, and about once a second as facetrack has it. Alternating runs,
medians; decoding is among it.

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
REPRESENTED = {"each frame's face represented": "refresh-interval=0", "about once a second": ""}
RUNS = {"one core": (1, 0), "two cores": (2, 0), "two cores, pipeline-depth=1": (2, 1)}


def play(gallery, properties):
    """Seconds a frame, from the first to the last."""
    times = []
    support.watch(VIDEO, f"{SIZE} ! facerec gallery={gallery} {properties}",
                  lambda *_: times.append(time.monotonic()), FRAMES)
    return (times[-1] - times[0]) / (len(times) - 1)


def frames_a_second(gallery, cores, properties):
    """In a process of its own, which has no other cores."""
    done = subprocess.run([sys.executable, __file__, gallery, properties], stdout=subprocess.PIPE, text=True,
                          check=True, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    return 1 / float(done.stdout)


def compare(gallery, cores, properties):
    """Prints the rates of the runs; the best as times that of one core."""
    rates = {name: [] for name in RUNS}
    for _ in range(ROUNDS):
        for name, (count, depth) in RUNS.items():
            rates[name].append(frames_a_second(gallery, cores[:count], f"{properties} pipeline-depth={depth}"))
    medians = {name: statistics.median(each) for name, each in rates.items()}
    one = medians["one core"]
    for name, rate in medians.items():
        print(f"  {name:28} {rate:6.1f} frames/s, {rate / one:.2f} of one core", flush=True)
    return max(medians.values()) / one


def main():
    support.need(VIDEO, support.MIRANDA)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("skipped: there is one core only")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        gallery = f"{folder}/people.db"
        support.enroll(gallery, "Lin-Manuel Miranda", support.MIRANDA)
        for name, properties in REPRESENTED.items():
            print(f"{name}:")
            best = compare(gallery, cores, properties)
            print(f"  aim: {AIM} times one core: {'reached' if best >= AIM else 'missed'}")


if len(sys.argv) > 1:
    print(play(sys.argv[1], sys.argv[2]))
else:
    main()
