// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>

namespace facerec {

/// How a stored picture is to be shown, as EXIF (and TIFF) number it: 1 as it is, 2 mirrored,
/// 3 turned by 180 degrees, 4 that mirrored, 5 transposed, 6 turned clockwise by 90 degrees,
/// 7 transposed along the other diagonal, 8 turned clockwise by 270 degrees.
using Orientation = int;

/// The orientation that an EXIF block states, with or without the "Exif\0\0" before it; 1 where it
/// states none of 1..8 or is damaged.
Orientation exif_orientation(const std::uint8_t* data, std::size_t size);

/// The orientation that the EXIF block of a PNG or WebP file states, 1 where it has none; empty
/// where it is another file.
std::optional<Orientation> stored_orientation(const std::uint8_t* file, std::size_t size);

/// The picture as it is to be shown; shares its pixels where that is as it is.
cv::Mat turned(const cv::Mat& picture, Orientation orientation);

}  // namespace facerec
