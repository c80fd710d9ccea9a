// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace facerec {

/// What an element did since its start, and how long it took in the last seconds. For any thread.
class Stats {
 public:
  void add(const char* name, guint64 count = 1);

  /// A frame took so long, in nanoseconds. `now` is a monotonic time in microseconds.
  void took(GstClockTime duration, gint64 now);

  /// The longest of the last seconds.
  GstClockTime longest() const;

  void clear();

  /// The counts under their names and, where frames took time, NAME-median and NAME-p99 in
  /// milliseconds. Transfer full.
  GstStructure* to_structure(const char* structure, const char* duration) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, guint64> counts_;
  std::deque<std::pair<gint64, GstClockTime>> durations_;  ///< of the last seconds, oldest first
};

}  // namespace facerec
