# SPDX-License-Identifier: LGPL-2.1-or-later
"""The detector that ships sees the four people of a classroom."""
import unittest

import support

CLASSROOM = support.SHARED / "media/intel_preview_classroom.gif"
FRAMES = 45  # libav's demuxer of GIF gives no end of stream


class Classroom(unittest.TestCase):
    def test_four_faces_in_nine_of_ten_frames(self):
        counts = [count for _, count in support.count_faces(
            CLASSROOM, "facedetect model=facerec-detect", FRAMES)]
        self.assertEqual(len(counts), FRAMES)
        print(f"faces: frames {({count: counts.count(count) for count in sorted(set(counts))})}")
        self.assertGreaterEqual(counts.count(4), 0.9 * len(counts))


if __name__ == "__main__":
    support.need(CLASSROOM)
    support.main()
