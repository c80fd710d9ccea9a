// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/face/face.h>
#include <gst/video/video.h>
#include <pango/pangocairo.h>

#include <memory>
#include <string>

namespace facerec {

struct PaintStyle {
  int thickness = 0;     ///< of lines, in pixels, made even; 0 = by the frame's height
  double font_size = 0;  ///< in pixels; 0 = by the frame's height
  bool landmarks = false;
  std::string caption;  ///< lines in the upper left corner
};

/// Draws what is known of a frame's faces. Not for two threads at once.
class Painter {
 public:
  using Composition =
      std::unique_ptr<GstVideoOverlayComposition, decltype(&gst_video_overlay_composition_unref)>;

  /// The caption, and boxes, names and distances of the buffer's faces on a frame of that size,
  /// nothing outside of it; null where there is nothing to draw.
  Composition paint(GstBuffer* buffer, int width, int height, const PaintStyle& style) const;

 private:
  std::shared_ptr<PangoContext> pango_ = make_context();

  static std::shared_ptr<PangoContext> make_context();
};

}  // namespace facerec
