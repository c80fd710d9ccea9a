// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-facedetect
 * @title: facedetect
 *
 * Finds faces in video frames. Each becomes a #GstFaceMeta with box, confidence and, where the
 * model gives them, landmarks, and a #GstVideoRegionOfInterestMeta of type "face" with the same
 * id. The pixels stay as they are. Ids count up from 0 over the stream.
 *
 * With #GstFacerecDetect:inference-interval every Nth frame is analysed. The frames between have no
 * faces, unless facetrack behind predicts them; a #GstFaceFrameMeta tells them from frames that
 * show nobody.
 *
 * Faces are looked for as the pixels lie. Where a tag says that the stream is to be shown turned,
 * as telephones write it, and nothing before the element turns it, it warns once: put "videoflip
 * video-direction=auto" before it.
 *
 * The element works in the streaming thread and drops no frame: put a leaky queue before it where a
 * live source is faster, or set its property qos, which drops frames that are late.
 *
 * gstreamer1.0-opencv has another element of the name facedetect. This one is also called
 * facerecdetect, which is never the other one.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! faceannotate ! videoconvert ! autovideosink
 * ]|
 */

#include "gstfacerecdetect.h"

#include <atomic>
#include <cmath>
#include <memory>
#include <optional>

#include "convert.h"
#include "detect/detector.h"
#include "frame.h"
#include "networkproperties.h"
#include "orientationtags.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_detect_debug);
#define GST_CAT_DEFAULT gst_facerec_detect_debug

namespace {

enum Property {
  PROP_0,
  PROP_MODEL,
  PROP_USED_MODEL,
  PROP_THRESHOLD,
  PROP_DETECT_SIZE,
  PROP_TILES,
  PROP_MIN_SIZE,
  PROP_MAX_FACES,
  PROP_INFERENCE_INTERVAL,
  PROP_NETWORK,  // and all that follow
};

constexpr const char* kDefaultModel = "auto";
constexpr const char* kDefaultMethod = "yunet";

struct Settings {
  std::string model = kDefaultModel;
  facerec::NetworkSettings network{kDefaultMethod};
  facerec::DetectOptions options;
  guint inference_interval = 1;
};

struct State {
  // under the object lock
  Settings settings;
  std::string used_model;

  // of the streaming thread
  std::unique_ptr<facerec::Detector> detector;
  guint64 frame_count = 0;
  GstClockTime search_time = GST_CLOCK_TIME_NONE;
  double search_seconds = 0;
  guint next_id = 0;
  facerec::OrientationTags orientation;
};

/// The other plugin that "facedetect" belonged to before ours was registered; empty = none.
std::string other_owner;

void warn_of_other_facedetect() {
  static std::atomic_flag warned = ATOMIC_FLAG_INIT;
  if (other_owner.empty() || warned.test_and_set()) return;
  GST_WARNING("The element \"facedetect\" is that of the plugin %s here; write facerecdetect.",
              other_owner.c_str());
}

/// To be called before "facedetect" is registered, which hides in this process what the registry
/// gave for the name until then.
void remember_name_owner() {
  GstPluginFeature* known =
      gst_registry_find_feature(gst_registry_get(), "facedetect", GST_TYPE_ELEMENT_FACTORY);
  if (known == nullptr) return;
  const gchar* plugin = gst_plugin_feature_get_plugin_name(known);
  if (plugin != nullptr && !g_str_equal(plugin, "facerec")) other_owner = plugin;
  gst_object_unref(known);
}

}  // namespace

struct _GstFacerecDetect {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecDetect, gst_facerec_detect, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_detect_debug, "facerecdetect", 0,
                                                "face detection"))
GST_ELEMENT_REGISTER_DEFINE(facerecdetect, "facerecdetect", GST_RANK_NONE, GST_TYPE_FACEREC_DETECT)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(facedetect, "facedetect", GST_RANK_NONE,
                                      GST_TYPE_FACEREC_DETECT, remember_name_owner())

static void load(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_DETECT(filter)->state;
  warn_of_other_facedetect();
  const Settings settings = [&] {
    const facerec::ObjectLock lock(filter);
    return state.settings;
  }();

  const std::optional<facerec::Profile> custom =
      custom_profile(settings.network, facerec::Role::Detector);
  facerec::Model model =
      find_model(settings.model, facerec::Role::Detector, custom ? &*custom : nullptr);
  model.engine = settings.network.engine;
  state.detector = make_detector(model);
  {
    const facerec::ObjectLock lock(filter);
    state.used_model = model.profile.name;
  }
  GST_INFO_OBJECT(filter, "detector %s", model.profile.name.c_str());
  g_object_notify(G_OBJECT(filter), "used-model");
}

static void unload(GstFacerecFilter* filter) {
  GST_FACEREC_DETECT(filter)->state->detector.reset();
}

static void reset(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_DETECT(filter)->state;
  state.frame_count = 0;
  state.search_time = GST_CLOCK_TIME_NONE;
}

/// Late frames pass without a look; once in a while one is looked at all the same, so that a sink
/// that is late for ever does not make the detector blind.
static bool is_too_late(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  constexpr double kLongestGap = 1;
  const State& state = *GST_FACEREC_DETECT(filter)->state;
  const bool long_ago = !GST_CLOCK_TIME_IS_VALID(state.search_time) ||
                        std::abs(frame.seconds - state.search_seconds) >= kLongestGap;
  return !long_ago && gst_facerec_filter_is_late(filter, &frame) != FALSE;
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  State& state = *GST_FACEREC_DETECT(filter)->state;
  facerec::DetectOptions options;
  guint interval = 1;
  {
    const facerec::ObjectLock lock(filter);
    options = state.settings.options;
    interval = state.settings.inference_interval;
  }
  state.orientation.warn_where_unturned(GST_ELEMENT(filter));
  GstBuffer* buffer = frame.buffer;
  const bool due = state.frame_count++ % interval == 0;
  const bool searched = due && !is_too_late(filter, frame);
  if (searched) {
    const std::vector<facerec::Face> faces = [&] {
      const facerec::MappedFrame pixels(buffer, *frame.info);
      return state.detector->detect(pixels.view(), options);
    }();
    for (const facerec::Face& face : faces) {
      const GstFaceMeta* meta = add_face(buffer, state.next_id, face);
      if (meta != nullptr) state.next_id = facerec::next_face_id(meta->id);
    }
    GST_DEBUG_OBJECT(filter, "%" G_GSIZE_FORMAT " faces at %" GST_TIME_FORMAT, faces.size(),
                     GST_TIME_ARGS(GST_BUFFER_PTS(buffer)));
    state.search_time = GST_BUFFER_PTS(buffer);
    state.search_seconds = frame.seconds;
    facerec::stats_of(filter).add("faces", faces.size());
  }
  facerec::stats_of(filter).add(searched ? "analysed" : due ? "late" : "skipped");
  gst_buffer_add_face_frame_meta(buffer, static_cast<gboolean>(searched), state.search_time);
}

static void event(GstFacerecFilter* filter, GstEvent* event) {
  GST_FACEREC_DETECT(filter)->state->orientation.take(event);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  Settings& settings = GST_FACEREC_DETECT(object)->state->settings;
  switch (id) {
    case PROP_MODEL:
      settings.model = facerec::string_of(value);
      break;
    case PROP_THRESHOLD:
      settings.options.threshold = g_value_get_float(value);
      break;
    case PROP_DETECT_SIZE:
      settings.options.detect_size = g_value_get_int(value);
      break;
    case PROP_TILES:
      settings.options.tiles = g_value_get_int(value);
      break;
    case PROP_MIN_SIZE:
      settings.options.min_size = g_value_get_int(value);
      break;
    case PROP_MAX_FACES:
      settings.options.max_faces = g_value_get_int(value);
      break;
    case PROP_INFERENCE_INTERVAL:
      settings.inference_interval = g_value_get_uint(value);
      break;
    default:
      if (!set_network_property(settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const State& state = *GST_FACEREC_DETECT(object)->state;
  const Settings& settings = state.settings;
  switch (id) {
    case PROP_MODEL:
      g_value_set_string(value, settings.model.c_str());
      break;
    case PROP_USED_MODEL:
      g_value_set_string(value, state.used_model.c_str());
      break;
    case PROP_THRESHOLD:
      g_value_set_float(value, settings.options.threshold);
      break;
    case PROP_DETECT_SIZE:
      g_value_set_int(value, settings.options.detect_size);
      break;
    case PROP_TILES:
      g_value_set_int(value, settings.options.tiles);
      break;
    case PROP_MIN_SIZE:
      g_value_set_int(value, settings.options.min_size);
      break;
    case PROP_MAX_FACES:
      g_value_set_int(value, settings.options.max_faces);
      break;
    case PROP_INFERENCE_INTERVAL:
      g_value_set_uint(value, settings.inference_interval);
      break;
    default:
      if (!get_network_property(settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_DETECT(object)->state;
  G_OBJECT_CLASS(gst_facerec_detect_parent_class)->finalize(object);
}

static void gst_facerec_detect_init(GstFacerecDetect* self) {
  self->state = new State;
}

static void gst_facerec_detect_class_init(GstFacerecDetectClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  GstFacerecFilterClass* filter_class = GST_FACEREC_FILTER_CLASS(klass);

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  filter_class->load = load;
  filter_class->unload = unload;
  filter_class->reset = reset;
  filter_class->process = process;
  filter_class->event = event;
  filter_class->reads_faces = FALSE;

  g_object_class_install_property(
      object_class, PROP_MODEL,
      g_param_spec_string("model", "Model",
                          "Detector: name of a profile, path of a profile (.json), path of a "
                          "network (set input-size with it), or auto = the preferred one that is "
                          "present",
                          kDefaultModel, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_USED_MODEL,
      g_param_spec_string("used-model", "Used model",
                          "Name of the model that was loaded last, empty before the first start",
                          "", facerec::kReadOnly));
  g_object_class_install_property(
      object_class, PROP_THRESHOLD,
      g_param_spec_float("threshold", "Threshold",
                         "Least confidence of a face, 0..1 (0 = the profile's)", 0, 1, 0,
                         facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_DETECT_SIZE,
      g_param_spec_int("detect-size", "Detect size",
                       "Longer side, in pixels, of the picture that the detector sees: greater "
                       "finds smaller faces and takes longer (0 = the method's default)",
                       0, 8192, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_TILES,
      g_param_spec_int("tiles", "Tiles",
                       "Search frames that are larger than detect-size also in up to N x N "
                       "overlapping parts: finds smaller faces and takes up to 1 + N * N times as "
                       "long (1 = whole frames only)",
                       1, 16, 1, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MIN_SIZE,
      g_param_spec_int("min-size", "Least size",
                       "Faces whose shorter side has fewer pixels of the frame are dropped (0 = "
                       "none)",
                       0, G_MAXINT, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MAX_FACES,
      g_param_spec_int("max-faces", "Most faces",
                       "How many faces of a frame are kept, the largest ones (0 = all)", 0,
                       G_MAXINT, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_INFERENCE_INTERVAL,
      g_param_spec_uint("inference-interval", "Inference interval",
                        "Analyse every Nth frame, the first one of a stream or after a seek "
                        "included; the frames between get their faces from facetrack "
                        "(1 = every frame)",
                        1, G_MAXUINT, 1, facerec::kPlaying));
  facerec::install_network_properties(object_class, PROP_NETWORK, kDefaultMethod);

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  gst_element_class_set_static_metadata(
      element_class, "Face detector", "Filter/Analyzer/Video",
      "Finds faces and adds them to the buffer as GstFaceMeta; the pixels stay as they are",
      "gst-facerec authors");
}
