#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records a camera without a gap while it recognises people, and outlives the camera's failures.

The camera's own stream goes through a tee into files, unchanged; recognition runs on the other
branch behind queues that drop, so that it can never hold up the recording. Where the camera goes
away the file is closed and the camera is tried again, at first after a second, at last every 30.
"""
import argparse
import datetime
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

SILENCE = 10  # seconds without data after which the camera counts as gone
LONGEST_WAIT = 30  # seconds between two attempts
CLOSING = 5  # seconds that a file may take to be closed


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def say(text):
    print(f"{now():%H:%M:%S} {text}", flush=True)


class Recorder:
    def __init__(self, options):
        self.options = options
        self.loop = GLib.MainLoop()
        self.wait = 1
        self.pipeline = None
        self.recording = False  # a file is open
        self.finishing = False  # and is being closed
        self.stopping = False
        self.result = 0

    def description(self):
        recognise = "facerecdetect"
        if self.options.gallery:
            recognise += (" ! facetrack ! facealign ! faceembed"
                          f' ! facematch gallery="{self.options.gallery}"')
        return (
            f'rtspsrc location="{self.options.camera}" protocols=tcp latency=200'
            " ! application/x-rtp,media=video ! parsebin"
            f" ! watchdog name=silence timeout={SILENCE * 1000} ! tee name=stream"
            " stream. ! queue max-size-bytes=0 max-size-buffers=0 max-size-time=10000000000"
            f" ! splitmuxsink name=files muxer-factory=matroskamux"
            f" max-size-time={self.options.file_seconds * Gst.SECOND}"
            " stream. ! queue leaky=downstream ! decodebin"
            f" ! queue leaky=downstream max-size-buffers=2 ! {recognise}"
            " ! fakesink sync=false async=false")

    def start(self):
        if self.stopping:
            return GLib.SOURCE_REMOVE
        self.pipeline = Gst.parse_launch(self.description())
        self.pipeline.get_by_name("files").connect("format-location", self.next_file)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self.on_message)
        say(f"connecting to {self.options.camera}")
        self.pipeline.set_state(Gst.State.PLAYING)
        return GLib.SOURCE_REMOVE

    def next_file(self, *_):
        path = os.path.join(self.options.folder, f"{now():%Y-%m-%dT%H-%M-%S.%f}Z.mkv")
        self.wait, self.recording = 1, True
        say(f"recording {path}")
        return path

    def on_message(self, _, message):
        structure = message.get_structure()
        if message.type == Gst.MessageType.ERROR:
            text = message.parse_error().gerror.message
            if message.src.get_name() == "silence":
                text = f"no data for {SILENCE} s"
            if self.is_own_failure(message.src):
                say(f"giving up: {text}")
                self.result = 1
                self.stop()
            else:
                self.lose(text)
        elif message.type == Gst.MessageType.EOS:
            self.lose("the stream ended")
            self.finished(self.pipeline)
        elif structure and structure.get_name() == "facematch":
            if structure.get_string("event") in ("recognised", "changed"):
                say(f"seen: {structure.get_string('label') or 'somebody'}")
        elif structure and structure.get_name() == "splitmuxsink-fragment-closed":
            say(f"closed {structure.get_string('location')}")

    def is_own_failure(self, element):
        """Whether a full disk, a missing gallery or the like failed, which no new attempt mends."""
        factory = element.get_factory() if isinstance(element, Gst.Element) else None
        return (element.has_as_ancestor(self.pipeline.get_by_name("files"))
                or factory is not None and factory.get_name().startswith("face"))

    def lose(self, reason):
        if not self.finishing:
            say(f"camera gone: {reason}")
            self.finish()

    def stop(self):
        if not self.stopping:
            say("stopping")
            self.stopping = True
            if not self.pipeline:
                self.loop.quit()
            elif not self.finishing:
                self.finish()
        return GLib.SOURCE_CONTINUE

    def finish(self):
        """Closes the files, waiting no longer than CLOSING for them."""
        self.finishing = True
        if not self.recording:
            self.finished(self.pipeline)
            return
        GLib.timeout_add_seconds(CLOSING, self.finished, self.pipeline)
        self.pipeline.get_by_name("stream").get_static_pad("sink").send_event(Gst.Event.new_eos())

    def finished(self, pipeline):
        if pipeline is not self.pipeline:
            return GLib.SOURCE_REMOVE
        pipeline.get_bus().remove_signal_watch()
        pipeline.set_state(Gst.State.NULL)
        self.pipeline, self.recording, self.finishing = None, False, False
        if self.stopping:
            self.loop.quit()
        else:
            say(f"next attempt in {self.wait} s")
            GLib.timeout_add_seconds(self.wait, self.start)
            self.wait = min(2 * self.wait, LONGEST_WAIT)
        return GLib.SOURCE_REMOVE

    def run(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, self.stop)
        self.start()
        self.loop.run()
        return self.result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("camera", help="rtsp:// address")
    parser.add_argument("folder", help="where the files go; it is made where it is missing")
    parser.add_argument("--gallery", help="people to recognise; without it faces are only detected")
    parser.add_argument("--file-seconds", type=int, default=600, help="length of a file")
    options = parser.parse_args()
    Gst.init(None)
    os.makedirs(options.folder, exist_ok=True)
    return Recorder(options).run()


if __name__ == "__main__":
    sys.exit(main())
