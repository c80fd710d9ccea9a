# SPDX-License-Identifier: LGPL-2.1-or-later
"""The example cameras: several streams in one process, one of which goes away."""
import queue
import signal
import subprocess
import threading
import time
import unittest

import support

CAMERAS = support.BUILD / "examples/cameras"


class Cameras(unittest.TestCase):
    def setUp(self):
        folder = support.scratch_folder(self)
        self.gallery = folder / "people.db"
        support.enroll(self.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def start(self, *uris):
        process = subprocess.Popen(["stdbuf", "-oL", CAMERAS, self.gallery, *uris], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True).start()
        return process, lines

    def wait_for(self, lines, *wanted):
        """Until each of the texts was the beginning of a line."""
        missing, end, seen = set(wanted), time.monotonic() + 60, []
        while missing and time.monotonic() < end:
            try:
                seen.append(lines.get(timeout=1))
            except queue.Empty:
                continue
            missing -= {text for text in missing if seen[-1].startswith(text)}
        self.assertFalse(missing, "".join(seen))

    def test_each_names_whom_it_sees_and_one_that_goes_away_is_tried_again(self):
        port = support.free_port()
        with support.camera(support.CLIP, repeat=10) as stays:
            with support.camera(support.CLIP, port) as goes:
                process, lines = self.start(stays, stays, stays, goes)
                self.wait_for(lines, *(f"camera {number}: Lin-Manuel Miranda recognised" for number in range(1, 5)))
            self.wait_for(lines, "camera 4: Could not open resource")
            with support.camera(support.CLIP, port):
                self.wait_for(lines, "camera 4: Lin-Manuel Miranda recognised")
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), 0)

    def test_bad_input_is_told(self):
        self.assertIn("Usage", support.run(CAMERAS, self.gallery, status=2))
        _, lines = self.start("file:///nowhere.mp4")
        self.wait_for(lines, "camera 1: Resource not found.; trying again in 1 s")


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA)
    support.main()
