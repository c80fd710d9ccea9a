// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "../frame_view.h"

namespace facerec {

/// Notices where a video cuts to another scene. Not for two threads at once.
class SceneCut {
 public:
  /// Whether the frame shows another scene than the one before: pixels spread over both correlate
  /// by less than 0.4. At cuts of the clips that were looked at (film of a stage, people who come
  /// and go before a wall) they do by 0.37 at most, between frames of one scene, with a hand-held
  /// camera that is swung, by 0.57 at least. Frames that are nearly of one colour are passed by.
  bool is_cut(const FrameView& frame);

  /// The next frame is the first one.
  void clear() { last_.release(); }

 private:
  cv::Mat last_;  ///< its pixels as one row, CV_32F, of mean 0 and length 1
};

}  // namespace facerec
