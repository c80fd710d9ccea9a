# SPDX-License-Identifier: LGPL-2.1-or-later
"""What live mode does to a camera's stream: an RTSP camera of 1280x720 H.264 through the bin facerec.

Recording: 25 frames a second are decoded, analysed beside the video, drawn on and encoded again. Tells how
many frames the decoder gave and how many came out of the encoder, how old the results were that frames
showed, and what memory the process had: the least of the second minute and of the last one, since frames
under way come and go. Showing: 30 frames a second go to a sink that drops what is more
than 5 ms late, as a display does; tells how many it showed.

    meson test -C build --benchmark live_report -v
    live_report.py [--minutes MINUTES] [--detector DETECTOR]...

Meson sets the environment: see meson.build.
"""
import argparse
import json
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pipelines"))
import support  # noqa: E402

SIZE = "width=1280,height=720"
RECORDING_RATE, SHOWING_RATE = 25, 30
MTCNN = support.SHARED / "models/mtcnn"
ENCODER = "videoconvert ! x264enc speed-preset=ultrafast tune=zerolatency !"
AIM = 99  # percent of the frames shown


def make_clip(path, rate):
    """The shared clip, larger and at another rate; its length in seconds."""
    support.run("gst-launch-1.0", "filesrc", f"location={support.CLIP}", "!", "decodebin", "!", "videoconvert", "!",
                "videoscale", "!", "videorate", "!", f"video/x-raw,format=I420,{SIZE},framerate={rate}/1", "!",
                "x264enc", "speed-preset=ultrafast", "bitrate=4000", f"key-int-max={rate}", "!",
                "video/x-h264,profile=constrained-baseline", "!", "mp4mux", "!", "filesink", f"location={path}")
    return len(support.watch(path, "identity", lambda *_: None)) / rate


def detectors():
    """Those whose models are here."""
    listed = support.run(support.BUILD / "src/cli/facerec", "models", "list")
    return re.findall(r"^detector +(\S+) +present", listed, re.MULTILINE)


def play(address, properties, rest, seconds):
    """In a process of its own, see live_camera.py; prints what was seen as JSON."""
    from live_camera import Watch

    watch = Watch(address, properties, rest)
    if rest:  # nobody wants frames of a recording dropped
        sink = watch.pipeline.get_by_name("sink")
        sink.set_property("qos", False)
        sink.set_property("max-lateness", -1)
    out = []
    watch.watch("sink", "sink", out)
    watch.play(seconds)
    last = out[-1] - out[0] + watch.shown[0] if out else -1  # the encoder's times begin elsewhere
    decoded = sum(pts <= last for pts in watch.decoded)  # those under way at the end do not count
    print(json.dumps({"decoded": decoded, "out": len(out), "ages": watch.ages, "memory": watch.memory,
                      "shown": 100 * (1 - watch.dropped())}), flush=True)
    os._exit(0)


def watch_camera(clip, length, detector, rest, seconds):
    with support.camera(clip, repeat=math.ceil(seconds / length) + 1) as address:
        output = support.run(sys.executable, __file__, "--play", address, f"detector={detector} annotate=true", rest,
                             seconds, seconds=seconds + 60)
    return json.loads(output.splitlines()[-1])


def percentile(numbers, part):
    return sorted(numbers)[math.ceil(part * len(numbers)) - 1] if numbers else math.nan


def report(folder, seconds, names):
    recorded, shown = folder / "recorded.mp4", folder / "shown.mp4"
    recorded_length, shown_length = make_clip(recorded, RECORDING_RATE), make_clip(shown, SHOWING_RATE)
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"RTSP camera, 1280x720, H.264, {seconds:.0f} s a detector; {os.cpu_count()} cores, load before {load}")
    print(f"{'':16}  frames     frames  % with     age of results in ms     MiB, 2nd   MiB at   % shown at")
    print(f"{'':16} decoded        out  results   median     p99  greatest      minute the end   {SHOWING_RATE}/s")
    for detector in names:
        try:
            record = watch_camera(recorded, recorded_length, detector, ENCODER, seconds)
            show = watch_camera(shown, shown_length, detector, "", min(seconds, 30))
        except AssertionError as problem:  # dlib, say, is not built in
            reason = str(problem).partition("Error: ")[2].partition("\n")[0]
            print(f"{detector:16} cannot be played: {reason}", flush=True)
            continue
        ages, memory = record["ages"], record["memory"]
        minutes = [memory[60:120] or memory, memory[-60:]]
        print(f"{detector:16} {record['decoded']:7} {record['out']:10} {100 * len(ages) / max(record['out'], 1):8.1f}"
              f" {statistics.median(ages) if ages else math.nan:8.0f} {percentile(ages, .99):7.0f}"
              f" {max(ages, default=math.nan):9.0f} {min(minutes[0]):11.1f} {min(minutes[-1]):8.1f}"
              f" {show['shown']:12.1f}", flush=True)
        if record["decoded"] != record["out"]:
            print(f"aim: no frame lost: {record['decoded'] - record['out']} are: missed")
        if show["shown"] < AIM:
            print(f"aim: {AIM} % shown: missed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=.25, help="how long each detector records (%(default)s)")
    parser.add_argument("--detector", action="append", help="which ones (those whose models are here)")
    options = parser.parse_args()
    support.need(support.CLIP)
    if MTCNN.is_dir():
        os.environ["FACEREC_MODEL_PATH"] += f":{MTCNN}"
    with tempfile.TemporaryDirectory() as folder:
        report(pathlib.Path(folder), 60 * options.minutes, options.detector or detectors())


if len(sys.argv) > 1 and sys.argv[1] == "--play":
    play(sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5]))
else:
    main()
