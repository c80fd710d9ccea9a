# SPDX-License-Identifier: LGPL-2.1-or-later
"""Live streams in one process beside as many processes of one each: frames analysed, and the memory of their
networks.

Each stream plays another part of the clip at its own pace through the bin in mode=live, with a detector that
is too slow to keep up.
"""
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "pipelines"))
import support  # noqa: E402

STREAMS = 4
SECONDS = 6
APART = 1.5  # seconds of the clip between two streams' beginnings
ROUNDS = 3


def analysed(element):
    stats = element.get_property("stats")
    detector = stats.get_value("detect")
    return detector.get_uint64("analysed").value


def play(gallery, first, streams):
    """How many frames of each stream were analysed; `first` is the number of the first one."""
    from gi.repository import Gst
    pipeline = Gst.parse_launch(" ".join(
        f"filesrc location={support.CLIP} ! decodebin ! videoconvert ! clocksync ! facerec name=stream{number}"
        f" mode=live detect-size=960 gallery={gallery} ! fakesink name=sink{number}" for number in range(streams)))
    bins = [pipeline.get_by_name(f"stream{number}") for number in range(streams)]
    pipeline.set_state(Gst.State.PAUSED)
    pipeline.get_state(20 * Gst.SECOND)
    for number in range(streams):
        pipeline.get_by_name(f"sink{number}").seek_simple(
            Gst.Format.TIME, Gst.SeekFlags.FLUSH, (first + number) * APART * Gst.SECOND)
    pipeline.get_state(20 * Gst.SECOND)
    before = [analysed(each) for each in bins]
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(SECONDS * Gst.SECOND, Gst.MessageType.ERROR)
    if message is not None:
        sys.exit(message.parse_error().gerror.message)
    counts = [analysed(each) - count for each, count in zip(bins, before)]
    pipeline.set_state(Gst.State.NULL)
    return counts


def memory(gallery, streams):
    """MiB that so many bins take once they are loaded."""
    from gi.repository import Gst
    Gst.Registry.get().find_plugin("facerec").load()
    before = support.resident()
    bins = [Gst.parse_launch(f"facerec gallery={gallery} detect-size=960") for _ in range(streams)]
    for each in bins:
        each.set_state(Gst.State.PAUSED)
    taken = support.resident() - before
    for each in bins:
        each.set_state(Gst.State.NULL)
    return taken


def child(what, gallery, *numbers):
    return subprocess.Popen([sys.executable, __file__, what, gallery, *map(str, numbers)],
                            stdout=subprocess.PIPE, text=True)


def result(process):
    return json.loads(process.communicate(timeout=120)[0])


def main():
    with tempfile.TemporaryDirectory() as folder:
        gallery = f"{folder}/people.db"
        support.enroll(gallery, "Lin-Manuel Miranda", support.MIRANDA)
        apart, together, shares = [], [], []
        for _ in range(ROUNDS):
            processes = [child("play", gallery, number, 1) for number in range(STREAMS)]
            apart.append(sum(sum(result(each)) for each in processes))
            counts = result(child("play", gallery, 0, STREAMS))
            together.append(sum(counts))
            shares.append(min(counts) * STREAMS / sum(counts))
        apart, together = statistics.median(apart), statistics.median(together)
        print(f"{STREAMS} streams, frames analysed in {SECONDS} s: {apart:.0f} in as many processes, {together:.0f} "
              f"in one, {together / apart:.2f} of that; no stream got less than {min(shares):.2f} of the mean")
        one, all_of_them = (result(child("memory", gallery, streams)) for streams in (1, STREAMS))
        print(f"memory once loaded: {one:.1f} MiB for one stream, {all_of_them:.1f} for {STREAMS}, "
              f"{all_of_them / one:.2f} of that")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import gi
        gi.require_version("Gst", "1.0")
        from gi.repository import Gst as _Gst
        _Gst.init(None)
        print(json.dumps({"play": play, "memory": memory}[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))))
    else:
        support.need(support.CLIP, support.MIRANDA)
        main()
