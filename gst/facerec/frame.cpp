// SPDX-License-Identifier: LGPL-2.1-or-later

#include "frame.h"

#include <algorithm>
#include <string>

#include "errors.h"

namespace facerec {

namespace {

YuvMatrix yuv_matrix(GstVideoColorMatrix matrix) {
  switch (matrix) {
    case GST_VIDEO_COLOR_MATRIX_BT709:
    case GST_VIDEO_COLOR_MATRIX_SMPTE240M:  // as good as BT.709
      return YuvMatrix::Bt709;
    case GST_VIDEO_COLOR_MATRIX_BT2020:
      return YuvMatrix::Bt2020;
    default:
      return YuvMatrix::Bt601;
  }
}

const PixelFormat* find_pixel_format(GstVideoFormat format) {
  return facerec::find_pixel_format(gst_video_format_to_string(format));
}

FrameView view_frame(const GstVideoFrame& frame) {
  FrameView view;
  view.format = find_pixel_format(GST_VIDEO_FRAME_FORMAT(&frame));
  if (view.format == nullptr) {
    throw FormatError(std::string("A frame is ") +
                      gst_video_format_to_string(GST_VIDEO_FRAME_FORMAT(&frame)) +
                      ", which its caps did not say; put videoconvert before this element.");
  }
  view.width = GST_VIDEO_FRAME_WIDTH(&frame);
  view.height = GST_VIDEO_FRAME_HEIGHT(&frame);
  view.matrix = yuv_matrix(frame.info.colorimetry.matrix);
  view.full_range = frame.info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  for (int i = 0; i < view.format->component_count(); ++i) {
    const int plane = view.format->components.at(i).plane;
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
    if (stride <= 0) {
      throw FormatError("A frame is stored bottom up; put videoconvert before this element.");
    }
    if (stride % view.format->sample_bytes != 0) {
      throw FormatError(
          "A frame of 16-bit samples has rows of an odd number of bytes; the element "
          "before this one is at fault.");
    }
    view.planes.at(i) = {
        static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)),
        static_cast<std::size_t>(stride)};
  }
  return view;
}

}  // namespace

std::string raw_caps(const std::string& formats) {
  const std::string fields = ", format=(string)" + formats +
                             ", width=" GST_VIDEO_SIZE_RANGE ", height=" GST_VIDEO_SIZE_RANGE
                             ", framerate=" GST_VIDEO_FPS_RANGE;
  // Not the same to GStreamer, and both in use.
  constexpr const char* features[] = {"",
                                      "(" GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY
                                      ", " GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION ")",
                                      "(" GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION ")"};
  std::string caps;
  for (const char* feature : features) {
    caps += (caps.empty() ? "" : "; ") + ("video/x-raw" + std::string(feature)) + fields;
  }
  return caps;
}

std::string video_caps() {
  std::string formats;
  for (const PixelFormat& format : pixel_formats()) {
    if (gst_video_format_from_string(format.name.data()) == GST_VIDEO_FORMAT_UNKNOWN) continue;
    formats += (formats.empty() ? "{ " : ", ") + std::string(format.name);
  }
  return raw_caps(formats + " }");
}

cv::Rect shown_part(GstBuffer* buffer, const GstVideoInfo& info) {
  cv::Rect shown(0, 0, GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info));
  const GstVideoCropMeta* crop = gst_buffer_get_video_crop_meta(buffer);
  if (crop == nullptr) return shown;
  if (const GstVideoMeta* video = gst_buffer_get_video_meta(buffer)) {
    shown.width = static_cast<int>(video->width);
    shown.height = static_cast<int>(video->height);
  }
  const auto inside = [](guint value, int limit) {
    return static_cast<int>(std::min(value, static_cast<guint>(limit)));
  };
  const int x = inside(crop->x, shown.width);
  const int y = inside(crop->y, shown.height);
  return {x, y, inside(crop->width, shown.width - x), inside(crop->height, shown.height - y)};
}

MappedFrame::MappedFrame(GstBuffer* buffer, const GstVideoInfo& info) {
  constexpr auto flags =
      static_cast<GstMapFlags>(static_cast<int>(GST_MAP_READ) | GST_VIDEO_FRAME_MAP_FLAG_NO_REF);
  if (!gst_video_frame_map(&frame_, &info, buffer, flags)) {
    throw FormatError("A frame of " + std::to_string(gst_buffer_get_size(buffer)) +
                      " bytes cannot be read as its caps say: " +
                      gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)) + " of " +
                      std::to_string(GST_VIDEO_INFO_WIDTH(&info)) + "x" +
                      std::to_string(GST_VIDEO_INFO_HEIGHT(&info)) +
                      "; the element before this one is at fault.");
  }
  try {
    view_ = view_frame(frame_);
    view_ = part_of(view_, shown_part(buffer, info));
  } catch (...) {
    gst_video_frame_unmap(&frame_);
    throw;
  }
}

MappedFrame::~MappedFrame() {
  gst_video_frame_unmap(&frame_);
}

}  // namespace facerec
