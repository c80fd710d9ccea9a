// SPDX-License-Identifier: LGPL-2.1-or-later

#include "scratch.h"

namespace facerec {

cv::Mat Scratch::take(cv::Size size, int type) {
  if (used_ == blocks_.size()) blocks_.emplace_back();
  cv::Mat& block = blocks_[used_++];
  const std::size_t row = static_cast<std::size_t>(size.width) * CV_ELEM_SIZE(type);
  if (block.total() < static_cast<std::size_t>(size.height) * row)
    block.create(size.height, static_cast<int>(row), CV_8U);
  return {size, type, block.data};
}

}  // namespace facerec
