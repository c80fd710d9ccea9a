#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs the two commands of this project in a bare Debian; see usage below.
set -euo pipefail
source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$source_root/tests/prepare.sh"

folder=${FACEREC_DEBIAN:-${XDG_CACHE_HOME:-$HOME/.cache}/gst-facerec}
usage() {
  cat <<TEXT
Usage: tests/debian.sh bookworm|trixie [SUITE...]

Makes a bare Debian 12 or 13 in a folder with debootstrap, clones what is committed (HEAD) into it
with ../shared beside where there is one, and runs examples/demo.sh and tests/run.sh [SUITE...] in
it as the only commands. Needs root (sudo is asked). The system is kept for the next time under
  $folder
or where FACEREC_DEBIAN points.
TEXT
}

case "${1:-}" in
  bookworm | trixie) suite=$1 ;;
  --help | -h) usage && exit ;;
  *) usage >&2 && exit 2 ;;
esac

# Mounts live in a name space of this run's own, so that none is left behind however it ends.
if [ -z "${FACEREC_OWN_MOUNTS:-}" ]; then
  install_packages debian
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  exec "${as_root[@]}" env FACEREC_OWN_MOUNTS=yes FACEREC_DEBIAN="$folder" \
    FACEREC_SHARED="${FACEREC_SHARED:-}" unshare --mount "$source_root/tests/debian.sh" "$@"
fi
shift

system="$folder/$suite"
if [ ! -e "$system/etc/debian_version" ]; then
  say "== $suite: making a bare system in $system"
  mkdir -p "$folder"
  rm -rf "$system.part"
  debootstrap --variant=minbase "$suite" "$system.part" http://deb.debian.org/debian >"$system.log" 2>&1 ||
    die "debootstrap failed: see $system.log"
  mv "$system.part" "$system"
fi
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
mount -t proc proc "$system/proc"

home="$system/root/checkout"
rm -rf "$home/gst-facerec"
mkdir -p "$home/shared"
git -c safe.directory='*' clone -q --no-hardlinks "$source_root" "$home/gst-facerec"
shared=${FACEREC_SHARED:-$source_root/../shared}
if [ -d "$shared" ]; then
  mount --bind -o ro "$shared" "$home/shared" 2>/dev/null || cp -a "$shared/." "$home/shared/"
else
  rm -rf "$home/shared"
fi

inside() {
  say "== $suite: $*"
  local started=$SECONDS status=0
  env -u CC -u CXX -u FACEREC_SHARED -u FACEREC_MODEL_PATH -u GST_PLUGIN_PATH \
    -u XDG_CACHE_HOME -u XDG_DATA_HOME HOME=/root LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot "$system" sh -c 'cd /root/checkout/gst-facerec && exec "$@"' sh "$@" </dev/null || status=$?
  say "== $suite: $* took $((SECONDS - started)) s, exit status $status"
  return $status
}
result=0
inside examples/demo.sh || result=1
inside tests/run.sh "$@" || result=1
exit $result
