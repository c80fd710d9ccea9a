// SPDX-License-Identifier: LGPL-2.1-or-later

#include "image.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <vector>

#include "../error.h"
#include "../image/image.h"

namespace facerec::cli {

namespace {

/// More than a picture of most_pixels takes in any format.
constexpr std::size_t most_bytes = 1 << 30;

std::vector<std::uint8_t> read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t step = 1 << 20;
  while (stream && bytes.size() <= most_bytes) {
    const std::size_t before = bytes.size();
    bytes.resize(before + step);
    stream.read(reinterpret_cast<char*>(bytes.data() + before), step);
    bytes.resize(before + static_cast<std::size_t>(stream.gcount()));
  }
  if (bytes.size() > most_bytes) {
    throw Error(ErrorCode::Read, "image '" + file + "' is larger than 1 GiB; make it smaller");
  }
  return bytes;
}

}  // namespace

cv::Mat read_image(const std::string& file) {
  std::error_code ignored;
  const auto type = std::filesystem::status(file, ignored).type();
  if (type == std::filesystem::file_type::not_found) {
    throw Error(ErrorCode::NotFound, "image '" + file + "' does not exist; correct its name");
  }
  if (type == std::filesystem::file_type::directory) {
    throw Error(ErrorCode::Read, "'" + file + "' is a folder; name the images in it");
  }
  if (type == std::filesystem::file_type::character || type == std::filesystem::file_type::block) {
    throw Error(ErrorCode::Read, "'" + file + "' is a device; name an image file");
  }
  return decode_image(read_file(file), "image '" + file + "'");
}

}  // namespace facerec::cli
