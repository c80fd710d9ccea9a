# SPDX-License-Identifier: LGPL-2.1-or-later
"""A camera's frames pass the bin facerec without waiting, and get what was found a little later."""
import unittest

import support
from live_camera import Watch

MAX_AGE = 500  # milliseconds, the bin's default


class Live(unittest.TestCase):
    def test_every_frame_comes_out_with_results_that_are_not_old(self):
        for detector in ("facerec-detect", "haar-checked"):
            with self.subTest(detector), support.camera(support.CLIP) as address:
                watch = Watch(address, f"detector={detector} annotate=true")
                watch.play(30)
                print(f"{detector}: {len(watch.decoded)} frames decoded, {len(watch.lost())} lost, "
                      f"{len(watch.ages)} with results {watch.median_age():.0f} ms old (median), "
                      f"{100 * watch.dropped():.1f} % too late for the sink")
                self.assertGreater(len(watch.decoded), 200)
                self.assertEqual(watch.lost(), [])
                self.assertEqual(watch.shown, sorted(watch.shown))
                self.assertGreater(len(watch.ages), 20)
                self.assertLessEqual(max(watch.ages), MAX_AGE)
                self.assertGreaterEqual(min(watch.ages), 0)


if __name__ == "__main__":
    support.need(support.CLIP)
    support.main()
