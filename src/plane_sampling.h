// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "frame_view.h"
#include "scratch.h"

namespace facerec {

/// Samples of one plane of a frame, how many frame pixels each of them spans and how many pixels
/// before the frame the first one begins.
struct Source {
  cv::Mat pixels;
  int channel = -1;  ///< the only one that is used; -1 = all
  int sub_x = 1;
  int sub_y = 1;
  int before_x = 0;
  int before_y = 0;
  bool swapped = false;  ///< the bytes of 16 bits
};

/// The samples of one component; with `whole_pixels` those of the others beside them, too.
Source source_of(const FrameView& frame, int index, bool whole_pixels = false);

/// The output's corners in the source's coordinates.
cv::Rect2d footprint(const cv::Matx23d& to_source, cv::Size size);

cv::Matx23d inverse_of(const cv::Matx23d& transform);

// What these give lies in `scratch`, or in the frame where nothing was to be done.

/// The whole frame's samples averaged to less than twice `size`, or `size` where that is not what
/// their centres allow.
cv::Mat shrink(const FrameView& frame, const Source& source, cv::Size size, Scratch& scratch);

/// The whole frame's samples scaled to `size`.
cv::Mat scale(const FrameView& frame, const Source& source, cv::Size size, Scratch& scratch);

/// Warps a plane, which goes on for ever as its outermost samples; `transform` is from pixels of
/// the frame. Where it shrinks to a half or less, the part that is needed is averaged first.
cv::Mat warp(const Source& source, const cv::Matx23d& transform, cv::Size size, Scratch& scratch);

}  // namespace facerec
