// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <vector>

/// How long each frame took.
class FrameTimes {
 public:
  void add(double seconds) { seconds_.push_back(seconds); }

  /// Of nearly all; the very worst is the scheduler's.
  double longest() const {
    std::vector<double> sorted = seconds_;
    std::sort(sorted.begin(), sorted.end());
    return sorted.at(sorted.size() * 99 / 100);
  }

 private:
  std::vector<double> seconds_;
};
