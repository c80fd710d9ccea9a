// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-faceannotate
 * @title: faceannotate
 *
 * Draws a box around each #GstFaceMeta of a frame, and the name and the distance of its identity:
 * green where the person was accepted, red for unknown people, blue for faces that were not
 * matched.
 *
 * With mode=draw the pixels are changed. With mode=attach they stay as they are, and the drawing is
 * attached as #GstVideoOverlayCompositionMeta, for a sink or an overlay element that blends it.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! facerecdetect ! faceannotate !
 *   videoconvert ! autovideosink
 * ]|
 */

#include "gstfacerecannotate.h"

#include <array>
#include <memory>

#include "errors.h"
#include "painter.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_annotate_debug);
#define GST_CAT_DEFAULT gst_facerec_annotate_debug

namespace {

enum Property { PROP_0, PROP_MODE, PROP_THICKNESS, PROP_FONT_SIZE, PROP_LANDMARKS };

enum Mode { MODE_DRAW, MODE_ATTACH };

GType mode_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 3> values{
        {{MODE_DRAW, "Change the pixels", "draw"},
         {MODE_ATTACH, "Attach the drawing as an overlay composition", "attach"},
         {0, nullptr, nullptr}}};
    const GType registered = g_enum_register_static("GstFacerecAnnotateMode", values.data());
    gst_type_mark_as_plugin_api(registered, static_cast<GstPluginAPIFlags>(0));
    return registered;
  }();
  return type;
}

struct Settings {
  Mode mode = MODE_DRAW;
  facerec::PaintStyle style;
};

struct State {
  Settings settings;                          // under the object lock
  std::unique_ptr<facerec::Painter> painter;  // of the streaming thread
};

void draw(GstBuffer* buffer, const GstVideoInfo& info, GstVideoOverlayComposition* composition) {
  GstVideoFrame frame;
  const auto flags = static_cast<GstMapFlags>(static_cast<int>(GST_MAP_READWRITE) |
                                              GST_VIDEO_FRAME_MAP_FLAG_NO_REF);
  if (!gst_video_frame_map(&frame, &info, buffer, flags)) {
    throw facerec::FormatError(
        "A frame cannot be written as its caps say; the element before this one is at fault.");
  }
  const bool blended = gst_video_overlay_composition_blend(composition, &frame) != FALSE;
  gst_video_frame_unmap(&frame);
  if (!blended) throw facerec::FormatError("Nothing can be drawn in this video format.");
}

/// Adds the rectangles to those that the buffer already carries: a sink looks at one composition.
void attach(GstBuffer* buffer, GstVideoOverlayComposition* composition) {
  GstVideoOverlayCompositionMeta* present = gst_buffer_get_video_overlay_composition_meta(buffer);
  if (present == nullptr) {
    gst_buffer_add_video_overlay_composition_meta(buffer, composition);
    return;
  }
  GstVideoOverlayComposition* both = gst_video_overlay_composition_copy(present->overlay);
  for (guint i = 0; i < gst_video_overlay_composition_n_rectangles(composition); ++i) {
    gst_video_overlay_composition_add_rectangle(
        both, gst_video_overlay_composition_get_rectangle(composition, i));
  }
  gst_buffer_remove_video_overlay_composition_meta(buffer, present);
  gst_buffer_add_video_overlay_composition_meta(buffer, both);
  gst_video_overlay_composition_unref(both);
}

}  // namespace

struct _GstFacerecAnnotate {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecAnnotate, gst_facerec_annotate, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_annotate_debug, "facerecannotate", 0,
                                                "face drawing"))
GST_ELEMENT_REGISTER_DEFINE(faceannotate, "faceannotate", GST_RANK_NONE, GST_TYPE_FACEREC_ANNOTATE)

static void load(GstFacerecFilter* filter) {
  GST_FACEREC_ANNOTATE(filter)->state->painter = std::make_unique<facerec::Painter>();
}

static void unload(GstFacerecFilter* filter) {
  GST_FACEREC_ANNOTATE(filter)->state->painter.reset();
}

static void process(GstFacerecFilter* filter, GstBuffer* buffer, const GstVideoInfo* info) {
  State& state = *GST_FACEREC_ANNOTATE(filter)->state;
  Settings settings;
  {
    const facerec::ObjectLock lock(filter);
    settings = state.settings;
  }
  const facerec::Painter::Composition composition = state.painter->paint(
      buffer, GST_VIDEO_INFO_WIDTH(info), GST_VIDEO_INFO_HEIGHT(info), settings.style);
  if (!composition) return;
  GST_LOG_OBJECT(filter, "%u faces", gst_buffer_get_n_face_metas(buffer));
  if (settings.mode == MODE_DRAW) {
    draw(buffer, *info, composition.get());
  } else {
    attach(buffer, composition.get());
  }
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  Settings& settings = GST_FACEREC_ANNOTATE(object)->state->settings;
  switch (id) {
    case PROP_MODE:
      settings.mode = static_cast<Mode>(g_value_get_enum(value));
      break;
    case PROP_THICKNESS:
      settings.style.thickness = g_value_get_int(value);
      break;
    case PROP_FONT_SIZE:
      settings.style.font_size = g_value_get_double(value);
      break;
    case PROP_LANDMARKS:
      settings.style.landmarks = g_value_get_boolean(value) != FALSE;
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const Settings& settings = GST_FACEREC_ANNOTATE(object)->state->settings;
  switch (id) {
    case PROP_MODE:
      g_value_set_enum(value, settings.mode);
      break;
    case PROP_THICKNESS:
      g_value_set_int(value, settings.style.thickness);
      break;
    case PROP_FONT_SIZE:
      g_value_set_double(value, settings.style.font_size);
      break;
    case PROP_LANDMARKS:
      g_value_set_boolean(value, static_cast<gboolean>(settings.style.landmarks));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_ANNOTATE(object)->state;
  G_OBJECT_CLASS(gst_facerec_annotate_parent_class)->finalize(object);
}

static void gst_facerec_annotate_init(GstFacerecAnnotate* self) {
  self->state = new State;
}

static void gst_facerec_annotate_class_init(GstFacerecAnnotateClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  GstFacerecFilterClass* filter_class = GST_FACEREC_FILTER_CLASS(klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  filter_class->load = load;
  filter_class->unload = unload;
  filter_class->process = process;

  g_object_class_install_property(object_class, PROP_MODE,
                                  g_param_spec_enum("mode", "Mode", "What is done with the drawing",
                                                    mode_type(), MODE_DRAW, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_THICKNESS,
      g_param_spec_int("thickness", "Thickness",
                       "Of lines, in pixels, an even number (0 = a 200th of the frame's height)", 0,
                       256, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_FONT_SIZE,
      g_param_spec_double("font-size", "Font size",
                          "In pixels (0 = a 24th of the frame's height, at least 11)", 0, 512, 0,
                          facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_LANDMARKS,
      g_param_spec_boolean("landmarks", "Landmarks", "Whether landmarks are drawn as dots", FALSE,
                           facerec::kPlaying));

  gst_facerec_filter_class_add_templates(
      element_class, GST_VIDEO_CAPS_MAKE(GST_VIDEO_OVERLAY_COMPOSITION_BLEND_FORMATS));
  gst_element_class_set_static_metadata(
      element_class, "Face annotator", "Filter/Editor/Video",
      "Draws boxes, names and distances of each GstFaceMeta, or attaches the drawing",
      "gst-facerec authors");
}
