#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how many tests passed, failed and were skipped according to Meson's testlog.json.

GoogleTest and GstCheck programs count by their cases, every other test as one.
"""
import json
import re
import sys


def numbers(pattern, text):
    return [int(n) for n in re.findall(pattern, text, re.MULTILINE)]


def count(test):
    output = test.get("stdout") or ""
    ok = test["result"] in ("OK", "EXPECTEDFAIL")
    passed, failed, skipped = int(ok), 0, int(test["result"] == "SKIP")
    if "[==========]" in output:
        passed = sum(numbers(r"^\[  PASSED  \] (\d+) test", output))
        skipped = sum(numbers(r"^\[  SKIPPED \] (\d+) test", output))
        failed = sum(numbers(r"^\[  FAILED  \] (\d+) test", output))
    else:
        checks = re.search(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", output, re.MULTILINE)
        if checks:
            total, failures, errors = map(int, checks.groups())
            passed, failed = total - failures - errors, failures + errors
    # A program that crashed or ran out of time counted nothing itself.
    if not ok and not skipped:
        failed = max(failed, 1)
    return passed, failed, skipped


with open(sys.argv[1]) as log:
    print(*map(sum, zip(*(count(json.loads(line)) for line in log))))
