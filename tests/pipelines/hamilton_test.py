# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-launch-1.0 names the enrolled person of a real video, and nobody else."""
import unittest

import support

RATE = 30000 / 1001
CLOSE_UP = range(90, 211)
# The shots that show him, by eye: from afar at the piano, then on stage up to the cut to the guests.
ON_STAGE = {*range(0, 20), *range(82, 211)}


def frame(match):
    return round(int(match["timestamp"]) * RATE / 1e9)


class Hamilton(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch_folder(cls)
        cls.gallery = cls.folder / "people.db"
        support.enroll(cls.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def launch(self, *options):
        return support.matches(support.run(
            "gst-launch-1.0", "-m", "filesrc", f"location={support.CLIP}", "!", "decodebin", "!",
            "facedetect", "!", "facealign", "!", "faceembed", "!", "facematch",
            f"gallery={self.gallery}", *options, "!", "fakesink"))

    def test_changes_name_him_alone_while_he_is_there(self):
        accepted = [match for match in self.launch() if match["accepted"] == "true"]
        self.assertTrue(accepted)
        for match in accepted:
            self.assertEqual(match["person"], "Lin-Manuel Miranda")
            self.assertIn(frame(match), ON_STAGE, match)

    def test_all_faces_are_reported(self):
        every = self.launch("post-messages=all")
        named = {frame(match) for match in every if match["accepted"] == "true"}
        close = named.intersection(CLOSE_UP)
        print(f"named in {len(close)} of the {len(CLOSE_UP)} frames of the close-up")
        self.assertLessEqual(named, ON_STAGE)
        self.assertGreaterEqual(len(close), 100)
        for match in every:
            self.assertEqual(match["accepted"] == "true",
                             float(match["distance"]) <= float(match["threshold"]))


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA)
    support.main()
