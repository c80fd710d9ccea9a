#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Recognises people in a video from a fresh clone; see usage below.
set -euo pipefail
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_root/tests/prepare.sh"

usage() {
  cat <<TEXT
Usage: examples/demo.sh [FILE|URI] [--enroll NAME=IMAGE]... [--output FOLDER]

Installs the Debian packages that are missing, builds into build/, enrols people, finds them in a
video and writes into FOLDER (default demo-out/): the video with names drawn, the frame with most
people as PNG, the timeline and the gallery.

Without FILE it takes ../shared/media (or FACEREC_SHARED/media) where that is, else a video that it
makes from the photographs of Debian's opencv-doc. A camera's rtsp:// address is recorded until
Ctrl-C. FACEREC_BUILD names a finished build to use; nothing is installed or built then.
TEXT
}

media= out="$source_root/demo-out" people=()
while [ $# -gt 0 ]; do
  case "$1" in
    --enroll | --output)
      [ $# -gt 1 ] || die "$1 needs a value"
      if [ "$1" = --enroll ]; then people+=("$2"); else out=$2; fi
      shift
      ;;
    --help | -h) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) media=$1 ;;
  esac
  shift
done
for person in "${people[@]}"; do
  [[ $person == ?*=?* && -r ${person#*=} ]] || die "--enroll takes NAME=IMAGE; cannot read \"$person\""
done
mkdir -p "$out"
out=$(cd "$out" && pwd)

if [ -n "${FACEREC_BUILD:-}" ]; then
  build=$(cd "$FACEREC_BUILD" && pwd)
else
  build="$source_root/build"
  install_packages build run
  say "Building into $build"
  options=()
  [ -f "$build/build.ninja" ] || options=(-Dtests=disabled)
  build_tree "$build" demo "${options[@]}" >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    die "The build failed: see $out/build.log"
  }
fi

shared=${FACEREC_SHARED:-$source_root/../shared}
if [ -d "$shared/models" ]; then
  export FACEREC_MODEL_PATH=${FACEREC_MODEL_PATH:+$FACEREC_MODEL_PATH:}$shared/models
fi
in_build() { meson devenv -C "$build" "$@"; }
facerec() { in_build "$build/src/cli/facerec" "$@"; }

if [ -z "$media" ]; then
  if [ -d "$shared/media" ]; then
    media="$shared/media/short_hamilton_clip.mp4"
    people+=("Lin-Manuel Miranda=$shared/media/hamilton_ids/lin-manuel-miranda.png"
      "Alex Lacamoire=$shared/media/hamilton_ids/alex-lacamoire.png")
  else
    photos=/usr/share/doc/opencv-doc/opencv4/html
    if [ ! -e "$photos/example.jpg" ]; then
      # Containers leave documentation out when they install a package.
      say "Unpacking the photographs of opencv-doc into $out/photos"
      mkdir -p "$out/photos"
      (cd "$out/photos" && apt-get -q download opencv-doc && dpkg-deb -x opencv-doc_*.deb .) >"$out/photos.log" 2>&1 ||
        die "The photographs of opencv-doc cannot be had: see $out/photos.log"
      photos="$out/photos$photos"
    fi
    media="$out/clip.mp4"
    say "Making $media from photographs: two men who get enrolled and a stranger"
    FACEREC_PHOTOS="$photos" /usr/bin/python3 "$source_root/examples/demo_clip.py" "$media"
    people+=("Björn=$photos/227943776_1.jpg" "Émile=$photos/230501201_1.jpg")
  fi
elif [ -e "$media" ]; then
  media=$(realpath "$media")
fi

gallery=()
rm -f "$out"/people.db*
for person in "${people[@]}"; do
  facerec enroll --gallery "$out/people.db" --name "${person%%=*}" "$(realpath "${person#*=}")"
done
[ ${#people[@]} = 0 ] || gallery=(--gallery "$out/people.db")

say "Watching $media"
in_build /usr/bin/python3 "$source_root/examples/who_was_seen.py" "${gallery[@]}" \
  --video "$out/annotated" --picture "$out/best.png" "$media" | tee "$out/timeline.txt"
say "picture: $out/best.png"
say "timeline: $out/timeline.txt"
