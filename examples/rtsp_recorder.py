#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records a camera without a gap while it recognises people, and outlives failures of camera and disk.

The camera's frames are written as they come, in files that begin with a key frame and are named by the UTC
time of it. Frames of the last seconds are kept in memory too, and so a clip of somebody, in the folder
clips/, begins before he was seen. Recognition has its own copy of the frames, skips what it is too slow for
and never holds up the recording.

recorder/camera.py connects, recorder/storage.py writes, recorder/recognition.py recognises.
"""
import argparse
import datetime
import os
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

from recorder.camera import Camera, now  # noqa: E402
from recorder.recognition import Recognition  # noqa: E402
from recorder.storage import Storage, stamp  # noqa: E402

CLOSING = 10 * Gst.SECOND  # that the files may take to be closed


def say(text):
    print(f"{datetime.datetime.now(datetime.timezone.utc):%H:%M:%S} {text}", flush=True)


class Recorder:
    def __init__(self, options):
        self.options = options
        self.loop = GLib.MainLoop()
        self.storage = Storage(options, say)
        self.recognition = Recognition(options, say, self.on_seen, self.on_left)
        self.camera = Camera(options, say, self.on_frame, self.on_lost)
        self.stopping = None  # since when

    def on_frame(self, frame):
        self.storage.add(frame)
        if self.options.gallery:
            self.recognition.add(frame)

    def on_lost(self):
        self.storage.end_stream()
        self.recognition.end_stream()

    def on_seen(self, who, since, is_known):
        say(f"seen: {who}, since {stamp(since)}")
        if is_known or self.options.strangers:
            self.storage.begin_clip(who, since)

    def on_left(self, who, time):
        say(f"left: {who}")
        self.storage.leave_clip(who, time)

    def check(self):
        if not self.stopping:
            self.camera.check()
            self.storage.check()
        elif not self.storage.open or now() - self.stopping > CLOSING:
            self.loop.quit()
        return GLib.SOURCE_CONTINUE

    def stop(self):
        if self.stopping:
            os._exit(1)
        say("stopping")
        self.stopping = now()
        self.camera.stop()
        self.storage.end_stream()
        return GLib.SOURCE_CONTINUE

    def run(self):
        if self.options.gallery and not self.recognition.start():
            message = self.recognition.pipeline.get_bus().pop_filtered(Gst.MessageType.ERROR)
            say(f"error: {message.parse_error().gerror.message if message else 'recognition does not start'}")
            return 1
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, self.stop)
        GLib.timeout_add(200, self.check)
        self.storage.check()
        self.camera.start()
        self.loop.run()
        if self.storage.open:
            say("error: not all files could be closed")
        return 1 if self.storage.open else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add("camera", help="rtsp:// address")
    add("folder", help="where the files go; it is made where it is missing")
    add("--gallery", help="people to recognise; without it nobody is, and there are no clips")
    add("--strangers", action="store_true", help="make clips of unknown people, too")
    add("--pre-roll", type=float, default=5, metavar="S", help="seconds of a clip before somebody is seen")
    add("--post-roll", type=float, default=5, metavar="S", help="seconds of a clip after somebody was seen")
    add("--file-seconds", type=float, default=600, metavar="S", help="length of a file")
    add("--keep-gib", type=float, metavar="N", help="delete the oldest files beyond this size; clips do not count")
    add("--keep-days", type=float, metavar="N", help="delete files that are older")
    add("--keep-clips-days", type=float, metavar="N", help="delete clips that are older")
    add("--min-free", type=float, default=100, metavar="MIB",
        help="stop while less of the disk is free, until twice as much is")
    add("--disk-pause", type=float, default=10, metavar="S", help="seconds before a new try after a disk's failure")
    add("--protocol", choices=("tcp", "udp"), default="tcp", help="what carries the frames")
    add("--latency", type=int, default=200, metavar="MS", help="how long to wait for packets that are late")
    add("--silence", type=float, default=5, metavar="S", help="seconds without data after which the camera is gone")
    options = parser.parse_args()
    Gst.init(None)
    return Recorder(options).run()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # threads that wait for a dead camera or disk would hold up the usual end
