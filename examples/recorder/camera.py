# SPDX-License-Identifier: LGPL-2.1-or-later
"""The camera: its compressed frames, from one connection after the other."""
import threading
import time
from dataclasses import dataclass

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

# How a stream gets from RTP packets to what matroskamux takes, by its media and encoding.
STREAMS = {
    ("video", "H264"): "rtph264depay ! h264parse ! video/x-h264,stream-format=avc,alignment=au",
    ("video", "H265"): "rtph265depay ! h265parse ! video/x-h265,stream-format=hvc1,alignment=au",
    ("audio", "MPEG4-GENERIC"): "rtpmp4gdepay ! aacparse ! audio/mpeg,mpegversion=4,stream-format=raw",
    ("audio", "MP4A-LATM"): "rtpmp4adepay ! aacparse ! audio/mpeg,mpegversion=4,stream-format=raw",
    ("audio", "OPUS"): "rtpopusdepay ! opusparse",
    ("audio", "PCMA"): "rtppcmadepay",
    ("audio", "PCMU"): "rtppcmudepay",
}
PATIENCE = 10  # seconds that a connection may take to deliver its first frame
SOON, LATER = 1, 5  # longest wait between two attempts, for a camera that was there within a minute or not
REFUSED = 30  # wait where the camera refuses the password: many lock out who tries on
CLOCK_CHECK = 60 * Gst.SECOND
WAITING = 2000  # frames that wait for the main loop at most
COPY = Gst.BufferCopyFlags.FLAGS | Gst.BufferCopyFlags.META | Gst.BufferCopyFlags.MEMORY

BEGIN = time.monotonic_ns()


def now():
    """Nanoseconds since the program's start: the time of everything here."""
    return time.monotonic_ns() - BEGIN


@dataclass
class Frame:
    """A compressed frame of the video or a piece of the audio."""
    media: str
    sample: Gst.Sample  # with `time` as its presentation time
    time: int
    key: bool


def dispose(pipeline, done=None):
    """Ends a pipeline in a thread of its own, since rtspsrc or a dead disk may never let go of it."""
    def end():
        pipeline.set_state(Gst.State.NULL)
        if done:
            GLib.idle_add(done)

    threading.Thread(target=end, daemon=True).start()


class Connection:
    """One attempt, and its frames, none before the time `begin`, where it succeeds; on_frame(frame) and
    on_end(reason) are called in the main loop."""

    def __init__(self, options, begin, say, on_frame, on_end):
        self.begin, self.say, self.on_frame, self.on_end = begin, say, on_frame, on_end
        self.silence = options.silence
        self.offset = None  # from the camera's timestamps to ours
        self.handlers = []
        self.chosen = {}  # the RTP streams' encodings by their media
        self.heard = now()  # when the last frame came
        self.refused = False
        self.pipeline = Gst.Pipeline()
        source = Gst.ElementFactory.make("rtspsrc")
        for name, value in {"location": options.camera, "latency": options.latency, "tcp-timeout": PATIENCE * 1000000,
                            "user-agent": "gst-facerec"}.items():
            source.set_property(name, value)
        Gst.util_set_object_arg(source, "protocols", options.protocol)
        # By arrival, a burst after a pause would get one time for all its frames.
        Gst.util_set_object_arg(source, "buffer-mode", "none")
        self.pipeline.add(source)
        self.connect(source, "select-stream", self.select)
        self.connect(source, "pad-added", self.link)
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        self.connect(bus, "message", self.on_message)
        # Connecting blocks where the address has to be looked up.
        threading.Thread(target=self.pipeline.set_state, args=(Gst.State.PLAYING,), daemon=True).start()

    def connect(self, thing, signal, function):
        self.handlers.append((thing, thing.connect(signal, function)))

    def select(self, _source, _number, caps):
        """Takes the first video and the first audio that are known; called by a thread of rtspsrc."""
        fields = caps.get_structure(0)
        kind = fields.get_string("media"), (fields.get_string("encoding-name") or "").upper()
        if kind not in STREAMS or kind[0] in self.chosen:
            GLib.idle_add(self.say, f"the camera's {' '.join(map(str, kind))} is not recorded")
            return False
        self.chosen[kind[0]] = kind
        return True

    def link(self, _source, pad):
        pipeline = self.pipeline
        if not pipeline:
            return  # closed by now
        fields = pad.get_current_caps().get_structure(0)
        media = fields.get_string("media")
        branch = Gst.parse_bin_from_description(
            f"{STREAMS[self.chosen[media]]} ! appsink name=frames sync=false emit-signals=true"
            f" max-buffers={WAITING} drop=true", True)
        pipeline.add(branch)
        self.connect(branch.get_by_name("frames"), "new-sample", lambda sink: self.arrived(media, sink))
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    def arrived(self, media, sink):
        if media == "video":
            self.heard = now()
        GLib.idle_add(self.take, media, sink, priority=GLib.PRIORITY_DEFAULT)
        return Gst.FlowReturn.OK

    def take(self, media, sink):
        sample = sink.emit("try-pull-sample", 0) if self.pipeline else None
        if sample is None:
            return
        buffer = sample.get_buffer()
        if buffer.pts == Gst.CLOCK_TIME_NONE:
            return
        key = not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT)
        time = self.time_of(buffer.pts, media == "video" and key)
        if abs(now() - time) > (self.silence + PATIENCE) * Gst.SECOND:
            self.end("its timestamps jumped")
            return
        buffer = buffer.copy_region(COPY, 0, buffer.get_size())  # without copying what it holds
        buffer.pts = time
        self.on_frame(Frame(media, Gst.Sample.new(buffer, sample.get_caps(), None, None), time, key))

    def time_of(self, pts, may_correct):
        """The time of a frame by the camera's clock, which is set by ours now and then: it drifts, and the
        first frame may have come late."""
        if self.offset is None:
            self.offset, self.late, self.checked = max(now(), self.begin) - pts, float("inf"), now()
        self.late = min(self.late, now() - self.offset - pts)
        if may_correct and now() - self.checked > CLOCK_CHECK:
            self.offset = max(self.offset + self.late, self.begin - pts)
            self.late, self.checked = float("inf"), now()
        time = max(pts + self.offset, 0)
        self.begin = max(self.begin, time + Gst.MSECOND)
        return time

    def on_message(self, _, message):
        if message.type == Gst.MessageType.ERROR:
            error = message.parse_error().gerror
            self.refused = error.matches(Gst.ResourceError.quark(), Gst.ResourceError.NOT_AUTHORIZED)
            GLib.idle_add(self.end, error.message)
        elif message.type == Gst.MessageType.EOS:
            GLib.idle_add(self.end, "the stream ended")

    def end(self, reason):
        """With a lower priority than take(), so after the frames that have come."""
        if self.pipeline:
            self.on_end(reason)

    def close(self):
        for thing, handler in self.handlers:  # which would keep one another alive
            thing.disconnect(handler)
        self.handlers.clear()
        self.pipeline.get_bus().remove_signal_watch()
        dispose(self.pipeline)
        self.pipeline = None


class Camera:
    """Connects, again and again: at once when the camera is lost, then less and less often."""

    def __init__(self, options, say, on_frame, on_lost):
        self.options, self.say = options, say
        self.frame_came, self.on_lost = on_frame, on_lost
        self.connection = None
        self.delivers = False  # whether the connection has brought a frame
        self.wait = 0
        self.seen = float("-inf")  # when the last frame came
        self.last = 0  # the newest frame's time
        self.reason = None

    def start(self):
        self.connection = Connection(self.options, self.last + Gst.MSECOND, self.say, self.on_frame, self.on_end)
        return GLib.SOURCE_REMOVE

    def on_frame(self, frame):
        if not self.delivers:
            self.delivers, self.wait, self.reason = True, 0, None
            self.say("connected")
        self.seen = now()
        self.last = max(self.last, frame.time)
        self.frame_came(frame)

    def check(self):
        """To be called a few times in a second: a camera that is silent counts as gone."""
        limit = self.options.silence if self.delivers else max(PATIENCE, self.options.silence)
        if self.connection and now() - self.connection.heard > limit * Gst.SECOND:
            self.on_end(f"no data for {limit:g} s")

    def on_end(self, reason):
        if self.delivers:
            self.say(f"camera gone: {reason}")
            self.on_lost()
        elif reason != self.reason:
            self.say(f"no connection: {reason}")
        self.reason = None if self.delivers else reason
        longest = SOON if now() - self.seen < 60 * Gst.SECOND else LATER
        wait = REFUSED if self.connection.refused else min(self.wait, longest)
        self.wait = max(.25, 2 * self.wait) if self.wait < LATER else LATER
        self.stop()
        GLib.timeout_add(int(wait * 1000), self.start)

    def stop(self):
        if self.connection:
            self.connection.close()
        self.connection, self.delivers = None, False
