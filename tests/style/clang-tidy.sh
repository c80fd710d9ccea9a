#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# clang-tidy.sh SOURCE-ROOT BUILD-ROOT: what ships has none of the defects that .clang-tidy names.
set -eu
if ! clang-tidy --version 2>/dev/null | grep -q 'version 14\.' || ! command -v run-clang-tidy-14 >/dev/null; then
  echo "clang-tidy 14 is not here"
  exit 77
fi
run-clang-tidy-14 -quiet -p "$2" "^$1/(src|gst)/"
