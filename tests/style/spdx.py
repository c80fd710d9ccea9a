#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""spdx.py SOURCE-ROOT: every file says its licence, in its first lines or in REUSE.toml."""
import pathlib
import re
import subprocess
import sys
import tomllib

TAG = "SPDX-License-Identifier: LGPL-2.1-or-later"
FIRST_LINES = 6

root = pathlib.Path(sys.argv[1])
listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                        capture_output=True, text=True, check=False)
if listed.returncode != 0:
    print("no git repository, so nobody knows which files are the project's")
    sys.exit(77)


def expression(pattern):
    """A path of REUSE.toml: * is any run of characters without a slash, ** with."""
    parts = re.split(r"(\*\*/|\*)", pattern)
    return "".join({"**/": "(?:.*/)?", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts)


annotated = [expression(path) for annotation in tomllib.loads((root / "REUSE.toml").read_text())["annotations"]
             for path in ([annotation["path"]] if isinstance(annotation["path"], str) else annotation["path"])]
silent = []
for name in sorted(filter(None, listed.stdout.split("\0"))):
    file = root / name
    if not file.is_file() or any(re.fullmatch(pattern, name) for pattern in annotated):
        continue
    if not any(TAG in line for line in file.read_text(errors="replace").split("\n")[:FIRST_LINES]):
        silent.append(name)
for name in silent:
    print(f'{name}: its first lines lack "{TAG}"')
sys.exit(bool(silent))
