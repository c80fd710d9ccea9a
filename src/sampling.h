// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "bgr_planes.h"
#include "frame_view.h"
#include "geometry.h"
#include "scratch.h"
#include "yuv_converter.h"

namespace facerec {

/// Small pictures straight out of a frame's planes: each plane is scaled or warped to the size
/// asked for and only that many pixels are converted. The frame itself is never converted. A
/// picture may be written to and holds until the next one is taken; the memory is kept. Not for two
/// threads at once.
class Sampler {
 public:
  /// The whole frame scaled to `size`, as BGR (CV_8UC3). Averages where it shrinks to a half or
  /// less.
  cv::Mat scale_to_bgr(const FrameView& frame, cv::Size size);

  /// As scale_to_bgr, a plane for each colour as networks take them, which are black to the right
  /// and below up to `canvas`.
  BgrPlanes scale_to_planes(const FrameView& frame, cv::Size size, cv::Size canvas);

  /// The whole frame's luma scaled to `size` (CV_8UC1, full range).
  cv::Mat scale_to_gray(const FrameView& frame, cv::Size size);

  /// The part of the frame that `transform` (frame pixels to output pixels) maps to `size`, as BGR.
  /// What lies outside the frame is black. Averages where the transform shrinks to a half or
  /// less.
  cv::Mat warp_to_bgr(const FrameView& frame, const Affine& transform, cv::Size size);

  /// As warp_to_bgr, luma only (CV_8UC1, full range).
  cv::Mat warp_to_gray(const FrameView& frame, const Affine& transform, cv::Size size);

 private:
  Scratch scratch_;
  YuvConverter converter_;
};

/// Single pixels of the frame, evenly spread, as they are stored (CV_8UC1): their luma, or their
/// green. In next to no time, into the memory of `picture` where it has that size.
void pick_pixels(const FrameView& frame, cv::Size size, cv::Mat& picture);

}  // namespace facerec
