// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <opencv2/core.hpp>

namespace facerec {

/// A picture's B, G and R, each CV_8UC1 of its size.
using BgrPlanes = std::array<cv::Mat, 3>;

}  // namespace facerec
