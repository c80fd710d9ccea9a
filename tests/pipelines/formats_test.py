# SPDX-License-Identifier: LGPL-2.1-or-later
"""What decoders and other elements hand over works as it comes: formats, copies, crops."""
import unittest

import support

FIELD = support.SHARED / "field"


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch_folder(cls)
        cls.gallery = cls.folder / "people.db"
        support.enroll(cls.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def matches(self, *elements):
        return support.matches(support.run("gst-launch-1.0", "-m", *" ".join(elements).split()))

    def times_of_faces(self, matches):
        return {match["timestamp"] for match in matches}

    def test_ten_bits_and_422(self):
        for name in ("h10.mkv", "h422.mp4"):
            with self.subTest(name):
                source = f"filesrc location={FIELD / name} ! decodebin !"
                chain = self.matches(source, "facedetect ! facealign ! faceembed ! facematch",
                                     f"gallery={self.gallery} post-messages=all ! fakesink")
                self.assertIn("Lin-Manuel Miranda", {match["person"] for match in chain})
                # the same in one element, drawn on and encoded
                drawn = self.folder / f"{name}.mkv"
                self.matches(source, f"facerec gallery={self.gallery} annotate=true ! videoconvert",
                             f"! video/x-raw,format=I420 ! x264enc ! matroskamux ! filesink location={drawn}")
                self.assertGreater(drawn.stat().st_size, 1000)

    def test_copies_of_frames_have_faces(self):
        source = f"filesrc location={FIELD / 'h5.mkv'} ! decodebin !"
        rest = f"facerec gallery={self.gallery} post-messages=all ! fakesink"
        once = self.times_of_faces(self.matches(source, rest))
        copied = self.times_of_faces(
            self.matches(source, "videorate ! video/x-raw,framerate=25/1 !", rest))
        self.assertGreater(len(once), 3)
        self.assertGreaterEqual(len(copied), 4 * len(once))

    def test_people_outside_of_a_crop_are_not_there(self):
        photo = f"filesrc location={FIELD / 'exif1.jpg'} ! jpegdec !"
        rest = f"facerec gallery={self.gallery} post-messages=all ! videocrop right=2 ! fakesink"
        whole = self.matches(photo, rest)
        self.assertEqual(len(whole), 2)
        right = max(whole, key=lambda match: float(match["x"]))
        self.assertEqual(self.matches(photo, "videocrop left=180 !", rest), [])
        shown = self.matches(photo, "videocrop left=50 top=30 !", rest)
        self.assertEqual(len(shown), 1)
        for key, corner in (("x", 50), ("y", 30)):
            self.assertAlmostEqual(float(shown[0][key]) + corner, float(right[key]), delta=10)


if __name__ == "__main__":
    support.need(FIELD, support.MIRANDA)
    support.main()
