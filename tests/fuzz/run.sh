#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh TARGET SEEDS FOLDER: fuzzes for FACEREC_FUZZ_SECONDS (5), beginning with the seeds that the
# program SEEDS writes and with what earlier runs found worth keeping in FOLDER. An input that makes
# the target fail is left in FOLDER and named. Each target has seeds of its own: targets run side by side.
set -eu
target=$(realpath "$1")  # Meson names it from the build folder
if [ ! -x "$target" ]; then
  echo "the compiler has no libFuzzer: CC=clang CXX=clang++ with libclang-rt-dev has"
  exit 77
fi
seeds=$2 folder=$3 name=$(basename "$target" _fuzz)
mkdir -p "$folder/corpus/$name"
"$seeds" "$folder/seed-corpus/$name"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
cd "$folder"
exec "$target" -max_total_time="${FACEREC_FUZZ_SECONDS:-5}" -timeout=120 -rss_limit_mb=3000 -max_len=65536 \
  -print_final_stats=1 "corpus/$name" "seed-corpus/$name/$name"
