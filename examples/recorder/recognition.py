# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who is seen: one pipeline for all connections, so that the models stay loaded and a stranger the same."""
import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from recorder.camera import dispose, now  # noqa: E402

BEHIND = 2 * Gst.SECOND  # that decoding may be; then it goes on with the next key frame
JUMP = 1.5 * Gst.SECOND  # a gap longer than a second ends tracks, and then its message has come
PAUSE = 60 * Gst.SECOND  # before recognition is tried again after an error
LINE = ("appsrc name=stream format=time is-live=true ! decodebin ! queue leaky=downstream max-size-buffers=2"
        " ! facerec name=faces mode=live ! fakesink name=end sync=false async=false")


def copy_frames(_pipeline, _bin, element):
    """Keeps libav's decoders from writing into others' memory: GStreamer 1.26's abort the program there now and
    then, where a video's width is no multiple of 16."""
    if element.get_factory().get_name() in ("avdec_h264", "avdec_h265"):
        element.set_property("direct-rendering", False)


class Recognition:
    """Takes the video's frames and tells on_seen(who, since, is_known) and on_left(who, time), for somebody in one
    track or in several: since when, in the frames' time, and when for the last time."""

    def __init__(self, options, say, on_seen, on_left):
        self.options, self.say, self.on_seen, self.on_left = options, say, on_seen, on_left
        self.pipeline = None
        self.media = None  # the caps' name of what the decoder decodes
        self.skipping = True  # until the next key frame
        self.passed = 0  # time of the newest frame that has been decoded
        self.failed = None
        self.warned = None
        self.tracks = {}  # by their id: since when, and the label and whether it is a name, or None
        self.before = {}  # those of the connection before, which may go on
        self.begin = None  # of this connection

    def start(self):
        """False where the gallery or a model cannot be loaded."""
        self.pipeline = Gst.parse_launch(LINE)
        self.pipeline.connect("deep-element-added", copy_frames)
        self.pipeline.get_by_name("faces").set_property("gallery", self.options.gallery)
        self.stream = self.pipeline.get_by_name("stream")
        self.pipeline.get_by_name("end").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self.on_decoded)
        self.skipping, self.media = True, None
        bus = self.pipeline.get_bus()
        bus.add_signal_watch()
        self.handler = bus, bus.connect("message", self.on_message)
        return self.pipeline.set_state(Gst.State.PLAYING) != Gst.StateChangeReturn.FAILURE

    def stop(self):
        if self.pipeline:
            self.handler[0].disconnect(self.handler[1])
            self.handler[0].remove_signal_watch()
            dispose(self.pipeline)
        self.pipeline = None
        self.end_stream()
        self.before.clear()

    def on_decoded(self, _pad, info):
        self.passed = info.get_buffer().pts
        return Gst.PadProbeReturn.OK

    def add(self, frame):
        if frame.media != "video":
            return
        media = frame.sample.get_caps().get_structure(0).get_name()
        if self.pipeline and self.media not in (None, media):
            self.stop()  # decodebin does not change decoders
        if not self.pipeline and (not self.failed or now() - self.failed > PAUSE):
            self.start()
        if not self.pipeline:
            return
        self.media = media
        self.begin = self.begin or frame.time
        if self.before and frame.time - self.begin > JUMP:
            self.resume()
        if self.skipping and frame.key:
            self.skipping, self.passed = False, frame.time
        self.skipping = self.skipping or frame.time - self.passed > BEHIND
        if not self.skipping:
            self.stream.emit("push-sample", frame.sample)

    def end_stream(self):
        """The camera is gone: whoever was seen has left for now."""
        self.skipping, self.begin = True, None
        self.before = dict(self.tracks)
        for track in list(self.tracks):
            self.leave(track, now())

    def resume(self):
        """Goes on with the tracks that did not end while the camera was away for a moment."""
        self.tracks = {**self.before, **self.tracks}
        for _, label, is_known in self.before.values():
            if label:
                self.on_seen(label, self.begin, is_known)
        self.before.clear()

    def on_message(self, _, message):
        structure = message.get_structure()
        if message.type == Gst.MessageType.ERROR:
            self.say(f"error: recognition stopped: {message.parse_error().gerror.message}")
            self.failed = now()
            self.stop()
        elif message.type == Gst.MessageType.WARNING:
            text = message.parse_warning().gerror.message
            if text != self.warned:
                self.say(f"warning: {text}")
            self.warned = text
        elif structure and structure.get_name() == "facematch":
            self.on_match(structure)

    def on_match(self, match):
        track, event = match.get_value("track-id"), match.get_string("event")
        self.before.pop(track, None)
        if event == "left":
            self.leave(track, match.get_value("to"))
            return
        time = match.get_value("timestamp")
        since, before, _ = self.tracks.get(track, (time, None, False))
        label, is_known = match.get_string("label"), match.get_string("verdict") == "recognised"
        self.tracks[track] = since, label, is_known
        if label != before:
            self.forsake(before, time)
            if label:
                self.on_seen(label, since, is_known)

    def leave(self, track, time):
        _, label, _ = self.tracks.pop(track, (0, None, False))
        self.forsake(label, time)

    def forsake(self, label, time):
        """A track has another label or has ended; somebody else may be the same person."""
        if label and all(other != label for _, other, _ in self.tracks.values()):
            self.on_left(label, time)
