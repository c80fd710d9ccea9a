#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# exports.sh PLUGIN LIBRARY: the plugin shows what GStreamer asks it for, the metadata library what its
# headers name, and nothing else.
set -eu
names() {
  nm -D --defined-only "$1" | awk '{ print $NF }' | sort
}
status=0
others=$(names "$1" | grep -vxE 'gst_plugin_facerec_(get_desc|register)' || true)
if [ -n "$others" ] || [ "$(names "$1" | wc -l)" != 2 ]; then
  echo "$1 has other symbols than a plugin's two: $others"
  status=1
fi
others=$(names "$2" | grep -vE '^gst_(face_|buffer_.*face_(frame_)?meta)' || true)
if [ -n "$others" ] || [ "$(names "$2" | wc -l)" -lt 30 ]; then
  echo "$2 has symbols that are not the metadata's: $others"
  status=1
fi
exit $status
