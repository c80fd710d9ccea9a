# SPDX-License-Identifier: LGPL-2.1-or-later
"""live_camera.py ADDRESS PROPERTIES SECONDS: plays a camera through the bin facerec, until its end or for
so long, and prints as JSON what went in, what came out, and how old its results are.

A program of its own, because rtspsrc now and then waits for itself for ever when it is stopped.
"""
import json
import os
import sys
import time

import gi

import support

gi.require_version("Gst", "1.0")
gi.require_version("GstFace", "1.0")
from gi.repository import Gst, GstFace  # noqa: E402

SINK = "fakesink sync=true max-lateness=5000000 qos=true"  # as a display


class Watch:
    """Frames before and behind the bin, by their timestamps, while a camera plays."""

    def __init__(self, address, properties, rest=""):
        Gst.init(None)
        self.decoded, self.shown, self.ages, self.memory = [], [], [], []
        self.pipeline = Gst.parse_launch(
            f"rtspsrc name=camera location={address} latency=200 protocols=tcp ! rtph264depay ! h264parse"
            f" ! avdec_h264 name=decoder ! facerec name=bin {properties} ! {rest} {SINK} name=sink")
        # A sound that nobody takes counts as an error of its own once the picture has ended.
        self.pipeline.get_by_name("camera").connect(
            "select-stream", lambda _, number, caps: caps.get_structure(0).get_string("media") == "video")
        self.watch("decoder", "src", self.decoded)
        self.watch("bin", "src", self.shown, self.ages)

    def watch(self, element, pad, times, ages=None):
        def look(_, info):
            frame = info.get_buffer()
            times.append(frame.pts)
            if ages is not None:
                said = GstFace.buffer_get_face_frame_meta(frame)
                if said.predicted:
                    ages.append((frame.pts - said.search_time) / Gst.MSECOND)
            return Gst.PadProbeReturn.OK

        self.pipeline.get_by_name(element).get_static_pad(pad).add_probe(Gst.PadProbeType.BUFFER, look)

    def play(self, seconds):
        """Until the camera's end or so many seconds; raises what the pipeline says."""
        self.pipeline.set_state(Gst.State.PLAYING)
        bus, end = self.pipeline.get_bus(), time.monotonic() + seconds
        types = Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.LATENCY
        while time.monotonic() < end:
            message = bus.timed_pop_filtered(Gst.SECOND, types)
            self.memory.append(support.resident())
            if message is None:
                continue
            if message.type == Gst.MessageType.LATENCY:
                self.pipeline.recalculate_latency()
            elif message.type == Gst.MessageType.ERROR:
                error, debug = message.parse_error()
                raise RuntimeError(f"{error.message} {debug}")
            else:
                break

    def lost(self):
        """Frames that were decoded and did not come out; those under way at the end do not count."""
        last = self.shown[-1] if self.shown else -1
        return sorted({pts for pts in self.decoded if pts <= last} - set(self.shown))

    def dropped(self):
        """The share of frames that the sink found too late to show."""
        rendered = self.pipeline.get_by_name("sink").get_property("stats")
        count = rendered.get_uint64("dropped").value
        return count / max(1, count + rendered.get_uint64("rendered").value)


if __name__ == "__main__":
    watch = Watch(sys.argv[1], sys.argv[2])
    watch.play(float(sys.argv[3]))
    print(json.dumps({"decoded": len(watch.decoded), "lost": len(watch.lost()),
                      "in order": watch.shown == sorted(watch.shown), "ages": watch.ages,
                      "memory": watch.memory, "dropped": watch.dropped()}), flush=True)
    os._exit(0)
