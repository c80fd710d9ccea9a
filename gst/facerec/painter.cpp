// SPDX-License-Identifier: LGPL-2.1-or-later

#include "painter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>

namespace facerec {

namespace {

using Draw = std::function<void(cairo_t*)>;

struct Colour {
  double red, green, blue;
};

constexpr Colour kAccepted{0.06, 0.50, 0.20};
constexpr Colour kUnknown{0.75, 0.13, 0.10};
constexpr Colour kUndecided{0.16, 0.36, 0.60};
constexpr Colour kCaption{0.15, 0.15, 0.15};

Colour colour_of(const GstFaceIdentity* identity) {
  if (identity == nullptr) return kUndecided;
  switch (gst_face_identity_get_verdict(identity)) {
    case GST_FACE_VERDICT_RECOGNISED:
      return kAccepted;
    case GST_FACE_VERDICT_UNKNOWN:
      return kUnknown;
    default:
      return kUndecided;
  }
}

/// What to call the face, and the distance; the track's id where it is not decided.
std::string text_of(const GstFaceMeta* face) {
  const GstFaceIdentity* identity = gst_face_meta_get_identity(face);
  const bool tracked = face->track_id != GST_FACE_TRACK_NONE;
  if (identity == nullptr ||
      gst_face_identity_get_verdict(identity) == GST_FACE_VERDICT_UNDECIDED) {
    return tracked ? "#" + std::to_string(face->track_id) : "";
  }
  const char* label = gst_face_identity_get_label(identity);
  std::string text = "unknown";
  if (label != nullptr) {
    text = label;
  } else if (tracked) {
    text += " #" + std::to_string(face->track_id);
  }
  const double distance = gst_face_identity_get_distance(identity);
  if (std::isfinite(distance)) text += cv::format("  %.2f", distance);
  return text;
}

/// The whole pixels that hold the rectangle, inside the frame and in pairs, which is what one pixel
/// of subsampled chroma covers.
cv::Rect pixels_of(const cv::Rect2d& area, cv::Size frame) {
  const auto pair = [](double value) { return static_cast<int>(value / 2) * 2; };
  const auto begin = [&](double value, int limit) {
    return pair(std::clamp<double>(value, 0, limit));
  };
  const auto end = [&](double value, int limit) {
    return std::min(pair(std::ceil(std::clamp<double>(value, 0, limit)) + 1), limit);
  };
  const int left = begin(area.x, frame.width);
  const int top = begin(area.y, frame.height);
  return {left, top, end(area.x + area.width, frame.width) - left,
          end(area.y + area.height, frame.height) - top};
}

/// Collects pictures of parts of the frame.
class Canvas {
 public:
  explicit Canvas(cv::Size frame) : frame_(frame) {}

  /// `draw` uses the frame's coordinates and cannot reach beyond `area`.
  void add(const cv::Rect2d& area, const Draw& draw) {
    const cv::Rect part = pixels_of(area, frame_);
    if (part.width <= 0 || part.height <= 0) return;

    const int stride = cairo_format_stride_for_width(CAIRO_FORMAT_ARGB32, part.width);
    std::vector<int> strides(GST_VIDEO_MAX_PLANES, stride);
    std::vector<gsize> offsets(GST_VIDEO_MAX_PLANES, 0);
    cv::Mat pixels = cv::Mat::zeros(part.height, stride / 4, CV_8UC4);
    cairo_surface_t* surface = cairo_image_surface_create_for_data(pixels.data, CAIRO_FORMAT_ARGB32,
                                                                   part.width, part.height, stride);
    cairo_t* cairo = cairo_create(surface);
    cairo_translate(cairo, -part.x, -part.y);
    draw(cairo);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    cairo_surface_destroy(surface);

    GstBuffer* buffer = gst_buffer_new_memdup(pixels.data, pixels.total() * pixels.elemSize());
    gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE,
                                   GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, part.width,
                                   part.height, 1, offsets.data(), strides.data());
    GstVideoOverlayRectangle* rectangle =
        gst_video_overlay_rectangle_new_raw(buffer, part.x, part.y, part.width, part.height,
                                            GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
    if (composition_) {
      gst_video_overlay_composition_add_rectangle(composition_.get(), rectangle);
    } else {
      composition_.reset(gst_video_overlay_composition_new(rectangle));
    }
    gst_video_overlay_rectangle_unref(rectangle);
    gst_buffer_unref(buffer);
  }

  Painter::Composition take() { return std::move(composition_); }

 private:
  cv::Size frame_;
  Painter::Composition composition_{nullptr, gst_video_overlay_composition_unref};
};

void draw_box(Canvas& canvas, const cv::Rect2d& box, Colour colour, double thickness, bool dashed) {
  const auto even = [](double value) { return std::round(value / 2) * 2; };
  const cv::Rect2d outer(cv::Point2d(even(box.x), even(box.y)),
                         cv::Point2d(even(box.br().x), even(box.br().y)));
  const double width = std::max(2.0, even(thickness));
  const double inner_height = outer.height - 2 * width;
  const Draw fill = [&](cairo_t* cairo) {
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    if (!dashed) return cairo_paint(cairo);
    const std::array<double, 2> dashes{4 * width, 3 * width};
    cairo_set_dash(cairo, dashes.data(), dashes.size(), 0);
    cairo_set_line_width(cairo, width);
    cairo_rectangle(cairo, outer.x + width / 2, outer.y + width / 2, outer.width - width,
                    outer.height - width);
    cairo_stroke(cairo);
  };
  canvas.add({outer.x, outer.y, outer.width, width}, fill);
  canvas.add({outer.x, outer.br().y - width, outer.width, width}, fill);
  canvas.add({outer.x, outer.y + width, width, inner_height}, fill);
  canvas.add({outer.br().x - width, outer.y + width, width, inner_height}, fill);
}

void draw_landmarks(Canvas& canvas, const GstFaceMeta* face, double radius) {
  guint count = 0;
  const GstFacePoint* points = gst_face_meta_get_landmarks(face, &count);
  for (guint i = 0; i < count; ++i) {
    const GstFacePoint point = points[i];
    const cv::Rect2d area(point.x - radius - 1, point.y - radius - 1, 2 * radius + 2,
                          2 * radius + 2);
    canvas.add(area, [&](cairo_t* cairo) {
      cairo_arc(cairo, point.x, point.y, radius, 0, 2 * G_PI);
      cairo_set_source_rgb(cairo, 1, 0.85, 0.1);
      cairo_fill_preserve(cairo);
      cairo_set_source_rgb(cairo, 0, 0, 0);
      cairo_set_line_width(cairo, 1);
      cairo_stroke(cairo);
    });
  }
}

/// White text on a plate of the colour above the box, or where there is room. The plate.
cv::Rect2d draw_label(Canvas& canvas, PangoContext* pango, cv::Size frame, const cv::Rect2d& box,
                      const std::string& text, Colour colour, double font_size) {
  const double padding = font_size / 4;
  PangoFontDescription* font = pango_font_description_from_string("Sans Bold");
  pango_font_description_set_absolute_size(font, font_size * PANGO_SCALE);
  PangoLayout* layout = pango_layout_new(pango);
  pango_layout_set_font_description(layout, font);
  pango_layout_set_single_paragraph_mode(layout, TRUE);
  pango_layout_set_text(layout, text.c_str(), -1);
  int width = 0;
  int height = 0;
  pango_layout_get_pixel_size(layout, &width, &height);
  if (width + 2 * padding > frame.width) {
    width = static_cast<int>(std::max(1.0, frame.width - 2 * padding));
    pango_layout_set_width(layout, width * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  }

  cv::Rect2d plate(box.x, box.y - height - 2 * padding, width + 2 * padding, height + 2 * padding);
  if (plate.y < 0) plate.y = box.br().y;
  plate.x = std::max(0.0, std::min(plate.x, frame.width - plate.width));
  plate.y = std::max(0.0, std::min(plate.y, frame.height - plate.height));
  canvas.add(plate, [&](cairo_t* cairo) {
    cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_move_to(cairo, plate.x + padding, plate.y + padding);
    pango_cairo_show_layout(cairo, layout);
  });
  g_object_unref(layout);
  pango_font_description_free(font);
  return plate;
}

/// One line below the other.
void draw_caption(Canvas& canvas, PangoContext* pango, cv::Size frame, const std::string& text,
                  double font_size) {
  std::istringstream lines(text);
  double y = 0;
  for (std::string line; std::getline(lines, line) && y < frame.height;) {
    const cv::Rect2d above(0, 0, 0, y);
    y = draw_label(canvas, pango, frame, above, line, kCaption, font_size).br().y;
  }
}

}  // namespace

std::shared_ptr<PangoContext> Painter::make_context() {
  PangoFontMap* fonts = pango_cairo_font_map_new();
  PangoContext* context = pango_font_map_create_context(fonts);
  g_object_unref(fonts);
  return {context, g_object_unref};
}

Painter::Composition Painter::paint(GstBuffer* buffer, int width, int height,
                                    const PaintStyle& style) const {
  const double thickness = style.thickness > 0 ? style.thickness : height / 200.0;
  const double font_size = style.font_size > 0 ? style.font_size : std::max(11.0, height / 24.0);
  Canvas canvas({width, height});
  gpointer iterator = nullptr;
  while (const GstFaceMeta* face = gst_buffer_iterate_face_metas(buffer, &iterator)) {
    const Colour colour = colour_of(gst_face_meta_get_identity(face));
    const cv::Rect2d box(face->box.x, face->box.y, face->box.width, face->box.height);
    draw_box(canvas, box, colour, thickness, gst_face_meta_is_predicted(face) != FALSE);
    if (style.landmarks) draw_landmarks(canvas, face, std::max(2.0, thickness));
    const std::string text = text_of(face);
    if (!text.empty()) {
      draw_label(canvas, pango_.get(), {width, height}, box, text, colour, font_size);
    }
  }
  draw_caption(canvas, pango_.get(), {width, height}, style.caption, font_size * 0.6);
  return canvas.take();
}

}  // namespace facerec
