// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>

#include "output.h"

namespace facerec::cli {

/// What a run takes.
struct Timing {
  double milliseconds = 0;  ///< the median of the runs
  int runs = 0;
};

/// Runs something until that time is over, after a first run that does not count; where that alone
/// takes longer, it is the only one and counts.
Timing measure(double seconds, const std::function<void()>& run);

/// Measurements one after the other in a given time, with a bar that shows how far they are.
class Measurements {
 public:
  Measurements(double seconds, std::size_t count);

  /// For the next one: its part of the time that is left, in seconds.
  double share() const;
  /// The next one, in its share.
  Timing next(const std::function<void()>& run);
  /// The next one is done otherwise, or not at all.
  void pass();
  /// A line on standard error.
  void note(const std::string& line) { progress_.note(line); }

 private:
  std::chrono::steady_clock::time_point end_;
  std::size_t left_;
  Progress progress_;
};

}  // namespace facerec::cli
