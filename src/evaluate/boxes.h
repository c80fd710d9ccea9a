// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <map>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace facerec {

/// Reads true boxes by picture from a CSV file with the header image,x,y,width,height (pixels).
/// Throws Error: NotFound, or Read naming the file and line.
std::map<std::string, std::vector<cv::Rect2f>> read_boxes(const std::filesystem::path& file);

}  // namespace facerec
