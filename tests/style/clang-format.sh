#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# clang-format.sh SOURCE-ROOT: every C and C++ file stands as .clang-format has it.
set -eu
if ! clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
  echo "clang-format 14 is not here"
  exit 77
fi
cd "$1"
{ git ls-files '*.[ch]' '*.cpp' 2>/dev/null || find src gst tests examples -name '*.[ch]' -o -name '*.cpp'; } |
  xargs clang-format --dry-run -Werror
