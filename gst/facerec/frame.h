// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/video/video.h>

#include <string>

#include "frame_view.h"

namespace facerec {

/// Caps of raw video in system memory, with and without overlays that travel with the buffers.
/// `formats` as caps write a list.
std::string raw_caps(const std::string& formats);

/// raw_caps() of the formats that a FrameView can describe.
std::string video_caps();

/// The part of a frame that its buffer's GstVideoCropMeta shows; without one all of it. Downstream
/// sees that part only, and faces' coordinates count from its corner.
cv::Rect shown_part(GstBuffer* buffer, const GstVideoInfo& info);

/// The pixels of a frame's shown part for reading, while it lives. Holds no reference to the
/// buffer.
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
