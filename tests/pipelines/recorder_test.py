# SPDX-License-Identifier: LGPL-2.1-or-later
"""examples/rtsp_recorder.py and what befalls it: cameras that die or fall silent, full disks, signals.

The camera shows its frames' numbers as bars, so that a recording tells which frames it holds.
"""
import datetime
import os
import pathlib
import re
import resource
import signal
import subprocess
import threading
import time
import unittest

import gi

import support

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

STRANGER = support.SHARED / "media/hamilton_ids/alex-lacamoire.png"
SIDE = 320  # pixels of each of the two pictures in a frame
RATE, GROUP = 25, 30  # frames in a second and in a group of pictures
PERIOD, FIRST, LAST = 100, 55, 85  # of each PERIOD frames, both people are in these
SECONDS = 40
BITS, BAR = 12, 16
PRE_ROLL = 2


def picture(image):
    """The luma of an image, SIDE pixels wide and high."""
    return subprocess.run(
        ["gst-launch-1.0", "-q", "filesrc", f"location={image}", "!", "decodebin", "!", "videoconvert", "!",
         "videoscale", "!", f"video/x-raw,format=GRAY8,width={SIDE},height={SIDE}", "!", "fdsink"],
        stdout=subprocess.PIPE, check=True).stdout


def bars(number):
    return b"".join(bytes([235 if number >> bit & 1 else 16]) * BAR for bit in range(BITS))


def number_of(luma):
    return sum((luma[BAR * bit + BAR // 2] > 128) << bit for bit in range(BITS))


def film(path, encoder, audio, seconds=SECONDS):
    """Makes what the camera shows."""
    people = [picture(image) for image in (support.MIRANDA, STRANGER)]
    empty = bytes([100]) * (2 * SIDE * SIDE)
    full = b"".join(person[SIDE * row:SIDE * (row + 1)] for row in range(SIDE) for person in people)
    command = ("gst-launch-1.0 -q fdsrc ! rawvideoparse format=gray8"
               f" width={2 * SIDE} height={SIDE} framerate={RATE}/1 ! videoconvert ! video/x-raw,format=I420"
               f" ! {encoder}"
               f" ! queue max-size-time=0 max-size-bytes=0 ! mux. audiotestsrc num-buffers={50 * seconds}"
               f" samplesperbuffer=960 ! audio/x-raw,rate=48000 ! {audio} ! queue ! matroskamux name=mux"
               f" ! filesink location={path}")
    with subprocess.Popen(command.split(), stdin=subprocess.PIPE) as process:
        for number in range(seconds * RATE):
            frame = full if FIRST <= number % PERIOD < LAST else empty
            head = b"".join((bars(number) + bytes([100]) * (2 * SIDE))[:2 * SIDE] for _ in range(BAR))
            process.stdin.write(head + frame[len(head):])
        process.stdin.close()
    if process.returncode:
        raise AssertionError("no film")


class Recording:
    """A file of the recorder, decoded to its end: each frame's (seconds, number), and the audio's pieces."""

    def __init__(self, path):
        self.path = path
        stamp = re.match(r"(.*?)Z", path.name)[1]
        self.begin = datetime.datetime.strptime(stamp + "+0000", "%Y-%m-%dT%H-%M-%S.%f%z").timestamp()
        self.who = path.stem.partition("Z-")[2]
        pipeline = Gst.parse_launch(
            f'filesrc location="{path}" ! decodebin name=file file. ! videoconvert ! video/x-raw,format=GRAY8'
            " ! appsink name=video sync=false wait-on-eos=false file. ! audio/x-raw ! appsink name=audio sync=false"
            " wait-on-eos=false")
        pipeline.set_state(Gst.State.PLAYING)
        message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        if message is None or message.type == Gst.MessageType.ERROR:
            pipeline.set_state(Gst.State.NULL)
            raise AssertionError(f"{path} does not play: {message and message.parse_error()}")
        self.frames = [(buffer.pts / Gst.SECOND, number_of(buffer.extract_dup(0, BITS * BAR)))
                       for buffer in self.pull(pipeline, "video")]
        self.sound = sum(buffer.duration for buffer in self.pull(pipeline, "audio")) / Gst.SECOND
        pipeline.set_state(Gst.State.NULL)
        self.numbers = [number for _, number in self.frames]
        self.end = self.begin + self.frames[-1][0] + 1 / RATE

    @staticmethod
    def pull(pipeline, name):
        sink = pipeline.get_by_name(name)
        while sample := sink.emit("try-pull-sample", 0):
            yield sample.get_buffer()

    def __repr__(self):
        return f"{self.path.name}: {self.numbers[0]}..{self.numbers[-1]}, sound {self.sound:.1f} s"


class Recorder:
    """The program, whose lines of output can be waited for."""

    def __init__(self, case, address, folder, *options):
        self.lines = []
        self.seen = {}  # how many lines wait_for() has seen of each text
        self.folder = folder
        self.process = subprocess.Popen(
            ["/usr/bin/python3", support.SOURCE / "examples/rtsp_recorder.py", address, folder, *map(str, options)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        case.addCleanup(self.process.kill)

    def read(self):
        for line in self.process.stdout:
            print(line, end="", flush=True)
            self.lines.append(line)

    def count(self, text):
        return sum(text in line for line in self.lines)

    def wait_for(self, text, more=1, seconds=60):
        """Waits for `more` lines with the text in addition to those that the last call has seen."""
        wanted = self.seen.get(text, 0) + more
        end = time.monotonic() + seconds
        while self.count(text) < wanted:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f'no "{text}" in:\n{"".join(self.lines)}')
            time.sleep(.02)
        self.seen[text] = self.count(text)

    def memory(self):
        with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.reader.join()
        self.process.stdout.close()
        return status

    def recordings(self, folder=""):
        return [Recording(path) for path in sorted((self.folder / folder).glob("*.mkv"))]


class Recorders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        Gst.init(None)
        folder = support.scratch_folder(cls)
        cls.gallery = folder / "people.db"
        support.enroll(cls.gallery, "Lin-Manuel Miranda", support.MIRANDA)
        cls.film = folder / "film.mkv"
        film(cls.film, f"x264enc tune=zerolatency speed-preset=ultrafast option-string=scenecut=0"
             f" key-int-max={GROUP} ! h264parse", "avenc_aac ! aacparse")

    def setUp(self):
        self.folder = support.scratch_folder(self) / "files"
        self.port = support.free_port()
        self.address = f"rtsp://127.0.0.1:{self.port}/camera"

    def camera(self, film=None):
        return support.camera_process(film or self.film, self.port)

    def record(self, *options):
        return Recorder(self, self.address, self.folder, *options)

    def check_whole(self, recording):
        """It lacks nothing within."""
        first = recording.numbers[0]
        self.assertEqual(recording.numbers, list(range(first, first + len(recording.numbers))), recording)
        self.assertLess(recording.frames[0][0], .5)
        self.assertAlmostEqual(recording.sound, len(recording.numbers) / RATE, delta=1)

    def check_pre_roll(self, clip, pre_roll):
        """The clip begins early enough before the person comes into sight, where the camera did; how early."""
        times = {number: second for second, number in clip.frames}
        come = next(number for number in clip.numbers if number % PERIOD == FIRST)
        print(f"{clip}: {times[come]:.2f} s before {clip.who}")
        if clip.numbers[0] > 0:
            self.assertGreaterEqual(times[come] + .001, pre_roll, clip)
            self.assertGreaterEqual(come - clip.numbers[0], pre_roll * RATE, clip)

    def test_it_outlives_its_camera(self):
        recorder = self.record("--gallery", self.gallery, "--strangers", "--pre-roll", PRE_ROLL, "--post-roll", 1,
                               "--silence", 3)
        away, memory = [], []
        down = None
        for pause in (0, 0, 3, 0):
            time.sleep(pause)
            with self.camera() as server:
                if down:
                    away.append((down, time.time()))
                recorder.wait_for("connected")
                recorder.wait_for("seen: Lin-Manuel Miranda")
                recorder.wait_for("seen: unknown-1")
                recorder.wait_for("left: ", 2)
                memory.append(recorder.memory())
                down = time.time()
                if len(memory) == 4:
                    server.send_signal(signal.SIGSTOP)
                    recorder.wait_for("camera gone: no data for 3 s")
                    server.send_signal(signal.SIGCONT)
                    away.append((down, time.time()))
                    recorder.wait_for("connected")
                    recorder.wait_for("seen: Lin-Manuel Miranda")
                    memory.append(recorder.memory())
                    self.assertEqual(recorder.end(), 0)
        files = recorder.recordings()
        print(files, [round(value) for value in memory], "MiB")
        self.assertEqual(len(files), 5)
        for file in files:
            self.check_whole(file)
        self.assertEqual([file.numbers[0] for file in files[:4]], [0] * 4)
        for before, after, (gone, back) in zip(files, files[1:], away):
            lost = after.begin - before.end
            print(f"away {back - gone:.2f} s, lost {lost:.2f} s")
            self.assertLess(lost, back - gone + GROUP / RATE + 2)  # a group of pictures, and what a busy machine takes
        self.assertEqual(recorder.count("seen: unknown-") - recorder.count("seen: unknown-1,"), 0)
        self.assertLess(memory[-1] - memory[0], 40)
        clips = recorder.recordings("clips")
        self.assertEqual({clip.who for clip in clips}, {"Lin-Manuel Miranda", "unknown-1"})
        for clip in clips:
            self.check_whole(clip)
            self.check_pre_roll(clip, PRE_ROLL)

    def test_a_pause_loses_nothing(self):
        with self.camera() as server:
            recorder = self.record("--silence", 20)
            recorder.wait_for("recording ")
            server.send_signal(signal.SIGSTOP)
            time.sleep(3)
            server.send_signal(signal.SIGCONT)
            time.sleep(4)
            self.assertEqual(recorder.end(), 0)
        recording, = recorder.recordings()
        print(recording)
        self.assertGreater(len(recording.numbers), 4 * RATE)
        self.check_whole(recording)

    def test_clips_begin_early_enough(self):
        with self.camera():
            recorder = self.record("--gallery", self.gallery, "--strangers", "--pre-roll", 1.5, "--post-roll", .3,
                                   "--file-seconds", 3)
            recorder.wait_for("files/clips/", 20)  # ten begun and closed
            self.assertEqual(recorder.end(signal.SIGTERM), 0)
        clips = recorder.recordings("clips")
        self.assertGreaterEqual(len(clips), 10)
        for clip in clips:
            self.check_whole(clip)
            self.check_pre_roll(clip, 1.5)
        files = recorder.recordings()
        print(files)
        self.assertEqual([number for file in files for number in file.numbers], list(range(files[-1].numbers[-1] + 1)))

    def test_a_full_disk(self):
        with self.camera():
            recorder = self.record("--gallery", self.gallery, "--file-seconds", 2, "--disk-pause", 1)
            recorder.wait_for("closed ")
            limit = resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
            recorder.wait_for("error: ")
            recorder.wait_for("recording /", 2)
            recorder.wait_for("seen: ")
            self.assertEqual(recorder.count("error: "), 1)
            resource.prlimit(recorder.process.pid, resource.RLIMIT_FSIZE, limit)
            recorder.wait_for("closed ", 2)
            self.assertEqual(recorder.end(), 0)
        self.assertEqual(recorder.count("error: "), 1)
        closed = [line.split("closed ")[1].strip() for line in recorder.lines if " closed /" in line]
        self.assertGreaterEqual(len(closed), 3)
        for path in closed:
            self.check_whole(Recording(pathlib.Path(path)))

    def test_an_almost_full_disk(self):
        with self.camera():
            recorder = self.record("--gallery", self.gallery, "--min-free", 1 << 40)
            recorder.wait_for("seen: ")
            self.assertEqual(recorder.end(), 0)
        self.assertEqual(recorder.count("error: "), 1)
        self.assertEqual(list(self.folder.glob("**/*.mkv")), [])

    def test_old_files_go(self):
        (self.folder / "clips").mkdir(parents=True)
        old = [self.folder / name for name in (
            "2020-01-01T00-00-00.000Z.mkv", "holiday.mkv", "clips/2020-01-01T00-00-00.000Z-Ada.mkv")]
        for path in old:
            path.touch()
            os.utime(path, (0, 0))
        with self.camera():
            recorder = self.record("--file-seconds", 1, "--keep-days", 1, "--keep-gib", 300000 / (1 << 30))
            recorder.wait_for("deleted ", 4)
            self.assertEqual(recorder.end(), 0)
        print([path.stat().st_size for path in self.folder.glob("*.mkv")])
        self.assertEqual([path.exists() for path in old], [False, True, True])
        old[1].unlink()
        files = recorder.recordings()
        self.assertGreater(len(files), 0)
        for file in files:
            self.check_whole(file)
        deleted = [line.split("deleted ")[1] for line in recorder.lines if "deleted " in line]
        self.assertEqual(deleted, sorted(deleted))
        self.assertLess(max(deleted), str(files[0].path))

    def test_udp_and_h265(self):
        film_h265 = self.folder.parent / "h265.mkv"
        film(film_h265, f"x265enc tune=zerolatency speed-preset=ultrafast key-int-max={GROUP} ! h265parse",
             "opusenc ! opusparse", seconds=8)
        with self.camera(film_h265):
            recorder = self.record("--gallery", self.gallery, "--protocol", "udp")
            recorder.wait_for("seen: Lin-Manuel Miranda")
            self.assertEqual(recorder.end(signal.SIGTERM), 0)
        for recording in recorder.recordings() + recorder.recordings("clips"):
            self.check_whole(recording)

    def test_a_missing_gallery(self):
        output = support.run("/usr/bin/python3", support.SOURCE / "examples/rtsp_recorder.py", self.address,
                             self.folder, "--gallery", self.folder / "nobody.db", status=1)
        self.assertIn("nobody.db", output)

    def test_no_camera(self):
        recorder = self.record()
        recorder.wait_for("no connection: ")
        self.assertEqual(recorder.end(), 0)


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA, STRANGER)
    support.main()
