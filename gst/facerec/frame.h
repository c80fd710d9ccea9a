// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include "frame_view.h"

namespace facerec {

/// The formats that a FrameView can describe, as the caps of a pad template.
#define FACEREC_VIDEO_CAPS \
  GST_VIDEO_CAPS_MAKE("{ GRAY8, I420, NV12, YUY2, BGR, RGB, BGRx, RGBx, BGRA, RGBA }")

/// A frame's pixels for reading, while it lives. Holds no reference to the buffer.
class MappedFrame {
 public:
  /// Throws FormatError where the buffer does not hold such a frame.
  MappedFrame(GstBuffer* buffer, const GstVideoInfo& info);
  ~MappedFrame();
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;

  const FrameView& view() const { return view_; }

 private:
  GstVideoFrame frame_{};
  FrameView view_;
};

}  // namespace facerec
