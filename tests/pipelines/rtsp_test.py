# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recording and recognising a camera at once."""
import re
import unittest

import support


def frames_of(path):
    """How many frames of a recording can be decoded."""
    output = support.run("gst-launch-1.0", "-v", "filesrc", f"location={path}", "!", "decodebin",
                         "!", "identity", "silent=false", "!", "fakesink", "sync=false")
    return len(re.findall(r"last-message = chain", output))


class Rtsp(unittest.TestCase):
    def setUp(self):
        self.folder = support.scratch_folder(self)
        self.gallery = self.folder / "people.db"
        support.enroll(self.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def test_a_tee_records_while_people_are_recognised(self):
        recording = self.folder / "recording.mkv"
        # On a busy machine rtspsrc now and then waits for itself for ever once the camera has ended; Ctrl-C ends that.
        with support.camera(support.CLIP) as address:
            output = support.run(
                "timeout", "--preserve-status", "--signal=INT", "90", "gst-launch-1.0", "-m", "-e",
                "rtspsrc", f"location={address}", "protocols=tcp", "!", "rtph264depay", "!", "h264parse", "!",
                "tee", "name=t",
                "t.", "!", "queue", "!", "matroskamux", "!", "filesink", f"location={recording}",
                "t.", "!", "queue", "leaky=downstream", "!", "decodebin", "!",
                "queue", "leaky=downstream", "max-size-buffers=2", "!", "facedetect", "!", "facealign", "!",
                "faceembed", "!", "facematch", f"gallery={self.gallery}", "!", "fakesink", "sync=false")
        names = {match["person"] for match in support.matches(output) if match["accepted"] == "true"}
        self.assertEqual(names, {"Lin-Manuel Miranda"})
        self.assertGreater(frames_of(recording), 260)


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA)
    support.main()
