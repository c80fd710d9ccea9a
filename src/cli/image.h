// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace facerec::cli {

/// An image file as BGR (CV_8UC3), turned as its EXIF orientation says. Throws Error (NotFound,
/// Read) that names the file.
cv::Mat read_image(const std::string& file);

}  // namespace facerec::cli
