// SPDX-License-Identifier: LGPL-2.1-or-later

#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "../face.h"
#include "../frame_view.h"

namespace facerec {

/// A frame as a network sees it whose grids need whole cells: scaled, its right and lower edges
/// filled with black.
struct PaddedPicture {
  cv::Mat pixels;    ///< BGR; sides are multiples of the coarsest stride
  cv::Size content;  ///< the part that shows the frame
};

/// Scales `frame` to `content` and fills it up to multiples of `coarsest`.
PaddedPicture padded_picture(const FrameView& frame, cv::Size content, int coarsest);

/// What the cells of a network's grids say, in pixels of its picture.
class CellFinds {
 public:
  void clear();
  void add(float score, const cv::Rect2d& box, const Landmarks& landmarks);

  /// The best of those that overlap, best first, in pixels of the frame.
  std::vector<Face> best(const cv::Size& content, const cv::Size& frame, float overlap) const;

 private:
  std::vector<cv::Rect2d> boxes_;
  std::vector<float> scores_;
  std::vector<Landmarks> landmarks_;
};

}  // namespace facerec
