#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints who was seen in a video, from when to when, by reading the faces' metadata.

The same program with --video and --picture is what examples/demo.sh runs.
"""
import argparse
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstVideo", "1.0")
gi.require_version("GstFace", "1.0")
from gi.repository import GLib, Gst, GstFace, GstVideo  # noqa: E402

UNKNOWN = "(unknown)"
GAP = 0.5  # seconds that somebody may be out of sight within one line of the timeline


class Timeline:
    """Who was seen when: for each name the intervals, as [from, to, frames, least distance]."""

    def __init__(self):
        self.frames = 0
        self.seen = {}

    def add(self, second, faces):
        """Takes a frame's faces as pairs of name and distance."""
        self.frames += 1
        for name in {name for name, _ in faces}:
            nearest = min(distance for other, distance in faces if other == name)
            intervals = self.seen.setdefault(name, [])
            if not intervals or second - intervals[-1][1] > GAP:
                intervals.append([second, second, 0, nearest])
            last = intervals[-1]
            last[1], last[2], last[3] = second, last[2] + 1, min(last[3], nearest)

    def lines(self):
        for name, intervals in self.seen.items():
            for start, end, frames, distance in intervals:
                yield start, end, frames, name, distance

    def show(self):
        print(f"{'from':>8} {'to':>8} {'frames':>7}  who")
        for start, end, frames, name, distance in sorted(self.lines()):
            note = "" if distance != distance else f"  (least distance {distance:.3f})"
            print(f"{clock(start):>8} {clock(end):>8} {frames:7d}  {name}{note}")
        print(f"{self.frames} frames; a gap of up to {GAP} s stays within a line")


def clock(second):
    return f"{int(second) // 60}:{second % 60:05.2f}"


def faces_of(buffer):
    """The faces of a buffer as pairs of label and distance; NaN where nothing was compared."""
    faces = []
    for face in GstFace.buffer_get_face_metas(buffer):
        identity = face.get_identity()
        if identity is None:
            faces.append((UNKNOWN, float("nan")))
        elif identity.get_verdict() != GstFace.Verdict.UNDECIDED:
            faces.append((identity.get_label(), identity.get_distance()))
    return faces


def copy_frames(_pipeline, _bin, element):
    """Keeps libav's decoder from writing into others' memory: GStreamer 1.26's aborts the program there now and
    then, where a video's width is no multiple of 16."""
    if element.get_factory().get_name() == "avdec_h264":
        element.set_property("direct-rendering", False)


def writer(stem):
    """The rest of the pipeline that writes STEM.mp4 or STEM.webm, and that file's name."""
    if Gst.ElementFactory.find("x264enc"):
        path, encoder = stem + ".mp4", "x264enc speed-preset=veryfast ! h264parse ! mp4mux"
    else:
        path, encoder = stem + ".webm", "vp8enc deadline=1 cpu-used=8 ! webmmux"
    return f'videoconvert ! {encoder} ! filesink location="{path}"', path


class Viewer:
    def __init__(self, options):
        self.options = options
        self.timeline = Timeline()
        self.best = (-1, -1), None  # how much a frame shows, and its sample
        self.problem = None
        self.loop = GLib.MainLoop()
        self.pipeline = Gst.parse_launch(self.description())
        self.pipeline.connect("deep-element-added", copy_frames)
        self.pipeline.get_by_name("seen").get_static_pad("sink").add_probe(
            Gst.PadProbeType.BUFFER, self.on_frame)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)

    def description(self):
        recognise = "facerecdetect"
        if self.options.gallery:
            recognise += (" ! facetrack ! facealign ! faceembed"
                          f' ! facematch gallery="{self.options.gallery}" post-messages=none')
        end, self.video = "fakesink", None
        if self.options.video:
            end, self.video = writer(self.options.video)
        return (f'uridecodebin uri="{self.options.media}" ! video/x-raw'
                " ! videoconvert ! videoflip video-direction=auto"
                f" ! queue ! {recognise} ! faceannotate ! identity name=seen ! {end}")

    def on_frame(self, pad, info):
        buffer = info.get_buffer()
        faces = faces_of(buffer)
        self.timeline.add(buffer.pts / Gst.SECOND, faces)
        score = sum("unknown" not in name for name, _ in faces), len(faces)
        if self.options.picture and score > self.best[0]:
            self.best = score, Gst.Sample.new(buffer, pad.get_current_caps(), None, None)
        return Gst.PadProbeReturn.OK

    def on_message(self, _, message):
        if message.type == Gst.MessageType.ERROR:
            self.problem = message.parse_error().gerror.message
        if message.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            self.loop.quit()

    def save_picture(self):
        sample = self.best[1]
        if sample is None:
            return
        picture = GstVideo.video_convert_sample(
            sample, Gst.Caps.from_string("image/png"), 10 * Gst.SECOND)
        buffer = picture.get_buffer()
        with open(self.options.picture, "wb") as file:
            file.write(buffer.extract_dup(0, buffer.get_size()))

    def run(self):
        """Plays to the end, or to Ctrl-C of a source that has none."""
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, 2, self.pipeline.send_event,
                             Gst.Event.new_eos())
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.save_picture()
        self.pipeline.set_state(Gst.State.NULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("media", help="file or URI (rtsp://, http://, v4l2:// ...)")
    parser.add_argument("--gallery", help="people to recognise; without it faces are only detected")
    parser.add_argument("--video", metavar="STEM", help="write STEM.mp4 (H.264), or STEM.webm (VP8) "
                        "where x264enc is missing, with the faces drawn")
    parser.add_argument("--picture", metavar="PNG", help="write the frame with most people")
    options = parser.parse_args()
    Gst.init(None)
    if not Gst.uri_is_valid(options.media):
        options.media = Gst.filename_to_uri(os.path.abspath(options.media))
    viewer = Viewer(options)
    viewer.run()
    viewer.timeline.show()
    if viewer.video:
        print(f"video: {viewer.video}")
    if viewer.problem:
        sys.exit(f"It stopped early: {viewer.problem}")


if __name__ == "__main__":
    main()
