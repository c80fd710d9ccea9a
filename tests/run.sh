#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Builds and tests everything; see usage below.
set -uo pipefail
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_root/tests/prepare.sh"

suites=(core cli elements pipelines accuracy training style)
usage() {
  cat <<TEXT
Usage: tests/run.sh [SUITE...]

Installs the Debian packages that are missing (tests/packages.txt), builds into build/ and runs the
tests; without SUITE all of them:
  ${suites[*]}  in build/
  sanitizers  core, cli and elements again with AddressSanitizer and UndefinedBehaviorSanitizer,
              in build-asan/
  fuzz        files, metadata and networks' outputs at random, with clang's libFuzzer, in build-fuzz/;
              FACEREC_FUZZ_SECONDS says how long each target runs (5)
  servers     on request only: galleries on OpenSearch and Elasticsearch servers, which Maven brings
              (java, javac and mvn); ten minutes and more
  threads     on request only: the tests in which threads meet, with ThreadSanitizer, in build-tsan/

Tests on reference material look for it where FACEREC_SHARED points, else in ../shared, and are
skipped without it. The last line sums up; the exit status is 0 where nothing failed.
TEXT
}

wanted=()
for argument in "$@"; do
  case " ${suites[*]} servers sanitizers fuzz threads " in
    *" $argument "*) wanted+=("$argument") ;;
    *)
      [ "$argument" = --help ] || [ "$argument" = -h ] || say "tests/run.sh: no suite \"$argument\"" >&2
      usage
      [ "$argument" = --help ] || [ "$argument" = -h ]
      exit
      ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=("${suites[@]}" sanitizers fuzz)

build="$source_root/build"
build_asan="$source_root/build-asan"
build_fuzz="$source_root/build-fuzz"
build_tsan="$source_root/build-tsan"
passed=0 failed=0 skipped=0
notes=()

count() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# Builds the target $2 (empty: everything) into $1 with the Meson options after "--", runs the suites
# before it there, counts.
run_suites() {
  local folder=$1 target=$2 names=() options=()
  shift 2
  while [ "$1" != -- ]; do
    names+=(--suite "gst-facerec:$1")
    shift
  done
  shift
  options=("$@")
  local name=${folder#"$source_root"/} started=$SECONDS
  say "== $name: building"
  if ! build_tree "$folder" "$target" -Dtests=enabled -Dwerror=true "${options[@]}" >"$folder.log" 2>&1; then
    tail -n 40 "$folder.log"
    notes+=("$name could not be built: see $folder.log")
    count 0 1 0
    return
  fi
  say "== $name: built in $((SECONDS - started)) s, testing"
  local log="$folder/meson-logs/testlog.json"
  rm -f "$log"
  meson test -C "$folder" --no-rebuild --print-errorlogs "${names[@]}" </dev/null
  local status=$? numbers
  if ! numbers=$(python3 "$source_root/tests/count.py" "$log"); then
    notes+=("$name: meson test ran nothing")
    count 0 1 0
    return
  fi
  # shellcheck disable=SC2086
  count $numbers
  say "$name: $numbers (passed, failed, skipped) in $((SECONDS - started)) s; log: $folder/meson-logs/testlog.txt"
  [ "$status" = 0 ] || notes+=("$name has failures: see $folder/meson-logs/testlog.txt")
}

install_packages build run test train

if command -v ccache >/dev/null; then
  export CC=${CC:-ccache gcc} CXX=${CXX:-ccache g++}
fi

plain=()
sanitizers='' fuzz='' threads=''
for name in "${wanted[@]}"; do
  case $name in
    sanitizers) sanitizers=yes ;;
    fuzz) fuzz=yes ;;
    threads) threads=yes ;;
    *) plain+=("$name") ;;
  esac
done

[ ${#plain[@]} = 0 ] || run_suites "$build" "" "${plain[@]}" --
if [ -n "$sanitizers" ]; then
  # Without dlib, whose templates take the compiler ten minutes a file here.
  ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0:strict_string_checks=1} \
    UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1} \
    run_suites "$build_asan" "" core cli elements -- \
      -Db_sanitize=address,undefined -Doptimization=0 -Dintrospection=disabled -Ddlib=disabled
fi
if [ -n "$threads" ]; then
  run_suites "$build_tsan" threads threads -- \
    -Db_sanitize=thread -Doptimization=1 -Dintrospection=disabled -Ddlib=disabled
fi
if [ -n "$fuzz" ]; then
  export CC='clang' CXX='clang++'
  ! command -v ccache >/dev/null || CC="ccache $CC" CXX="ccache $CXX"
  run_suites "$build_fuzz" fuzz fuzz -- \
    -Dfuzz=true -Db_sanitize=address,undefined -Doptimization=1 -Dintrospection=disabled -Ddlib=disabled
fi

for note in "${notes[@]}"; do say "$note"; done
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
