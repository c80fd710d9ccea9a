// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-facealign
 * @title: facealign
 *
 * Finds for each #GstFaceMeta of a frame how the face is turned upright: the similarity transform
 * to a template, and the quality of the view (distance of the eyes in pixels, sharpness, roll, yaw
 * and brightness). Faces without landmarks and those turned in the plane get them from a landmark
 * model first. Faces that facetrack predicted are only turned upright, by the landmarks that they
 * have. The pixels stay as they are.
 *
 * The sharpness is the variance of the Laplacian of the aligned face's luma at 112x112 pixels,
 * divided by the luma's variance.
 *
 * With mask=true each face gets 68 landmarks, and faceembed sees black outside their convex hull,
 * which runs along the jaw and over the eyebrows: background, hair and forehead. The pixels stay as
 * they are here too; #GstFaceMeta carries that the aligned face is masked.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! facealign ! faceannotate landmarks=true ! videoconvert !
 *   autovideosink
 * ]|
 */

#include "gstfacerecalign.h"

#include <optional>

#include "align/align.h"
#include "align/landmark_stage.h"
#include "align/quality.h"
#include "align/template.h"
#include "convert.h"
#include "error.h"
#include "frame.h"
#include "networkproperties.h"
#include "sampling.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_align_debug);
#define GST_CAT_DEFAULT gst_facerec_align_debug

namespace {

enum Property {
  PROP_0,
  PROP_LANDMARKS,
  PROP_USED_LANDMARKS,
  PROP_TEMPLATE,
  PROP_SIZE,
  PROP_MARGIN,
  PROP_MASK,
  PROP_NETWORK,  // and all that follow
};

constexpr const char* kDefaultLandmarks = "auto";
constexpr const char* kDefaultMethod = "landmarks68";
constexpr const char* kDefaultTemplate = "arcface";
constexpr int kDefaultSize = 112;

struct Settings {
  std::string landmarks = kDefaultLandmarks;
  facerec::NetworkSettings network{kDefaultMethod};
  std::string template_name = kDefaultTemplate;
  int size = kDefaultSize;
  double margin = 0;
  bool mask = false;
};

struct State {
  // under the object lock
  Settings settings;
  std::string used_landmarks;

  // of the streaming thread
  Settings started;  ///< with which the element started; size and margin follow the settings
  facerec::LandmarkStage landmarks;
  facerec::Sampler sampler;
  bool warned = false;
};

}  // namespace

struct _GstFacerecAlign {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecAlign, gst_facerec_align, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_align_debug, "facerecalign", 0,
                                                "face alignment"))
GST_ELEMENT_REGISTER_DEFINE(facealign, "facealign", GST_RANK_NONE, GST_TYPE_FACEREC_ALIGN)

static void load(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_ALIGN(filter)->state;
  const Settings settings = [&] {
    const facerec::ObjectLock lock(filter);
    return state.settings;
  }();

  facerec::find_template(settings.template_name);
  const std::optional<facerec::Profile> custom =
      custom_profile(settings.network, facerec::Role::Landmarker);
  state.landmarks = facerec::LandmarkStage(settings.landmarks, settings.mask,
                                           custom ? &*custom : nullptr, settings.network.engine);
  state.started = settings;
  const std::string used = state.landmarks.model();
  {
    const facerec::ObjectLock lock(filter);
    state.used_landmarks = used;
  }
  GST_INFO_OBJECT(filter, "landmarks %s", used.empty() ? "only from the detector" : used.c_str());
  g_object_notify(G_OBJECT(filter), "used-landmarks");
}

static void unload(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_ALIGN(filter)->state;
  state.landmarks = {};
  state.warned = false;
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  if (gst_buffer_get_n_face_metas(frame.buffer) == 0) return;
  State& state = *GST_FACEREC_ALIGN(filter)->state;
  Settings& settings = state.started;
  {
    const facerec::ObjectLock lock(filter);
    settings.size = state.settings.size;
    settings.margin = state.settings.margin;
  }

  bool unaligned = false;
  {
    const facerec::MappedFrame pixels(frame.buffer, *frame.info);
    gpointer iterator = nullptr;
    while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame.buffer, &iterator)) {
      facerec::Face face = facerec::face_of(meta);
      const bool predicted = gst_face_meta_is_predicted(meta) != FALSE;
      if (!predicted && state.landmarks.place(pixels.view(), face)) {
        set_landmarks(meta, face.landmarks);
      }
      const std::optional<facerec::Alignment> alignment =
          align(face, settings.template_name, {settings.size, settings.size}, settings.margin,
                settings.mask);
      set_alignment(meta, alignment);
      if (predicted) continue;
      set_quality(meta, measure_quality(pixels.view(), face, state.sampler));
      unaligned = unaligned || !alignment;
    }
  }
  if (unaligned && state.landmarks.model().empty() && settings.landmarks != "none" &&
      !state.warned) {
    state.warned = true;
    GST_ELEMENT_WARNING(
        filter, RESOURCE, NOT_FOUND,
        ("The detector gives no landmarks and no landmark model is present, so faces cannot be "
         "aligned; fetch one (facerec models list shows them) or detect with one that gives "
         "landmarks, such as yunet."),
        ("landmarks=%s names no model that is present", settings.landmarks.c_str()));
  }
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  Settings& settings = GST_FACEREC_ALIGN(object)->state->settings;
  switch (id) {
    case PROP_LANDMARKS:
      settings.landmarks = facerec::string_of(value);
      break;
    case PROP_TEMPLATE:
      settings.template_name = facerec::string_of(value);
      break;
    case PROP_SIZE:
      settings.size = g_value_get_int(value);
      break;
    case PROP_MARGIN:
      settings.margin = g_value_get_double(value);
      break;
    case PROP_MASK:
      settings.mask = g_value_get_boolean(value) != FALSE;
      break;
    default:
      if (!set_network_property(settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const State& state = *GST_FACEREC_ALIGN(object)->state;
  const Settings& settings = state.settings;
  switch (id) {
    case PROP_LANDMARKS:
      g_value_set_string(value, settings.landmarks.c_str());
      break;
    case PROP_USED_LANDMARKS:
      g_value_set_string(value, state.used_landmarks.c_str());
      break;
    case PROP_TEMPLATE:
      g_value_set_string(value, settings.template_name.c_str());
      break;
    case PROP_SIZE:
      g_value_set_int(value, settings.size);
      break;
    case PROP_MARGIN:
      g_value_set_double(value, settings.margin);
      break;
    case PROP_MASK:
      g_value_set_boolean(value, static_cast<gboolean>(settings.mask));
      break;
    default:
      if (!get_network_property(settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_ALIGN(object)->state;
  G_OBJECT_CLASS(gst_facerec_align_parent_class)->finalize(object);
}

static void gst_facerec_align_init(GstFacerecAlign* self) {
  self->state = new State;
}

static void gst_facerec_align_class_init(GstFacerecAlignClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  GstFacerecFilterClass* filter_class = GST_FACEREC_FILTER_CLASS(klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  filter_class->load = load;
  filter_class->unload = unload;
  filter_class->process = process;

  g_object_class_install_property(
      object_class, PROP_LANDMARKS,
      g_param_spec_string("landmarks", "Landmarks",
                          "What finds the landmarks: name of a profile, path of a profile (.json), "
                          "path of a network (set input-size with it), none = the detector's only, "
                          "or auto = the preferred one that is present, for faces that have none "
                          "or are turned in the plane, where the detector's are wrong. A name "
                          "gives every face landmarks anew: pfld costs about as much as a small "
                          "embedder, facerec-landmarks a thirtieth of that",
                          kDefaultLandmarks, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_USED_LANDMARKS,
      g_param_spec_string("used-landmarks", "Used landmarks",
                          "Name of the landmark model that was loaded last, empty for none", "",
                          facerec::kReadOnly));
  g_object_class_install_property(
      object_class, PROP_TEMPLATE,
      g_param_spec_string("template", "Template",
                          "Where the landmarks lie in the aligned face: arcface (five points), "
                          "openface (outer eyes and nose), dlib or none (a square around the box). "
                          "faceembed aligns anew where its model needs another one",
                          kDefaultTemplate, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_SIZE,
      g_param_spec_int("size", "Size", "Side of the aligned face in pixels", 8, 4096, kDefaultSize,
                       facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MARGIN,
      g_param_spec_double("margin", "Margin",
                          "With template none: how far the square reaches beyond the box on every "
                          "side, as a part of the box's longer side, 0..4",
                          0, 4, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MASK,
      g_param_spec_boolean("mask", "Mask",
                           "Whether faceembed sees black where the aligned face lies outside the "
                           "hull of its landmarks, forehead and hair among it. Takes 68 landmarks "
                           "(landmarks=pfld or dlib-68); embeddings with and without a mask cannot "
                           "be compared",
                           FALSE, facerec::kReady));
  facerec::install_network_properties(object_class, PROP_NETWORK, kDefaultMethod);

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  gst_element_class_set_static_metadata(
      element_class, "Face aligner", "Filter/Analyzer/Video",
      "Adds landmarks, the transform to the upright face and its quality to each GstFaceMeta",
      "gst-facerec authors");
}
