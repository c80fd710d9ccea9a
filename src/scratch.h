// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <vector>

namespace facerec {

/// Pictures for the time of a computation, in memory that is kept for the next one. Who asks for
/// the same ones in the same order, or for smaller ones, makes it allocate nothing.
class Scratch {
 public:
  /// All pictures are given back.
  void clear() { used_ = 0; }

  /// A picture of any content, which holds until clear().
  cv::Mat take(cv::Size size, int type);

 private:
  std::vector<cv::Mat> blocks_;  ///< bytes
  std::size_t used_ = 0;
};

}  // namespace facerec
