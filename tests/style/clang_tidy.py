#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""clang_tidy.py SOURCE-ROOT BUILD-ROOT: what ships has none of the defects that .clang-tidy names.

Nine tenths of clang-tidy's time go into the headers of OpenCV and the like, once a file. So the files
of a folder are checked as one text, as far as they can be compiled so; where that finds anything, its
files are checked one by one, and what is found then counts.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

TOOL = "clang-tidy-14"
COMPILER = "clang++-14"


class Unit:
    """A file of the compilation database."""

    def __init__(self, entry):
        self.folder = pathlib.Path(entry["directory"])
        self.file = (self.folder / entry["file"]).resolve()
        words = shlex.split(entry["command"])
        first = next(i for i, word in enumerate(words) if word.startswith("-"))
        self.flags = []
        skip = False
        for word in words[first:]:
            if not skip and word not in ("-c", "-o", "-MD", "-MQ", "-MF", entry["file"]):
                self.flags.append(word)
            skip = word in ("-o", "-MQ", "-MF")

    def key(self):
        """Files of one folder, language and command can be one text."""
        return self.file.parent, self.file.suffix, tuple(self.flags)


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, **options)


def tidy(unit, file):
    """What clang-tidy finds in a file that is compiled as the unit is; empty for nothing."""
    result = run(TOOL, "-quiet", f"--config-file={ROOT / '.clang-tidy'}", file, "--", *unit.flags,
                 "-iquote", unit.file.parent, cwd=unit.folder)
    return result.stdout if result.returncode else ""


def findings(units):
    """What clang-tidy finds in the files, one after the other where they cannot be one text."""
    if len(units) == 1:
        return tidy(units[0], units[0].file)
    with tempfile.TemporaryDirectory() as scratch:
        together = pathlib.Path(scratch) / f"together{units[0].file.suffix}"
        # In one file and not included: the analyzer looks into nothing else.
        together.write_text("\n".join(unit.file.read_text(encoding="utf-8") for unit in units), encoding="utf-8")
        compiles = run(COMPILER, "-fsyntax-only", "-Wno-everything", *units[0].flags,
                       "-iquote", units[0].file.parent, together, cwd=units[0].folder).returncode == 0
        if compiles and not tidy(units[0], together):
            return ""
    if compiles:
        return "".join(findings([unit]) for unit in units)
    middle = len(units) // 2
    return findings(units[:middle]) + findings(units[middle:])


ROOT = pathlib.Path(sys.argv[1]).resolve()
if not shutil.which(TOOL) or not shutil.which(COMPILER):
    print(f"{TOOL} and {COMPILER} are not here")
    sys.exit(77)
groups = {}
for entry in json.loads((pathlib.Path(sys.argv[2]) / "compile_commands.json").read_text(encoding="utf-8")):
    unit = Unit(entry)
    if unit.file.is_relative_to(ROOT / "src") or unit.file.is_relative_to(ROOT / "gst"):
        groups.setdefault(unit.key(), {})[unit.file] = unit
if not groups:
    sys.exit("the compilation database names no file of src/ and gst/")
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    found = "".join(pool.map(lambda units: findings(list(units.values())), groups.values()))
print(found)
sys.exit(bool(found))
