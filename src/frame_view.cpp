// SPDX-License-Identifier: LGPL-2.1-or-later

#include "frame_view.h"

namespace facerec {

FrameView view_of(const cv::Mat& image) {
  CV_Assert(image.type() == CV_8UC3 || image.type() == CV_8UC1);
  FrameView view;
  view.format = image.channels() == 3 ? PixelFormat::Bgr : PixelFormat::Gray8;
  view.width = image.cols;
  view.height = image.rows;
  view.planes[0] = {image.data, image.step[0]};
  view.full_range = true;
  return view;
}

}  // namespace facerec
