// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-faceannotate
 * @title: faceannotate
 *
 * Draws a box around each #GstFaceMeta of a frame, and the label and the distance of its identity:
 * green where the person was recognised, red for unknown people, blue for faces of whom nothing is
 * decided, which are labelled with the id of their track. A predicted face has a dashed box. In the
 * corner stands #GstFacerecAnnotate:caption.
 *
 * With mode=draw the pixels are changed. With mode=attach they stay as they are where downstream
 * takes the caps feature meta:GstVideoOverlayComposition, in any format and memory: the drawing is
 * attached as #GstVideoOverlayCompositionMeta, for a sink or an overlay element that blends it.
 * Where downstream does not take it, an encoder say, the pixels are changed as with mode=draw.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! faceannotate ! videoconvert ! autovideosink
 * ]|
 */

#include "gstfacerecannotate.h"

#include <array>
#include <memory>
#include <string>

#include "errors.h"
#include "frame.h"
#include "painter.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_annotate_debug);
#define GST_CAT_DEFAULT gst_facerec_annotate_debug

namespace {

enum Property { PROP_0, PROP_MODE, PROP_THICKNESS, PROP_FONT_SIZE, PROP_LANDMARKS, PROP_CAPTION };

enum Mode { MODE_DRAW, MODE_ATTACH };

GType mode_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 3> values{
        {{MODE_DRAW, "Change the pixels", "draw"},
         {MODE_ATTACH, "Attach the drawing as an overlay composition where downstream takes it",
          "attach"},
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
  Settings settings;  // under the object lock

  // of the streaming thread
  std::unique_ptr<facerec::Painter> painter;
  bool downstream_takes_overlays = false;
};

constexpr const char* kOverlay = GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION;

/// What can be drawn on.
std::string drawable_caps() {
  return facerec::raw_caps(GST_VIDEO_OVERLAY_COMPOSITION_BLEND_FORMATS);
}

bool has_overlays(const GstCaps* caps, guint index) {
  const GstCapsFeatures* features = gst_caps_get_features(caps, index);
  return features != nullptr && !gst_caps_features_is_any(features) &&
         gst_caps_features_contains(features, kOverlay);
}

void append(GstCaps* caps, const GstStructure* structure, GstCapsFeatures* features) {
  gst_caps_append_structure_full(caps, gst_structure_copy(structure), features);
}

/// The same caps with the feature of overlays; those of ANY features as they are.
GstCaps* with_overlays(const GstCaps* caps) {
  GstCaps* result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    const GstStructure* structure = gst_caps_get_structure(caps, i);
    GstCapsFeatures* features = gst_caps_features_copy(gst_caps_get_features(caps, i));
    const bool add = !gst_caps_features_is_any(features) && !has_overlays(caps, i);
    if (add) gst_caps_features_add(features, kOverlay);
    append(result, structure, features);
    // Without the name of the system's memory it is not the same to GStreamer, and as common.
    if (add && gst_caps_features_contains(features, GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY)) {
      append(result, structure, gst_caps_features_new(kOverlay, nullptr));
    }
  }
  return result;
}

/// Those that have the feature of overlays, as they are and without it; those of ANY features, too.
GstCaps* attachable_for(const GstCaps* caps) {
  GstCaps* result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    const GstStructure* structure = gst_caps_get_structure(caps, i);
    const GstCapsFeatures* features = gst_caps_get_features(caps, i);
    if (gst_caps_features_is_any(features) || has_overlays(caps, i)) {
      append(result, structure, gst_caps_features_copy(features));
    }
    if (has_overlays(caps, i)) {
      GstCapsFeatures* without = gst_caps_features_copy(features);
      gst_caps_features_remove(without, kOverlay);
      append(result, structure, without);
    }
  }
  return result;
}

/// Draws on the part of the frame that is shown.
void draw(GstBuffer* buffer, const GstVideoInfo& info, cv::Point corner,
          GstVideoOverlayComposition* composition) {
  for (guint i = 0; i < gst_video_overlay_composition_n_rectangles(composition); ++i) {
    GstVideoOverlayRectangle* rectangle =
        gst_video_overlay_composition_get_rectangle(composition, i);
    gint x = 0;
    gint y = 0;
    guint width = 0;
    guint height = 0;
    gst_video_overlay_rectangle_get_render_rectangle(rectangle, &x, &y, &width, &height);
    gst_video_overlay_rectangle_set_render_rectangle(rectangle, x + corner.x, y + corner.y, width,
                                                     height);
  }
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

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  GstBuffer* buffer = frame.buffer;
  const GstVideoInfo& info = *frame.info;
  State& state = *GST_FACEREC_ANNOTATE(filter)->state;
  Settings settings;
  {
    const facerec::ObjectLock lock(filter);
    settings = state.settings;
  }
  const cv::Rect shown = facerec::shown_part(buffer, info);
  const facerec::Painter::Composition composition =
      state.painter->paint(buffer, shown.width, shown.height, settings.style);
  if (!composition) return;
  GST_LOG_OBJECT(filter, "%u faces", gst_buffer_get_n_face_metas(buffer));
  if (settings.mode == MODE_ATTACH && state.downstream_takes_overlays) {
    attach(buffer, composition.get());
  } else {
    draw(buffer, info, shown.tl(), composition.get());
  }
}

static Mode mode_of(GstBaseTransform* trans) {
  const facerec::ObjectLock lock(trans);
  return GST_FACEREC_ANNOTATE(trans)->state->settings.mode;
}

/// The other side has the same caps, but that mode=attach adds the feature to what flows downstream
/// where it was not there, if it can. What lacks it downstream can only be drawn on.
static GstCaps* transform_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                               GstCaps* filter) {
  GstCaps* drawable = gst_caps_from_string(drawable_caps().c_str());
  GstCaps* result = gst_caps_intersect_full(caps, drawable, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(drawable);
  if (mode_of(trans) == MODE_ATTACH) {
    GstCaps* attached = direction == GST_PAD_SINK ? with_overlays(caps) : attachable_for(caps);
    result = gst_caps_merge(attached, result);
  }
  if (filter == nullptr) return result;
  GstCaps* filtered = gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(result);
  return filtered;
}

/// Prefers what carries overlays, in whatever order downstream names it.
static GstCaps* fixate_caps(GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps,
                            GstCaps* other_caps) {
  if (direction == GST_PAD_SINK && mode_of(trans) == MODE_ATTACH) {
    for (guint i = 1; i < gst_caps_get_size(other_caps); ++i) {
      if (!has_overlays(other_caps, i)) continue;
      GstCaps* preferred = gst_caps_copy_nth(other_caps, i);
      gst_caps_unref(other_caps);
      other_caps = preferred;
      break;
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_facerec_annotate_parent_class)
      ->fixate_caps(trans, direction, caps, other_caps);
}

static gboolean set_caps(GstBaseTransform* trans, GstCaps* caps, GstCaps* out_caps) {
  GST_FACEREC_ANNOTATE(trans)->state->downstream_takes_overlays = has_overlays(out_caps, 0);
  return GST_BASE_TRANSFORM_CLASS(gst_facerec_annotate_parent_class)
      ->set_caps(trans, caps, out_caps);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  Settings& settings = GST_FACEREC_ANNOTATE(object)->state->settings;
  switch (id) {
    case PROP_MODE:
      settings.mode = static_cast<Mode>(g_value_get_enum(value));
      gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(object));
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
    case PROP_CAPTION:
      settings.style.caption = facerec::string_of(value);
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
    case PROP_CAPTION:
      g_value_set_string(value, settings.style.caption.c_str());
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
  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
  GstFacerecFilterClass* filter_class = GST_FACEREC_FILTER_CLASS(klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  filter_class->load = load;
  filter_class->unload = unload;
  filter_class->process = process;
  transform_class->transform_caps = transform_caps;
  transform_class->fixate_caps = fixate_caps;
  transform_class->set_caps = set_caps;

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

  g_object_class_install_property(
      object_class, PROP_CAPTION,
      g_param_spec_string("caption", "Caption",
                          "Lines drawn in the upper left corner of each frame", "",
                          facerec::kPlaying));

  const std::string caps = drawable_caps() + "; video/x-raw(ANY)";
  gst_facerec_filter_class_add_templates(element_class, caps.c_str());
  gst_element_class_set_static_metadata(
      element_class, "Face annotator", "Filter/Editor/Video",
      "Draws boxes, names and distances of each GstFaceMeta, or attaches the drawing",
      "gst-facerec authors");
}
