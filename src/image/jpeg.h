// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "orientation.h"

namespace facerec {

struct Jpeg {
  cv::Mat picture;  ///< CV_8UC3, BGR, as it is stored
  Orientation orientation = 1;
};

/// Whether a file begins as a JPEG file does.
bool is_jpeg(const std::vector<std::uint8_t>& file);

/// One that lacks nothing but its end mark is whole. Throws as decode_image does, also where a part
/// of the picture is missing, which OpenCV would fill with gray.
Jpeg decode_jpeg(const std::vector<std::uint8_t>& file, const std::string& name);

}  // namespace facerec
