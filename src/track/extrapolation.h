// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "box_motion.h"

namespace facerec {

/// Where tracks' faces are in frames that nobody looks at, by those in which they were found. The
/// tracks are given; see Tracker for what finds them. Not for two threads at once.
class Extrapolation {
 public:
  /// The boxes, by track, that were found in the frame of that time, in seconds. Other tracks are
  /// forgotten.
  void update(const std::vector<std::pair<std::int64_t, cv::Rect2f>>& boxes, double time);

  /// The box of the track's face in a frame of that size and time, not clipped; empty where its
  /// middle has left the frame or the track was not in the last update().
  std::optional<cv::Rect2f> box_at(std::int64_t track, cv::Size frame, double time) const;

  void clear() { motions_.clear(); }

 private:
  std::map<std::int64_t, BoxMotion> motions_;
};

}  // namespace facerec
