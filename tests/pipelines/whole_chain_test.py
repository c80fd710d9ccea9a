# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole chain on real video: pixels stay what and where they are, and nothing leaks."""
import os
import re
import unittest

import support

ALIVE = r"object-alive, .*address=\(gpointer\)0x"
HERE = support.BUILD / "tests/pipelines"


class WholeChain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch_folder(cls)
        cls.gallery = cls.folder / "people.db"
        support.enroll(cls.gallery, "Lin-Manuel Miranda", support.MIRANDA)

    def test_pixels_are_shared_and_unchanged(self):
        print(support.run(HERE / "pixels", support.CLIP, self.gallery))

    def leaks_of_ten_cycles(self, elements):
        log = str(self.folder / "leaks.log")
        tracing = dict(os.environ, GST_TRACERS="leaks", GST_DEBUG="GST_TRACER:7",
                       GST_DEBUG_FILE=log, GST_DEBUG_NO_COLOR="1")
        support.run(HERE / "cycles", 10, support.CLIP, elements, env=tracing)
        with open(log, errors="replace", encoding="utf-8") as lines:
            text = lines.read()
        self.assertIn("leaks", text)
        return [line for line in text.splitlines() if re.search(ALIVE, line)]

    def test_ten_cycles_leak_nothing(self):
        chain = ("facedetect name=first ! facetrack ! facealign ! faceembed"
                 f" ! facematch gallery={self.gallery} ! faceannotate ! videoconvert ! fakesink")
        self.assertEqual(self.leaks_of_ten_cycles(chain), [])

    def test_ten_cycles_of_live_mode_leak_nothing(self):
        live = (f"facerec name=first mode=live annotate=true show-stats=true gallery={self.gallery}"
                " ! videoconvert ! fakesink sync=true")
        self.assertEqual(self.leaks_of_ten_cycles(live), [])

    def test_the_tracer_would_see_a_leak(self):
        log = str(self.folder / "seen.log")
        tracing = dict(os.environ, GST_TRACERS="leaks", GST_DEBUG="GST_TRACER:7",
                       GST_DEBUG_FILE=log, GST_DEBUG_NO_COLOR="1")
        support.run("/usr/bin/python3", "-c", "import gi; gi.require_version('Gst', '1.0');"
                    "from gi.repository import Gst; Gst.init(None);"
                    "kept = Gst.Pipeline(); Gst.deinit()", env=tracing)
        with open(log, errors="replace", encoding="utf-8") as lines:
            self.assertRegex(lines.read(), ALIVE)


if __name__ == "__main__":
    support.need(support.CLIP, support.MIRANDA)
    support.main()
