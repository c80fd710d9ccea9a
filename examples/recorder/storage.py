# SPDX-License-Identifier: LGPL-2.1-or-later
"""The disk: files of compressed frames, how many of them are kept, and what happens when it is full."""
import collections
import datetime
import itertools
import os
import pathlib
import re
import shutil

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

from recorder.camera import dispose, now  # noqa: E402

MIB = 1 << 20
BACKLOG = 128 * MIB  # bytes that a file may be behind: the disk is too slow, or gone
MUTE = 3 * Gst.SECOND  # without audio, after which the file's video waits for it no longer
PATIENCE = Gst.SECOND  # for the audio to begin, before a file begins without
LATE = 10 * Gst.SECOND  # how long it may take to recognise somebody whose clip begins in time
RETAIN_EACH = 60 * Gst.SECOND  # between two looks for files that are too old
LONGEST_PAUSE = 60  # seconds between new tries after failures that free space does not explain
LONGEST_CLIP = 600 * Gst.SECOND
NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})Z(-\w.*)?\.mkv")
STAMP = "%Y-%m-%dT%H-%M-%S.%f"


def stamp(time):
    """The UTC time of one of our times, as file names hold it."""
    age = datetime.timedelta(microseconds=(now() - time) / 1000)
    return (datetime.datetime.now(datetime.timezone.utc) - age).strftime(STAMP)[:-3] + "Z"


class File:
    """A Matroska file that begins with the frame given; on_end(file, error or None) comes once."""

    def __init__(self, path, first, caps, on_end):
        self.path, self.begin, self.caps, self.on_end = path, first.time, dict(caps), on_end
        self.last = first.time  # the newest video frame
        self.heard = first.time  # the audio
        self.audible = False  # whether audio has come after it was given up
        self.ending = False
        self.sources = {}
        line = "matroskamux name=mux writing-app=gst-facerec ! filesink name=file async=false"
        for media in caps:
            line += f" appsrc name={media} format=time is-live=true max-bytes={BACKLOG} ! mux.{media}_0"
        self.pipeline = Gst.parse_launch(line)
        self.pipeline.get_by_name("file").set_property("location", str(path))
        for media, value in caps.items():
            self.sources[media] = self.pipeline.get_by_name(media)
            self.sources[media].set_property("caps", value)
            self.sources[media].get_static_pad("src").set_offset(-self.begin)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        self.handler = bus, bus.connect("message", self.on_message)
        self.pipeline.set_state(Gst.State.PLAYING)

    def add(self, frame):
        source = self.sources.get(frame.media)
        self.audible = self.audible or source is None and frame.media in self.caps
        if self.ending or source is None or frame.time < self.begin:
            return
        if not frame.sample.get_caps().is_equal(self.caps[frame.media]):
            return  # the next file takes it
        if source.get_property("current-level-bytes") > BACKLOG:
            self.ending = True
            GLib.idle_add(self.finish, "the disk takes no more data")
            return
        source.emit("push-sample", frame.sample)
        if frame.media == "audio":
            self.heard = frame.time
            return
        if frame.time - self.last > Gst.SECOND:
            self.heard = frame.time  # the camera was silent and not its audio alone
        self.last = max(self.last, frame.time)
        if "audio" in self.sources and frame.time - self.heard > MUTE:
            self.sources.pop("audio").emit("end-of-stream")

    def fits(self, caps):
        return self.caps.keys() == caps.keys() and all(caps[media].is_equal(self.caps[media]) for media in caps)

    def close(self):
        """Has the file completed; on_end follows."""
        if not self.ending:
            self.ending = True
            for source in self.sources.values():
                source.emit("end-of-stream")

    def on_message(self, _, message):
        if message.type == Gst.MessageType.EOS:
            self.finish(None)
        elif message.type == Gst.MessageType.ERROR:
            self.finish(message.parse_error().gerror.message)

    def finish(self, error):
        if self.handler is None:
            return
        self.ending = True
        self.handler[0].disconnect(self.handler[1])
        self.handler[0].remove_signal_watch()
        self.handler = None
        if error:
            dispose(self.pipeline)
            self.on_end(self, error)
        else:
            dispose(self.pipeline, lambda: self.on_end(self, None))


class Clip:
    def __init__(self, file):
        self.file = file
        self.end = file.begin + LONGEST_CLIP

    def until(self, time=None):
        """Has it end then, or without a time as late as a clip may."""
        longest = self.file.begin + LONGEST_CLIP
        self.end = longest if time is None else min(time, longest)


class Storage:
    """Files one after the other, and a clip for each person seen, which begins with frames kept in memory."""

    def __init__(self, options, say):
        self.options, self.say = options, say
        self.folder = pathlib.Path(options.folder)
        self.clip_folder = self.folder / "clips"
        self.clip_folder.mkdir(parents=True, exist_ok=True)
        self.caps = {}
        self.groups = collections.deque()  # the newest groups of pictures: lists of frames, the first a key frame
        self.written = -1  # time of the newest video frame that a file has got
        self.file = None
        self.clips = {}  # by the person
        self.open = set()
        self.trouble = None  # why nothing is recorded
        self.told = None  # what was said of it
        self.failed, self.pause = 0, options.disk_pause
        self.retained = float("-inf")  # when retain() was called

    def add(self, frame):
        caps, known = frame.sample.get_caps(), self.caps.get(frame.media)
        if known is None or not known.is_equal(caps):
            if frame.media == "video":
                self.end_stream()
            self.caps[frame.media] = caps
        if frame.media == "video" and frame.key:
            kept = frame.time - self.options.pre_roll * Gst.SECOND - LATE
            while len(self.groups) > 1 and self.groups[1][0].time <= kept:
                self.groups.popleft()
            self.groups.append([])
            too_long = self.file and frame.time - self.file.begin >= self.options.file_seconds * Gst.SECOND
            if self.file and (too_long or self.file.audible or not self.file.fits(self.caps)):
                self.close_file()
        if not self.groups:
            return
        self.groups[-1].append(frame)
        if self.file:
            self.file.add(frame)
            self.written = self.file.last
        elif len(self.caps) == 2 or frame.time - self.groups[0][0].time > PATIENCE:
            self.begin_file()
        for who, clip in list(self.clips.items()):
            clip.file.add(frame)
            if frame.time > clip.end:
                self.end_clip(who)

    def begin_file(self):
        groups = [group for group in self.groups if group[0].time > self.written]
        if groups and not self.trouble:
            self.file = self.new_file(self.folder, "", groups)
            self.written = self.file.last

    def close_file(self):
        if self.file:
            self.file.close()
            self.file = None

    def new_file(self, folder, suffix, groups):
        first = groups[0][0]
        path = folder / f"{stamp(first.time)}{suffix}.mkv"
        for number in itertools.count(2):
            if not path.exists():
                break
            path = folder / f"{stamp(first.time)}{suffix}-{number}.mkv"
        file = File(path, first, self.caps, self.on_end)
        self.open.add(file)
        self.say(f"recording {path}")
        for group in groups:
            for frame in group:
                file.add(frame)
        return file

    def begin_clip(self, who, since):
        """Records somebody who is seen since then, until leave_clip."""
        if who in self.clips:
            self.clips[who].until()
        elif self.groups and not self.trouble:
            early = since - self.options.pre_roll * Gst.SECOND
            groups = list(self.groups)
            while len(groups) > 1 and groups[1][0].time <= early:
                groups.pop(0)
            name = re.sub(r"[^\w .-]", "_", who)[:50]
            self.clips[who] = Clip(self.new_file(self.clip_folder, f"-{name}", groups))

    def leave_clip(self, who, time):
        """The person was seen for the last time."""
        if who in self.clips:
            self.clips[who].until(time + self.options.post_roll * Gst.SECOND)

    def end_clip(self, who):
        self.clips.pop(who).file.close()

    def end_stream(self):
        """The camera is gone, or sends something else from now on."""
        if not self.file:
            self.begin_file()
        self.close_all()
        self.groups.clear()
        self.caps.clear()

    def close_all(self):
        self.close_file()
        for who in list(self.clips):
            self.end_clip(who)

    def on_end(self, file, error):
        self.open.discard(file)
        if error:
            self.fail(error)
            if file.path.exists() and file.path.stat().st_size == 0:
                file.path.unlink()
        else:
            self.say(f"closed {file.path}")
            if file.begin > self.failed:
                self.told, self.pause = None, self.options.disk_pause
        self.retained = float("-inf")  # by the next check
        return GLib.SOURCE_REMOVE

    def fail(self, text):
        """Stops recording, with one message until it has worked again."""
        if self.trouble:
            return
        if text != self.told:
            self.say(f"error: recording stopped: {text}")
        self.trouble = self.told = text
        self.failed = now()
        self.close_all()

    def check(self):
        """To be called every second or so."""
        if now() - self.retained > RETAIN_EACH:
            self.retain()
        least = self.options.min_free * MIB
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            self.fail(str(error))
            return
        if not self.trouble and free < least:
            self.fail(f"less than {self.options.min_free:g} MiB free")
        elif self.trouble and free >= 2 * least and now() - self.failed > self.pause * Gst.SECOND:
            self.trouble = None
            self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def retain(self):
        """Deletes the oldest finished files that are too many or too old."""
        self.retained = now()
        keep = self.options.keep_gib and self.options.keep_gib * 1024 * MIB
        try:
            self.delete(self.folder, keep, self.options.keep_days)
            self.delete(self.clip_folder, None, self.options.keep_clips_days)
        except OSError as error:
            self.say(f"error: nothing deleted: {error}")

    def delete(self, folder, keep_bytes, keep_days):
        files = [(path, path.stat()) for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]
        total = sum(stat.st_size for _, stat in files)
        busy = {file.path for file in self.open}
        today = datetime.datetime.now().timestamp()
        for path, stat in files:
            is_old = keep_days is not None and today - stat.st_mtime > keep_days * 86400
            is_much = keep_bytes is not None and total > keep_bytes
            if (is_old or is_much) and path not in busy:
                os.unlink(path)
                total -= stat.st_size
                self.say(f"deleted {path}")
