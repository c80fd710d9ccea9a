# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/count.py on logs as the frameworks write them."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import count  # noqa: E402

GTEST = """[==========] Running 3 tests from 1 test suite.
[==========] 3 tests from 1 test suite ran. (1 ms total)
[  PASSED  ] 1 test.
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] A.b
"""
GTEST_FAILED = """[  FAILED  ] 1 test, listed below:
[  FAILED  ] A.c

 1 FAILED TEST
"""
CHECK = """skipped: /shared/models/a.onnx is not here
Running suite(s): faces
80%: Checks: 5, Failures: 1, Errors: 0
"""
UNITTEST = """----------------------------------------------------------------------
Ran 4 tests in 1.002s

"""


def counted(result, out="", error=""):
    return count.count({"result": result, "stdout": out, "stderr": error})


class Count(unittest.TestCase):
    def test_googletest(self):
        self.assertEqual(counted("OK", GTEST), (1, 0, 1))
        self.assertEqual(counted("FAIL", GTEST + GTEST_FAILED), (1, 1, 1))

    def test_gstcheck(self):
        self.assertEqual(counted("FAIL", CHECK), (3, 1, 1))

    def test_unittest(self):
        self.assertEqual(counted("OK", error=UNITTEST + "OK (skipped=1)\n"), (3, 0, 1))
        self.assertEqual(counted("OK", error=UNITTEST + "OK\n"), (4, 0, 0))
        self.assertEqual(counted("FAIL", error=UNITTEST + "FAILED (failures=1, errors=1, skipped=1)\n"), (1, 2, 1))

    def test_others_count_as_one(self):
        self.assertEqual(counted("OK", "hello"), (1, 0, 0))
        self.assertEqual(counted("SKIP", "skipped: no clang"), (0, 0, 1))
        self.assertEqual(counted("TIMEOUT"), (0, 1, 0))

    def test_a_crash_is_a_failure(self):
        self.assertEqual(counted("FAIL", "[==========] Running 3 tests\n")[1], 1)
        self.assertEqual(counted("TIMEOUT", GTEST), (1, 1, 1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
