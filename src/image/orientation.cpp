// SPDX-License-Identifier: LGPL-2.1-or-later

// Containers as in the PNG specification (chunk eXIf), the WebP container specification (chunk
// EXIF) and TIFF 6.0, whose first directory is EXIF's.

#include "orientation.h"

#include <algorithm>
#include <cstring>

namespace facerec {
namespace {

constexpr std::uint32_t orientation_tag = 0x0112;

/// Numbers out of a part of a file; what lies beyond its end is 0.
struct Bytes {
  const std::uint8_t* data;
  std::size_t size;
  bool big_endian = true;

  bool starts_with(const char* text, std::size_t length, std::size_t at = 0) const {
    return at <= size && length <= size - at && std::memcmp(data + at, text, length) == 0;
  }
  std::uint32_t number(std::size_t at, int bytes) const {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      const std::size_t where = at + static_cast<std::size_t>(big_endian ? i : bytes - 1 - i);
      value = value << 8 | (where < size ? data[where] : 0);
    }
    return value;
  }
  Bytes part(std::size_t at, std::size_t length) const {
    const std::size_t begin = std::min(at, size);
    return {data + begin, std::min(length, size - begin), big_endian};
  }
};

Bytes exif_of_png(const Bytes& file) {
  for (std::uint64_t at = 8; at < file.size;) {
    const std::size_t length = file.number(at, 4);
    if (file.starts_with("eXIf", 4, at + 4)) return file.part(at + 8, length);
    at += 12 + length;
  }
  return {nullptr, 0};
}

Bytes exif_of_webp(const Bytes& file) {
  for (std::uint64_t at = 12; at < file.size;) {
    const std::size_t length = file.number(at + 4, 4);
    if (file.starts_with("EXIF", 4, at)) return file.part(at + 8, length);
    at += 8 + length + length % 2;
  }
  return {nullptr, 0};
}

}  // namespace

Orientation exif_orientation(const std::uint8_t* data, std::size_t size) {
  Bytes exif{data, size};
  if (exif.starts_with("Exif\0\0", 6)) exif = exif.part(6, size);
  if (exif.starts_with("II*\0", 4)) {
    exif.big_endian = false;
  } else if (!exif.starts_with("MM\0*", 4)) {
    return 1;
  }
  const std::size_t directory = exif.number(4, 4);
  const std::uint32_t entries = exif.number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (entry >= exif.size) break;
    if (exif.number(entry, 2) != orientation_tag) continue;
    const bool is_long = exif.number(entry + 2, 2) == 4;
    const auto value = exif.number(entry + 8, is_long ? 4 : 2);
    return value >= 1 && value <= 8 ? static_cast<Orientation>(value) : 1;
  }
  return 1;
}

std::optional<Orientation> stored_orientation(const std::uint8_t* file, std::size_t size) {
  Bytes bytes{file, size};
  Bytes exif{nullptr, 0};
  if (bytes.starts_with("\x89PNG\r\n\x1a\n", 8)) {
    exif = exif_of_png(bytes);
  } else if (bytes.starts_with("RIFF", 4) && bytes.starts_with("WEBP", 4, 8)) {
    bytes.big_endian = false;
    exif = exif_of_webp(bytes);
  } else {
    return std::nullopt;
  }
  return exif_orientation(exif.data, exif.size);
}

cv::Mat turned(const cv::Mat& picture, Orientation orientation) {
  cv::Mat result = picture;
  if (orientation >= 5) {  // one of those that lie
    cv::Mat transposed;
    cv::transpose(picture, transposed);
    result = transposed;
  }
  constexpr int none = 2;
  constexpr int flips[] = {none, 1, -1, 0, none, 1, -1, 0};  // of cv::flip: columns, both, rows
  const int flip = flips[orientation - 1];
  if (flip != none) {
    cv::Mat flipped;
    cv::flip(result, flipped, flip);
    result = flipped;
  }
  return result;
}

}  // namespace facerec
