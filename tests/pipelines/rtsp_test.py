# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recording and recognising a camera at once, and going on when the camera comes back."""
import re
import signal
import subprocess
import threading
import time
import unittest

import support


def frames_of(path):
    """How many frames of a recording can be decoded."""
    output = support.run("gst-launch-1.0", "-v", "filesrc", f"location={path}", "!", "decodebin",
                         "!", "identity", "silent=false", "!", "fakesink", "sync=false")
    return len(re.findall(r"last-message = chain", output))


class Program:
    """A program whose lines of output can be waited for."""

    def __init__(self, *command):
        self.lines = []
        self.process = subprocess.Popen([str(part) for part in command], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            print(line, end="")
            self.lines.append(line)

    def count(self, text):
        return sum(text in line for line in self.lines)

    def wait_for(self, text, times=1, seconds=60):
        end = time.monotonic() + seconds
        while self.count(text) < times:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f'no "{text}" in:\n{"".join(self.lines)}')
            time.sleep(.05)

    def end(self, number):
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.reader.join()
        self.process.stdout.close()
        return status


class Rtsp(unittest.TestCase):
    def setUp(self):
        self.folder = support.scratch_folder(self)
        self.gallery = self.folder / "people.db"
        support.enroll(self.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def test_a_tee_records_while_people_are_recognised(self):
        recording = self.folder / "recording.mkv"
        with support.camera(support.CLIP) as address:
            output = support.run(
                "gst-launch-1.0", "-m", "-e", "rtspsrc", f"location={address}", "protocols=tcp", "!",
                "rtph264depay", "!", "h264parse", "!", "tee", "name=t",
                "t.", "!", "queue", "!", "matroskamux", "!", "filesink", f"location={recording}",
                "t.", "!", "queue", "leaky=downstream", "!", "decodebin", "!",
                "queue", "leaky=downstream", "max-size-buffers=2", "!", "facedetect", "!", "facealign", "!",
                "faceembed", "!", "facematch", f"gallery={self.gallery}", "!", "fakesink", "sync=false")
        names = {match["person"] for match in support.matches(output) if match["accepted"] == "true"}
        self.assertEqual(names, {"Lin-Manuel Miranda"})
        self.assertGreater(frames_of(recording), 260)

    def test_the_recorder_outlives_its_camera(self):
        port = support.free_port()
        files = self.folder / "files"
        with support.camera(support.CLIP, port) as address:
            recorder = Program("/usr/bin/python3", support.SOURCE / "examples/rtsp_recorder.py",
                               address, files, "--gallery", self.gallery)
            self.addCleanup(recorder.process.kill)
            recorder.wait_for("seen: Lin-Manuel Miranda")
            time.sleep(4)
        recorder.wait_for("camera gone")
        recorder.wait_for("next attempt in 2 s")
        with support.camera(support.CLIP, port):
            recorder.wait_for("recording ", times=2)
            recorder.wait_for("seen: Lin-Manuel Miranda", times=2)
            time.sleep(4)
            self.assertEqual(recorder.end(signal.SIGINT), 0)
        recordings = sorted(files.iterdir())
        self.assertEqual(len(recordings), 2)
        for recording in recordings:
            self.assertGreater(frames_of(recording), 75)  # of some 120

    def test_the_recorder_gives_up_where_no_attempt_helps(self):
        with support.camera(support.CLIP) as address:
            output = support.run(
                "/usr/bin/python3", support.SOURCE / "examples/rtsp_recorder.py", address,
                self.folder / "files", "--gallery", self.folder / "nobody.db", status=1)
        self.assertIn("nobody.db", output)


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA)
    support.main()
