// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

namespace facerec {

// Between a frame and the smaller or larger picture of it that a method sees.

/// A point or box in a picture of size `from`, in a picture of the same thing of size `to`.
cv::Point2f rescale(cv::Point2f point, cv::Size from, cv::Size to);
cv::Rect2f rescale(const cv::Rect2f& box, cv::Size from, cv::Size to);

}  // namespace facerec
