// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

#include "pixel_format.h"

namespace facerec {

/// The matrix that turns Y'CbCr into R'G'B' (ITU-R BT.601, BT.709 or BT.2020).
enum class YuvMatrix { Bt601, Bt709, Bt2020 };

/// Pixels that somebody else owns: where the samples of each component lie, with strides in bytes.
/// Nothing is copied and nothing is assumed of the strides but that they hold a row.
struct FrameView {
  /// The plane that has a component, from the group of the view's first pixel on. Where pixels
  /// share a sample, the first sample may begin `before_x` and `before_y` pixels before the view.
  struct Plane {
    const std::uint8_t* data = nullptr;
    std::size_t stride = 0;
    int before_x = 0;
    int before_y = 0;
  };

  const PixelFormat* format = nullptr;
  int width = 0;
  int height = 0;
  std::array<Plane, 3> planes{};  ///< one a component of the format
  YuvMatrix matrix = YuvMatrix::Bt601;
  bool full_range = false;  ///< Y'CbCr and gray use 0..255 instead of 16..235/240

  cv::Size size() const { return {width, height}; }
};

/// A view of a CV_8UC3 (BGR) or CV_8UC1 (gray) image, which must outlive it.
FrameView view_of(const cv::Mat& image);

/// A part of a frame, whose pixels it shares. It lies inside the frame.
FrameView part_of(const FrameView& frame, const cv::Rect& part);

}  // namespace facerec
