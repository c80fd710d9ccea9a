# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the pipeline tests share. Meson sets the environment: see meson.build."""
import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["FACEREC_SOURCE_ROOT"])
BUILD = pathlib.Path(os.environ["FACEREC_BUILD_ROOT"])
SHARED = pathlib.Path(os.environ.get("FACEREC_SHARED") or SOURCE.parent / "shared")
PHOTOS = pathlib.Path("/usr/share/doc/opencv-doc/opencv4/html")
CLIP = SHARED / "media/short_hamilton_clip.mp4"
MIRANDA = SHARED / "media/hamilton_ids/lin-manuel-miranda.png"

if (SHARED / "models").is_dir():
    os.environ["FACEREC_MODEL_PATH"] += f":{SHARED / 'models'}"


def need(*paths):
    """Skips the whole test program where one of the files is missing."""
    for path in paths:
        if not path.exists():
            print(f"skipped: {path} is not here")
            sys.exit(77)


def run(*command, status=0, seconds=300, **options):
    """Runs a command, checks its exit status and returns what it printed, both streams in one."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=seconds,
                          text=True, errors="replace", check=False, **options)
    if status is not None and done.returncode != status:
        raise AssertionError(
            f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def resident():
    """Memory of this process in MiB, the used pages of its libraries among it."""
    status = pathlib.Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def scratch_folder(case):
    """A folder that is gone after the test `case`, or after the last one of the class `case`."""
    folder = tempfile.TemporaryDirectory()
    (case.addClassCleanup if isinstance(case, type) else case.addCleanup)(folder.cleanup)
    return pathlib.Path(folder.name)


def enroll(gallery, name, *images):
    run(BUILD / "src/cli/facerec", "enroll", "--gallery", gallery, "--name", name, *images)


def matches(output):
    """The facematch messages that gst-launch-1.0 -m printed, as dictionaries of strings."""
    found = []
    for line in output.splitlines():
        at = line.find(": facematch, ")
        if at >= 0:
            fields = re.findall(r'([\w-]+)=\([\w-]+\)("(?:[^"\\]|\\.)*"|[^,;]*)', line[at:])
            found.append({key: value.strip('"').replace("\\ ", " ") for key, value in fields})
    return found


def copy_frames(_pipeline, _bin, element):
    """Keeps libav's H.264 decoder from writing into others' memory. GStreamer 1.26's aborts there now and then
    ("video meta uses 864x480 instead of 854x480") where a video's width is no multiple of 16. (Its GIF decoder
    gives one frame only without it.)"""
    if element.get_factory().get_name() == "avdec_h264":
        element.set_property("direct-rendering", False)


def watch(file, chain, read, frames=None, before=None):
    """What read(buffer, its faces) gives for each frame of a file, or for its first frames, behind the
    elements `chain`; before(element) is called with each frame that comes to the one named "first"."""
    import gi  # only some of the tests have it

    gi.require_version("Gst", "1.0")
    gi.require_version("GstFace", "1.0")
    from gi.repository import Gst, GstFace

    Gst.init(None)
    pipeline = Gst.parse_launch(f'filesrc location="{file}" ! decodebin ! {chain} ! fakesink name=last')
    pipeline.connect("deep-element-added", copy_frames)
    results = []

    def take(_, info):
        buffer = info.get_buffer()
        results.append(read(buffer, GstFace.buffer_get_face_metas(buffer)))
        return Gst.PadProbeReturn.OK

    def prepare(pad, _):
        before(pad.get_parent_element())
        return Gst.PadProbeReturn.OK

    pipeline.get_by_name("last").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, take)
    if before:
        pipeline.get_by_name("first").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, prepare)
    pipeline.set_state(Gst.State.PLAYING)
    message = None
    while message is None and (frames is None or len(results) < frames):
        message = pipeline.get_bus().timed_pop_filtered(Gst.SECOND / 10, Gst.MessageType.EOS | Gst.MessageType.ERROR)
    pipeline.set_state(Gst.State.NULL)
    if message is not None and message.type == Gst.MessageType.ERROR:
        raise AssertionError(message.parse_error())
    return results[:frames]


def count_faces(file, detect, frames=None):
    """(presentation time in seconds, number of faces) of each frame, see watch()."""
    return watch(file, detect, lambda buffer, faces: (buffer.pts / 1e9, len(faces)), frames)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def camera_process(clip, port, repeat=1):
    """The example's RTSP server that plays the clip `repeat` times in a row, once it serves."""
    server = subprocess.Popen(
        ["/usr/bin/python3", SOURCE / "examples/rtsp_camera.py", clip, "--port", str(port),
         "--repeat", str(repeat)], stdout=subprocess.PIPE)
    try:
        server.stdout.readline()
        yield server
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@contextlib.contextmanager
def camera(clip, port=None, repeat=1):
    """The address of such a server."""
    port = port or free_port()
    with camera_process(clip, port, repeat):
        yield f"rtsp://127.0.0.1:{port}/camera"


def main():
    """Runs the cases; where each was skipped, Meson shall say so of the program."""
    result = unittest.main(verbosity=2, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun and len(result.skipped) == result.testsRun else 0)
