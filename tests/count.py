#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints how many tests passed, failed and were skipped according to Meson's testlog.json.

GoogleTest, GstCheck and unittest programs count by their cases, every other test as one. A case that
was skipped counts as skipped, also where the program passed.
"""
import json
import re
import sys


def numbers(pattern, text):
    return [int(n) for n in re.findall(pattern, text, re.MULTILINE)]


def googletest(text):
    if "[==========]" not in text:
        return None
    return tuple(sum(numbers(rf"^\[  {state} \] (\d+) test", text))
                 for state in ("PASSED ", "FAILED ", "SKIPPED"))


def gstcheck(text):
    checks = re.search(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", text, re.MULTILINE)
    if not checks:
        return None
    total, failures, errors = map(int, checks.groups())
    skipped = len(re.findall(r"^skipped: ", text, re.MULTILINE))
    return total - failures - errors - skipped, failures + errors, skipped


def python(text):
    total = numbers(r"^Ran (\d+) tests? in ", text)
    if not total:
        return None
    bad = sum(numbers(r"^(?:FAILED|OK) .*?failures=(\d+)", text) + numbers(r"^(?:FAILED|OK) .*?errors=(\d+)", text))
    skipped = sum(numbers(r"^(?:FAILED|OK) .*?skipped=(\d+)", text))
    return max(sum(total) - bad - skipped, 0), bad, skipped


def count(test):
    text = "\n".join(test.get(stream) or "" for stream in ("stdout", "stderr"))
    result = test["result"]
    ok = result in ("OK", "EXPECTEDFAIL", "SKIP")
    passed, failed, skipped = (googletest(text) or gstcheck(text) or python(text)
                               or (int(ok and result != "SKIP"), 0, int(result == "SKIP")))
    # A program that crashed or ran out of time counted nothing itself.
    if not ok:
        failed = max(failed, 1)
    return passed, failed, skipped


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as log:
        print(*map(sum, zip(*(count(json.loads(line)) for line in log))))
