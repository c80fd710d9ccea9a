// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace facerec {

/// GStreamer's queue for a number of frames, 1 at first, whatever their size. Where it leaks, the
/// oldest frame makes room for the newest.
///
/// A stream's begin waits before it until the end of the stream before has left. GStreamer's queue
/// counts for nothing what is behind an end in it, and then takes itself for full for ever.
GstElement* make_queue(const char* name, bool leaks);

}  // namespace facerec
