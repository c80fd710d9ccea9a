#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# chain_overhead.sh FACEREC CHAIN_OVERHEAD: enrols one person and runs the benchmark on the
# reference video. Exits 77 without the reference material.
set -euo pipefail
shared=${FACEREC_SHARED:-$FACEREC_SOURCE_ROOT/../shared}
if [ ! -d "$shared/models" ]; then
  echo "no reference material in $shared: set FACEREC_SHARED"
  exit 77
fi
export FACEREC_MODEL_PATH="$shared/models:$FACEREC_SOURCE_ROOT/models"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" enroll --gallery "$folder/people.db" --name Lin-Manuel --detector yunet --model mobilefacenet \
  "$shared/media/hamilton_ids/lin-manuel-miranda.png"
"$2" "$shared/media/short_hamilton_clip.mp4" "$folder/people.db"
