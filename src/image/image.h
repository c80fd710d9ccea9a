// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace facerec {

/// Pixels of the largest picture that is decoded; the largest cameras of telephones give as many.
constexpr double most_pixels = 200e6;

/// An image file's content as BGR (CV_8UC3), turned as it says that it is to be shown. Throws
/// Error (Read), whose text begins with `name`, where it cannot be decoded, is cut off or is larger
/// than most_pixels.
cv::Mat decode_image(const std::vector<std::uint8_t>& file, const std::string& name);

/// Throws Error (Read) where a picture of this size is larger than most_pixels.
void require_moderate(cv::Size size, const std::string& name);

}  // namespace facerec
