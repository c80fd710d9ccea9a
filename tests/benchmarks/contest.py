# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs this project's elements and others on the same videos in turn, on one core, and compares what they
take and what they find. Meson sets the environment: see meson.build."""
import collections
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pipelines"))
import support  # noqa: E402

ROUNDS = 3
FRAMES = int(os.environ.get("FACEREC_FRAMES", "150"))  # of each video, the first ones
VIDEOS = [support.CLIP, support.SHARED / "media/1zlab_face.mp4"]
MTCNN = support.SHARED / "models/mtcnn"
PIPELINE_COST = support.BUILD / "tests/benchmarks/pipeline_cost"
# A detector that takes no part says which clear faces are there. What is found elsewhere are false alarms and
# blurred faces alike.
JUDGE = "facerecdetect model=mtcnn"
SAME_FACE = 0.3  # overlap: some boxes end at the chin, others around the hair

Run = collections.namedtuple("Run", "frames milliseconds boxes")  # of the whole video, boxes by frame
# Milliseconds a frame, faces found a frame, those of them that are clear, their share of all clear ones,
# milliseconds a face found and a clear one.
Result = collections.namedtuple("Result", "frame found clear recall face clear_face")


class Kind:
    """A sort of process, which plays videos; `decode` are the arguments with which it does nothing else."""

    def __init__(self, *command, decode=(), env=None):
        self.command, self.decode, self.env = command, decode, env

    def run(self, video, *arguments):
        output = subprocess.run([str(part) for part in (*self.command, video, FRAMES, *arguments)], env=self.env,
                                stdout=subprocess.PIPE, text=True, check=True).stdout
        *faces, (_, milliseconds, measured) = [line.split() for line in output.splitlines()]
        boxes = collections.defaultdict(list)
        for _, frame, *box in faces:
            boxes[int(frame)].append([float(number) for number in box])
        frames = int(measured) + 1
        return Run(frames, float(milliseconds) * frames / int(measured), boxes)


OURS = Kind(PIPELINE_COST)


def prepare():
    """One core for this process and those that it starts; skips where there are no videos."""
    support.need(*VIDEOS, MTCNN)
    os.environ["FACEREC_MODEL_PATH"] += f":{MTCNN}"
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def count_common(boxes, others):
    """How many of the boxes are about one of the others, no two the same."""
    left, count = list(others), 0
    for box in boxes:
        best = max(left, key=lambda other: overlap(box, other), default=None)
        if best is not None and overlap(box, best) >= SAME_FACE:
            left.remove(best)
            count += 1
    return count


def result_of(run, milliseconds, judged):
    found, all_clear = (sum(map(len, boxes.values())) for boxes in (run.boxes, judged.boxes))
    clear = sum(count_common(boxes, judged.boxes[frame]) for frame, boxes in run.boxes.items())
    return Result(milliseconds / run.frames, found / run.frames, clear / run.frames, clear / all_clear,
                  milliseconds / max(found, 1), milliseconds / max(clear, 1))


def hold(video, contestants):
    """Prints what each of `contestants`, a Kind and a list of arguments a name, takes and finds; a Result a
    name."""
    times, runs, decoding = collections.defaultdict(list), {}, collections.defaultdict(list)
    for _ in range(ROUNDS):
        decode = {kind: kind.run(video, *kind.decode).milliseconds for kind, _ in contestants.values()}
        for kind, milliseconds in decode.items():
            decoding[kind].append(milliseconds)
        for name, (kind, arguments) in contestants.items():
            runs[name] = kind.run(video, *arguments)
            times[name].append(runs[name].milliseconds - decode[kind])
    judged = OURS.run(video, JUDGE)
    results = {name: result_of(run, statistics.median(times[name]), judged) for name, run in runs.items()}

    decoded = ", ".join(f"{statistics.median(each) / judged.frames:.2f}" for each in decoding.values())
    print(f"\n{video.name}, {judged.frames} frames: CPU time beside decoding ({decoded} ms/frame), medians of {ROUNDS}")
    print(f"{'':40} ms/frame  faces/frame  clear/frame  recall  ms/face  ms/clear face")
    for name, result in results.items():
        print(f"{name:40} {result.frame:8.2f} {result.found:12.3f} {result.clear:12.3f} {result.recall:7.3f}"
              f" {result.face:8.2f} {result.clear_face:14.2f}")
    return results


def tell_aim(text, value, most, condition=True):
    print(f"aim: {text}: {value:.2f}, at most {most}: {'reached' if condition and value <= most else 'missed'}",
          flush=True)
