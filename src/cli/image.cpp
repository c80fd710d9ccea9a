// SPDX-License-Identifier: LGPL-2.1-or-later

#include "image.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "../error.h"

namespace facerec::cli {

namespace {

using Bytes = std::vector<unsigned char>;

/// Whether a JPEG file ends before its End of Image marker: OpenCV fills what is missing with gray.
/// Segments and entropy-coded data as in ITU-T T.81, annex B.
bool is_cut_jpeg(const Bytes& bytes) {
  const auto at = [&](std::size_t i) { return i < bytes.size() ? bytes[i] : -1; };
  if (at(0) != 0xff || at(1) != 0xd8) return false;
  for (std::size_t i = 2; i + 1 < bytes.size();) {
    const int marker = at(i + 1);
    const bool stuffing = marker == 0 || marker == 0xff || (marker >= 0xd0 && marker <= 0xd7);
    if (at(i) != 0xff || stuffing) {
      ++i;  // within entropy-coded data
    } else if (marker == 0xd9) {
      return false;
    } else {
      i += 2 + at(i + 2) * 256 + at(i + 3);
    }
  }
  return true;
}

}  // namespace

cv::Mat read_image(const std::string& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw Error(ErrorCode::NotFound, "image '" + file + "' does not exist; correct its name");
  }
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(ErrorCode::Read, "'" + file + "' is a folder; name the images in it");
  }
  std::ifstream stream(file, std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(stream)), {});
  cv::Mat image;
  try {
    if (!bytes.empty() && !is_cut_jpeg(bytes)) image = cv::imdecode(bytes, cv::IMREAD_COLOR);
  } catch (const cv::Exception&) {
    // Too large for OpenCV; it is reported as what it cannot decode.
  }
  if (image.empty()) {
    throw Error(ErrorCode::Read, "image '" + file +
                                     "' cannot be read; check that it is a whole JPEG, PNG, WebP, "
                                     "BMP or TIFF file that you may read");
  }
  return image;
}

}  // namespace facerec::cli
