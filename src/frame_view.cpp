// SPDX-License-Identifier: LGPL-2.1-or-later

#include "frame_view.h"

namespace facerec {

FrameView view_of(const cv::Mat& image) {
  CV_Assert(image.type() == CV_8UC3 || image.type() == CV_8UC1);
  FrameView view;
  view.format = find_pixel_format(image.channels() == 3 ? "BGR" : "GRAY8");
  view.width = image.cols;
  view.height = image.rows;
  view.planes.fill({image.data, image.step[0]});
  view.full_range = true;
  return view;
}

FrameView part_of(const FrameView& frame, const cv::Rect& part) {
  FrameView view = frame;
  view.width = part.width;
  view.height = part.height;
  for (int i = 0; i < frame.format->component_count(); ++i) {
    const PixelFormat::Component& component = frame.format->components.at(i);
    auto& [data, stride, before_x, before_y] = view.planes.at(i);
    const int x = part.x + before_x;
    const int y = part.y + before_y;
    const std::size_t group = static_cast<std::size_t>(component.step) * frame.format->sample_bytes;
    data += y / component.sub_y * stride + x / component.sub_x * group;
    before_x = x % component.sub_x;
    before_y = y % component.sub_y;
  }
  return view;
}

}  // namespace facerec
