# SPDX-License-Identifier: LGPL-2.1-or-later
"""A camera's frames pass the bin facerec without waiting, and get what was found a little later."""
import json
import pathlib
import statistics
import sys
import unittest

import support

MAX_AGE = 500  # milliseconds, the bin's default


def watch(address, properties, seconds):
    program = pathlib.Path(__file__).parent / "live_camera.py"
    output = support.run(sys.executable, program, address, properties, seconds, seconds=seconds + 60)
    return json.loads(output.splitlines()[-1])


class Live(unittest.TestCase):
    def test_every_frame_comes_out_with_results_that_are_not_old(self):
        for detector in ("facerec-detect", "haar-checked"):
            with self.subTest(detector), support.camera(support.CLIP) as address:
                seen = watch(address, f"detector={detector} annotate=true", 30)
                ages = seen["ages"]
                print(f"{detector}: {seen['decoded']} frames decoded, {seen['lost']} lost, "
                      f"{len(ages)} with results {statistics.median(ages or [0]):.0f} ms old (median), "
                      f"{100 * seen['dropped']:.1f} % too late for the sink")
                self.assertGreater(seen["decoded"], 200)
                self.assertEqual(seen["lost"], 0)
                self.assertTrue(seen["in order"])
                self.assertGreater(len(ages), 0)
                self.assertLessEqual(max(ages), MAX_AGE)
                self.assertGreaterEqual(min(ages), 0)


if __name__ == "__main__":
    support.need(support.CLIP)
    support.main()
