#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves a file as a camera does, over RTSP: live, in the file's own time, from its beginning on when
the first client comes and to all clients the same.

    examples/rtsp_camera.py video.mp4
    gst-launch-1.0 rtspsrc location=rtsp://127.0.0.1:8554/camera latency=200 ! decodebin
      ! facerec annotate=true ! videoconvert ! autovideosink
"""
import argparse
import pathlib
import sys
import tempfile

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstPbutils", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstPbutils, GstRtspServer  # noqa: E402

# How a stream goes into RTP packets, by its media type.
PAYLOADS = {
    "video/x-h264": "h264parse ! rtph264pay config-interval=-1",
    "video/x-h265": "h265parse ! rtph265pay config-interval=-1",
    "audio/mpeg": "aacparse ! rtpmp4gpay",
    "audio/x-opus": "opusparse ! rtpopuspay",
}


def streams_of(path):
    """The media types of a file's video and audio, None for what it has not."""
    info = GstPbutils.Discoverer.new(20 * Gst.SECOND).discover_uri(Gst.filename_to_uri(path))
    first = [next(iter(streams), None) for streams in (info.get_video_streams(), info.get_audio_streams())]
    return [stream and stream.get_caps().get_structure(0).get_name() for stream in first]


def launch_line(path, repeat, folder):
    """The server's pipeline: the file `repeat` times in a row."""
    suffix = pathlib.Path(path).suffix
    if repeat == 1:
        demuxer = "matroskademux" if suffix in (".mkv", ".webm") else "qtdemux"
        line = f'( filesrc location="{path}" ! {demuxer} name=file'
    else:
        for number in range(repeat):
            (folder / f"{number:06}{suffix}").symlink_to(pathlib.Path(path).resolve())
        line = f'( splitmuxsrc name=file location="{folder}/*"'
    for number, (pad, media) in enumerate(zip(("video_0", "audio_0"), streams_of(path))):
        if media is None:
            continue
        if media not in PAYLOADS:
            raise SystemExit(f"{path} holds {media}; convert it to one of {', '.join(PAYLOADS)}")
        line += f" file.{pad} ! queue ! {PAYLOADS[media]} name=pay{number} pt={96 + number}"
    return line + " )"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="an MP4 or Matroska file with H.264 or H.265, AAC or Opus")
    parser.add_argument("--port", default="8554")
    parser.add_argument("--repeat", type=int, default=1, help="how often it plays (%(default)s)")
    options = parser.parse_args()
    Gst.init(None)
    if not pathlib.Path(options.file).is_file():
        parser.error(f"{options.file} is not there")
    with tempfile.TemporaryDirectory() as folder:
        server = GstRtspServer.RTSPServer(address="127.0.0.1", service=options.port)
        factory = GstRtspServer.RTSPMediaFactory(shared=True)
        factory.set_launch(launch_line(options.file, options.repeat, pathlib.Path(folder)))
        server.get_mount_points().add_factory("/camera", factory)
        if server.attach(None) == 0:
            sys.exit(f"port {options.port} is taken: choose another with --port")
        print(f"rtsp://127.0.0.1:{options.port}/camera", flush=True)
        GLib.MainLoop().run()


if __name__ == "__main__":
    main()
