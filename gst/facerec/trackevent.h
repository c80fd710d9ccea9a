// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <vector>

namespace facerec {

/// The event by which facetrack says, before the frame in which they are over, which tracks have
/// ended.
GstEvent* new_tracks_ended_event(const std::vector<std::int64_t>& tracks);

/// The tracks that such an event names; empty for another event.
std::vector<std::int64_t> ended_tracks_of_event(GstEvent* event);

}  // namespace facerec
