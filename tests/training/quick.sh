#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Runs a recipe with --quick, which fails unless the network learns.
if ! /usr/bin/python3 -c 'import cv2, onnx, torch'; then
  echo "python3-onnx, python3-opencv or python3-torch is not installed"
  exit 77
fi
exec "$1" --quick
