// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "sampling.h"

namespace facerec::test {

// What a Sampler makes of a frame, kept.

inline cv::Mat scale_to_bgr(const FrameView& frame, cv::Size size) {
  return Sampler().scale_to_bgr(frame, size).clone();
}

inline cv::Mat scale_to_gray(const FrameView& frame, cv::Size size) {
  return Sampler().scale_to_gray(frame, size).clone();
}

inline cv::Mat warp_to_bgr(const FrameView& frame, const Affine& transform, cv::Size size) {
  return Sampler().warp_to_bgr(frame, transform, size).clone();
}

inline cv::Mat warp_to_gray(const FrameView& frame, const Affine& transform, cv::Size size) {
  return Sampler().warp_to_gray(frame, transform, size).clone();
}

}  // namespace facerec::test
