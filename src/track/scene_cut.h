// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "../frame_view.h"

namespace facerec {

/// Notices where a video cuts to another scene. Not for two threads at once.
class SceneCut {
 public:
  /// Whether the frame shows another scene than the one before: of pixels spread over both,
  /// neither the places agree (they correlate by less than 0.4) nor the brightnesses (sorted, they
  /// differ by more than 6 of 255 on average). At cuts of a film of a stage the pixels correlate by
  /// 0.01 to 0.22 and differ by 9 to 20; where its hand-held camera is swung, by 0.57 or more and 3
  /// at most, between every third frame by 0.24 and 4. Frames that are nearly of one colour are
  /// passed by.
  bool is_cut(const FrameView& frame);

  /// The next frame is the first one.
  void clear() { is_known_ = false; }

  /// Of a frame.
  struct Pixels {
    cv::Mat values;  ///< CV_8U
    double mean = 0;
    double deviation = 0;
  };

 private:
  Pixels now_;
  Pixels last_;
  bool is_known_ = false;  ///< the last one
};

}  // namespace facerec
