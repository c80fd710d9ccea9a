// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

namespace facerec {

enum class PixelFormat { Gray8, I420, Nv12, Yuy2, Bgr, Rgb, Bgrx, Rgbx, Bgra, Rgba };

/// The matrix that turns Y'CbCr into R'G'B' (ITU-R BT.601, BT.709 or BT.2020).
enum class YuvMatrix { Bt601, Bt709, Bt2020 };

/// Pixels that somebody else owns: up to three planes with their strides in bytes.
/// Nothing is copied and nothing is assumed of the strides but that they hold a row.
struct FrameView {
  struct Plane {
    const std::uint8_t* data = nullptr;
    std::size_t stride = 0;
  };

  PixelFormat format = PixelFormat::Bgr;
  int width = 0;
  int height = 0;
  std::array<Plane, 3> planes{};
  YuvMatrix matrix = YuvMatrix::Bt601;
  bool full_range = false;  ///< Y'CbCr and gray use 0..255 instead of 16..235/240

  cv::Size size() const { return {width, height}; }
};

/// A view of a CV_8UC3 (BGR) or CV_8UC1 (gray) image, which must outlive it.
FrameView view_of(const cv::Mat& image);

}  // namespace facerec
