// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

namespace facerec {

/// What the statistics of the bin facerec say to somebody who watches its video. Not for two
/// threads at once.
class StatsText {
 public:
  /// With each frame, at a monotonic time in microseconds: whether it is time for another text.
  bool is_due(gint64 now);

  /// Lines on the time since the text before: frames a second, the age of the results, and
  /// milliseconds a frame of each element. Of "stats" of the bin.
  std::string tell(const GstStructure* stats, gint64 now);

  void clear() { *this = {}; }

 private:
  gint64 begun_ = 0;  ///< 0 before the first frame
  guint64 frames_ = 0;
  std::optional<guint64> analysed_;  ///< since the start, when the text before was told
};

}  // namespace facerec
