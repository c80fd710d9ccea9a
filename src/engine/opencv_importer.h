// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <opencv2/dnn.hpp>
#include <vector>

namespace facerec {

/// Reads a network and, where its format has one, its configuration, with the importer of the
/// file's extension: .t7 and .net (Torch), .caffemodel + .prototxt, .pb (+ .pbtxt), .weights + .cfg
/// (Darknet), .onnx. Throws Error: Read naming the file, Settings where the extension is unknown
/// or the configuration is missing.
cv::dnn::Net import_network(const std::vector<std::filesystem::path>& files);

/// What OpenCV says went wrong, as one line without its source file and function.
std::string explain(const cv::Exception& error);

}  // namespace facerec
