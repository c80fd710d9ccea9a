#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""demo_clip.py OUT.mp4: a video of three men, made from the photographs of Debian's opencv-doc.

GStreamer moves, scales, turns, dims and recompresses the photographs. Two of the men are meant to
be enrolled from the originals, the third is a stranger.
"""
import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstController", "1.0")
from gi.repository import Gst, GstController  # noqa: E402

PHOTOS = os.environ.get("FACEREC_PHOTOS", "/usr/share/doc/opencv-doc/opencv4/html")
WIDTH, HEIGHT, RATE, SECONDS = 640, 480, 25, 12


class Actor:
    """A photograph and how it moves.

    `name` is None for the stranger; `keys` are (second, x and y of the centre as parts of the
    picture, height as a part of the picture's, degrees clockwise, brightness); the actor is on
    stage in each of `shown`, seconds from and to. `crop` takes pixels off the right edge.
    """

    def __init__(self, name, photo, size, shown, keys, crop=0):
        self.name, self.photo, self.size = name, os.path.join(PHOTOS, photo), size
        self.shown, self.keys, self.crop = shown, keys, crop


CAST = [
    Actor("Björn", "227943776_1.jpg", (434, 434), [(0, 5), (9.6, 12)], [
        (0, .2, .5, .5, 0, 0), (3, .45, .5, .9, 0, 0), (5, .7, .55, .6, 10, -.15),
        (9.6, .2, .4, .5, 0, 0), (12, .25, .4, .6, -8, 0)]),
    Actor("Émile", "230501201_1.jpg", (584, 824), [(4, 8), (9.6, 12)], [
        (4, .15, .5, .6, 0, -.3), (6, .4, .5, .9, 20, 0), (8, .6, .5, 1.1, -20, 0),
        (9.6, .5, .6, .6, 0, 0), (12, .55, .6, .5, 8, .1)]),
    Actor(None, "example.jpg", (376, 580), [(7, 12)], [
        (7, .85, .5, .5, 0, 0), (9, .75, .5, .9, -8, 0), (9.6, .82, .5, .6, 0, 0),
        (12, .8, .5, .6, 10, -.1)], crop=1162 - 376),
]


def branch(index, actor, seconds):
    width, height = actor.size
    return (
        f'filesrc location="{actor.photo}" ! jpegdec ! videocrop right={actor.crop} ! videoconvert'
        f" ! videoscale ! video/x-raw,format=ARGB,width={width},height={height}"
        f" ! imagefreeze num-buffers={RATE * seconds} ! video/x-raw,framerate={RATE}/1"
        f" ! videobalance name=light{index} ! rotate name=turn{index} ! stage.sink_{index + 1} ")


def animate(thing, name, points, step=False):
    """Lets the property `name` follow `points`, pairs of second and value."""
    source = GstController.InterpolationControlSource()
    source.set_property("mode", GstController.InterpolationMode.NONE if step
                        else GstController.InterpolationMode.LINEAR)
    for second, value in points:
        source.set(int(second * Gst.SECOND), value)
    thing.add_control_binding(GstController.DirectControlBinding.new_absolute(thing, name, source))


def direct(pipeline, index, actor):
    pad = pipeline.get_by_name("stage").get_static_pad(f"sink_{index + 1}")
    tall = [(key[0], key[3] * HEIGHT) for key in actor.keys]
    wide = [(second, height * actor.size[0] / actor.size[1]) for second, height in tall]
    animate(pad, "height", tall)
    animate(pad, "width", wide)
    animate(pad, "xpos", [(k[0], k[1] * WIDTH - w / 2) for k, (_, w) in zip(actor.keys, wide)])
    animate(pad, "ypos", [(k[0], k[2] * HEIGHT - h / 2) for k, (_, h) in zip(actor.keys, tall)])
    on_stage = [(0, 0)] if actor.shown[0][0] > 0 else []
    for start, end in actor.shown:
        on_stage += [(start, 1), (end, 0)]
    animate(pad, "alpha", on_stage, step=True)
    turn = pipeline.get_by_name(f"turn{index}")
    animate(turn, "angle", [(key[0], key[4] * 3.14159265 / 180) for key in actor.keys])
    animate(pipeline.get_by_name(f"light{index}"), "brightness",
            [(key[0], key[5]) for key in actor.keys])


def make_clip(path, cast=CAST, seconds=SECONDS):
    missing = [actor.photo for actor in cast if not os.path.exists(actor.photo)]
    if missing:
        sys.exit(f"{missing[0]} is not here: install Debian's opencv-doc, or point FACEREC_PHOTOS "
                 "to a folder that has its photographs")
    Gst.init(None)
    pipeline = Gst.parse_launch(
        "compositor name=stage background=black"
        f" ! video/x-raw,format=AYUV,width={WIDTH},height={HEIGHT},framerate={RATE}/1"
        " ! videoconvert ! video/x-raw,format=I420 ! jpegenc quality=70 ! jpegdec"
        " ! x264enc pass=qual quantizer=20 ! h264parse ! mp4mux"  # a bitrate gives another file each time
        f' ! filesink location="{path}" '
        f"videotestsrc pattern=solid-color foreground-color=0xff3a4a55 num-buffers={RATE * seconds}"
        f" ! video/x-raw,width={WIDTH},height={HEIGHT},framerate={RATE}/1 ! stage.sink_0 "
        + "".join(branch(i, actor, seconds) for i, actor in enumerate(cast)))
    for i, actor in enumerate(cast):
        direct(pipeline, i, actor)
    pipeline.set_state(Gst.State.PLAYING)
    message = pipeline.get_bus().timed_pop_filtered(
        Gst.CLOCK_TIME_NONE, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message.type == Gst.MessageType.ERROR:
        sys.exit(f"{path} could not be made: {message.parse_error().gerror.message}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    make_clip(sys.argv[1])
