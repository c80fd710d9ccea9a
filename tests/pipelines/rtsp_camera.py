#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""rtsp_camera.py PORT MP4: plays an H.264 file once to each client at rtsp://127.0.0.1:PORT/camera."""
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer(address="127.0.0.1", service=sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory(shared=True)
factory.set_launch(f'( filesrc location="{sys.argv[2]}" ! qtdemux ! h264parse'
                   " ! rtph264pay name=pay0 pt=96 config-interval=-1 )")
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print("listening", flush=True)
GLib.MainLoop().run()
