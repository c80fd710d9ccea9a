// SPDX-License-Identifier: LGPL-2.1-or-later

#include "frame.h"

#include <optional>
#include <string>

#include "errors.h"

namespace facerec {

namespace {

std::optional<PixelFormat> pixel_format(GstVideoFormat format) {
  switch (format) {
    case GST_VIDEO_FORMAT_GRAY8:
      return PixelFormat::Gray8;
    case GST_VIDEO_FORMAT_I420:
      return PixelFormat::I420;
    case GST_VIDEO_FORMAT_NV12:
      return PixelFormat::Nv12;
    case GST_VIDEO_FORMAT_YUY2:
      return PixelFormat::Yuy2;
    case GST_VIDEO_FORMAT_BGR:
      return PixelFormat::Bgr;
    case GST_VIDEO_FORMAT_RGB:
      return PixelFormat::Rgb;
    case GST_VIDEO_FORMAT_BGRx:
      return PixelFormat::Bgrx;
    case GST_VIDEO_FORMAT_RGBx:
      return PixelFormat::Rgbx;
    case GST_VIDEO_FORMAT_BGRA:
      return PixelFormat::Bgra;
    case GST_VIDEO_FORMAT_RGBA:
      return PixelFormat::Rgba;
    default:
      return std::nullopt;
  }
}

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

FrameView view_frame(const GstVideoFrame& frame) {
  const std::optional<PixelFormat> format = pixel_format(GST_VIDEO_FRAME_FORMAT(&frame));
  if (!format) {
    throw FormatError(std::string("A frame is ") +
                      gst_video_format_to_string(GST_VIDEO_FRAME_FORMAT(&frame)) +
                      ", which its caps did not say; put videoconvert before this element.");
  }
  FrameView view;
  view.format = *format;
  view.width = GST_VIDEO_FRAME_WIDTH(&frame);
  view.height = GST_VIDEO_FRAME_HEIGHT(&frame);
  view.matrix = yuv_matrix(frame.info.colorimetry.matrix);
  view.full_range = frame.info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  for (guint i = 0; i < GST_VIDEO_FRAME_N_PLANES(&frame); ++i) {
    const int stride = GST_VIDEO_FRAME_PLANE_STRIDE(&frame, i);
    if (stride <= 0) {
      throw FormatError("A frame is stored bottom up; put videoconvert before this element.");
    }
    view.planes.at(i) = {static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, i)),
                         static_cast<std::size_t>(stride)};
  }
  return view;
}

}  // namespace

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
  } catch (...) {
    gst_video_frame_unmap(&frame_);
    throw;
  }
}

MappedFrame::~MappedFrame() {
  gst_video_frame_unmap(&frame_);
}

}  // namespace facerec
