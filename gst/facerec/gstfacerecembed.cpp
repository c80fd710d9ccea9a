// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-faceembed
 * @title: faceembed
 *
 * Represents each #GstFaceMeta of a frame as an embedding: the vector of floats that a recognition
 * model makes of the aligned face. A face that was aligned to another template or size than the
 * model's is aligned anew from its landmarks. Of a face that facealign masked, only what lies
 * inside the hull of its landmarks is seen. The pixels of the frame stay as they are.
 *
 * Behind facetrack the faces of a track are not represented in each frame, but where the track is
 * new, where a clearly better shot comes (by the quality that facealign measures: larger, sharper,
 * more frontal, not cut), and every #GstFacerecEmbed:refresh-interval; while there are few shots,
 * after 1/16, 1/8, 1/4 and 1/2 of it. Between, they carry the track's last embedding and its age.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! facealign ! faceembed ! fakesink
 * ]|
 */

#include "gstfacerecembed.h"

#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "align/align.h"
#include "convert.h"
#include "embed/embedder.h"
#include "embed/find_embedder.h"
#include "frame.h"
#include "match/gallery_model.h"
#include "match/shot_schedule.h"
#include "modelevent.h"
#include "networkproperties.h"
#include "store/gallery_name.h"
#include "track/shot.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_embed_debug);
#define GST_CAT_DEFAULT gst_facerec_embed_debug

namespace {

enum Property {
  PROP_0,
  PROP_MODEL,
  PROP_USED_MODEL,
  PROP_DIMENSION,
  PROP_TEMPLATE,
  PROP_GALLERY,
  PROP_KEY_FILE,
  PROP_REFRESH_INTERVAL,
  PROP_NETWORK,  // and all that follow
};

constexpr const char* kDefaultModel = "auto";

struct Settings {
  std::string model = kDefaultModel;
  facerec::NetworkSettings network;
  std::string template_name;
  std::string gallery;
  std::string key_file;
  GstClockTime refresh_interval = GST_SECOND;
};

struct Unref {
  void operator()(GstFaceEmbedding* embedding) const { gst_face_embedding_unref(embedding); }
};

/// How a track is represented.
struct Representation {
  facerec::ShotSchedule schedule;
  std::unique_ptr<GstFaceEmbedding, Unref> embedding;
  double last_seen = 0;  ///< seconds
};

/// Seconds after which a track that does not come is forgotten.
constexpr double kForgotten = 60;

struct State {
  // under the object lock
  Settings settings;
  std::string used_model;
  guint dimension = 0;

  // of the streaming thread
  std::unique_ptr<facerec::Embedder> embedder;
  std::map<gint64, Representation> tracks;
  bool warned = false;
};

/// The alignment that facealign found, or a new one where it is not the one the model wants. Under
/// template "none" it may have another margin, and takes no more than the box to make.
std::optional<facerec::Alignment> alignment_for(const facerec::Profile& profile,
                                                const GstFaceMeta* meta) {
  std::optional<facerec::Alignment> alignment = facerec::alignment_of(meta);
  if (alignment && alignment->template_name == profile.template_name &&
      alignment->size == profile.input && profile.template_name != "none") {
    return alignment;
  }
  return align(facerec::face_of(meta), profile.template_name, profile.input, profile.margin,
               gst_face_meta_is_masked(meta) != FALSE);
}

facerec::Shot shot_of(const GstFacerecFrame& frame, const GstFaceMeta* meta) {
  return {shot_value(facerec::quality_of(meta), gst_face_meta_is_cut(meta) != FALSE),
          frame.seconds};
}

facerec::Model model_of(const Settings& settings) {
  if (settings.model == kDefaultModel && !settings.gallery.empty()) {
    const facerec::Gallery gallery(facerec::with_key_file(settings.gallery, settings.key_file),
                                   facerec::Gallery::Mode::ReadOnly);
    const std::optional<facerec::Model> model = facerec::model_of(gallery);
    if (model) return with_template(*model, settings.template_name);
  }
  const std::optional<facerec::Profile> custom =
      custom_profile(settings.network, facerec::Role::Embedder);
  return facerec::find_embedder(settings.model, settings.template_name,
                                custom ? &*custom : nullptr);
}

}  // namespace

struct _GstFacerecEmbed {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecEmbed, gst_facerec_embed, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_embed_debug, "facerecembed", 0,
                                                "face embedding"))
GST_ELEMENT_REGISTER_DEFINE(faceembed, "faceembed", GST_RANK_NONE, GST_TYPE_FACEREC_EMBED)

static void load(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_EMBED(filter)->state;
  const Settings settings = [&] {
    const facerec::ObjectLock lock(filter);
    return state.settings;
  }();

  facerec::Model model = model_of(settings);
  model.engine = settings.network.engine;
  state.embedder = std::make_unique<facerec::Embedder>(model);
  const facerec::Profile& profile = state.embedder->profile();
  {
    const facerec::ObjectLock lock(filter);
    state.used_model = profile.name;
    state.dimension = static_cast<guint>(profile.dimension);
  }
  GST_INFO_OBJECT(filter, "embedder %s, %d dimensions", profile.name.c_str(), profile.dimension);
  g_object_notify(G_OBJECT(filter), "used-model");
  g_object_notify(G_OBJECT(filter), "dimension");
}

static void unload(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_EMBED(filter)->state;
  state.embedder.reset();
  state.warned = false;
}

static void reset(GstFacerecFilter* filter) {
  GST_FACEREC_EMBED(filter)->state->tracks.clear();
}

static void event(GstFacerecFilter* filter, GstEvent* event) {
  // Before the first frame, so that a gallery of another model shows at once.
  if (GST_EVENT_TYPE(event) != GST_EVENT_SEGMENT) return;
  gst_pad_push_event(GST_BASE_TRANSFORM_SRC_PAD(filter),
                     facerec::new_model_event(*GST_FACEREC_EMBED(filter)->state->embedder));
}

/// Whether the face carries its track's embedding and need not be represented. Predicted faces
/// never are: where they are is a guess.
static bool is_represented(State& state, const GstFacerecFrame& frame, GstFaceMeta* meta,
                           GstClockTime refresh_interval) {
  if (meta->track_id == GST_FACE_TRACK_NONE || refresh_interval == 0) return false;
  const bool predicted = gst_face_meta_is_predicted(meta) != FALSE;
  const auto track = state.tracks.find(meta->track_id);
  if (track == state.tracks.end()) return predicted;
  Representation& known = track->second;
  known.last_seen = frame.seconds;
  if (!predicted && known.schedule.is_due(shot_of(frame, meta),
                                          static_cast<double>(refresh_interval) / GST_SECOND)) {
    return false;
  }
  gst_face_meta_set_embedding(meta, known.embedding.get());
  gst_face_meta_set_embedding_age(
      meta, facerec::to_clock_time(std::abs(frame.seconds - known.schedule.last().time)));
  return true;
}

static void forget_old_tracks(State& state, const GstFacerecFrame& frame) {
  for (auto track = state.tracks.begin(); track != state.tracks.end();) {
    const bool is_old = std::abs(frame.seconds - track->second.last_seen) > kForgotten;
    track = is_old ? state.tracks.erase(track) : std::next(track);
  }
}

/// Keeps the embedding that the face got for the frames to come.
static void keep(State& state, const GstFacerecFrame& frame, GstFaceMeta* meta,
                 const facerec::Embedding& values) {
  if (meta->track_id == GST_FACE_TRACK_NONE) return;
  GstFaceEmbedding* embedding = gst_face_meta_get_embedding(meta);
  if (embedding == nullptr) return;
  Representation& known = state.tracks[meta->track_id];
  known.schedule.took(shot_of(frame, meta), values);
  known.embedding.reset(gst_face_embedding_ref(embedding));
  known.last_seen = frame.seconds;
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  State& state = *GST_FACEREC_EMBED(filter)->state;
  const facerec::Profile& profile = state.embedder->profile();
  const GstClockTime refresh_interval = [&] {
    const facerec::ObjectLock lock(filter);
    return state.settings.refresh_interval;
  }();

  std::vector<GstFaceMeta*> metas;
  std::vector<facerec::Alignment> alignments;
  bool skipped = false;
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame.buffer, &iterator)) {
    if (is_represented(state, frame, meta, refresh_interval)) {
      facerec::stats_of(filter).add("carried");
      continue;
    }
    if (std::optional<facerec::Alignment> alignment = alignment_for(profile, meta)) {
      metas.push_back(meta);
      alignments.push_back(std::move(*alignment));
    } else {
      skipped = true;
    }
  }
  if (!metas.empty()) {
    const facerec::MappedFrame pixels(frame.buffer, *frame.info);
    const std::vector<facerec::Embedding> embeddings =
        state.embedder->embed(pixels.view(), alignments);
    facerec::stats_of(filter).add("embeddings", metas.size());
    forget_old_tracks(state, frame);
    for (std::size_t i = 0; i < metas.size(); ++i) {
      set_embedding(metas[i], embeddings.at(i));
      keep(state, frame, metas[i], embeddings[i]);
    }
    GST_LOG_OBJECT(filter, "represented %" G_GSIZE_FORMAT " of %u faces", metas.size(),
                   gst_buffer_get_n_face_metas(frame.buffer));
  }
  if (skipped && !state.warned) {
    state.warned = true;
    GST_ELEMENT_WARNING(filter, STREAM, FORMAT,
                        ("Faces without landmarks and alignment are skipped: put facealign before "
                         "faceembed, with a landmark model where the detector gives no landmarks."),
                        ("%s takes faces aligned to the template %s", profile.name.c_str(),
                         profile.template_name.c_str()));
  }
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  Settings& settings = GST_FACEREC_EMBED(object)->state->settings;
  switch (id) {
    case PROP_MODEL:
      settings.model = facerec::string_of(value);
      break;
    case PROP_TEMPLATE:
      settings.template_name = facerec::string_of(value);
      break;
    case PROP_GALLERY:
      settings.gallery = facerec::string_of(value);
      break;
    case PROP_KEY_FILE:
      settings.key_file = facerec::string_of(value);
      break;
    case PROP_REFRESH_INTERVAL:
      settings.refresh_interval = g_value_get_uint64(value);
      break;
    default:
      if (!set_network_property(settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const State& state = *GST_FACEREC_EMBED(object)->state;
  switch (id) {
    case PROP_MODEL:
      g_value_set_string(value, state.settings.model.c_str());
      break;
    case PROP_USED_MODEL:
      g_value_set_string(value, state.used_model.c_str());
      break;
    case PROP_DIMENSION:
      g_value_set_uint(value, state.dimension);
      break;
    case PROP_TEMPLATE:
      g_value_set_string(value, state.settings.template_name.c_str());
      break;
    case PROP_GALLERY:
      g_value_set_string(value, state.settings.gallery.c_str());
      break;
    case PROP_KEY_FILE:
      g_value_set_string(value, state.settings.key_file.c_str());
      break;
    case PROP_REFRESH_INTERVAL:
      g_value_set_uint64(value, state.settings.refresh_interval);
      break;
    default:
      if (!get_network_property(state.settings.network, PROP_NETWORK, id, value)) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      }
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_EMBED(object)->state;
  G_OBJECT_CLASS(gst_facerec_embed_parent_class)->finalize(object);
}

static void gst_facerec_embed_init(GstFacerecEmbed* self) {
  self->state = new State;
}

static void gst_facerec_embed_class_init(GstFacerecEmbedClass* klass) {
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

  g_object_class_install_property(
      object_class, PROP_MODEL,
      g_param_spec_string("model", "Model",
                          "Embedder: name of a profile, path of a profile (.json), path of a "
                          "network (set input-size with it), or auto = the one of the gallery, "
                          "else the preferred one that is present",
                          kDefaultModel, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_USED_MODEL,
      g_param_spec_string("used-model", "Used model",
                          "Name of the model that was loaded last, empty before the first start",
                          "", facerec::kReadOnly));
  g_object_class_install_property(
      object_class, PROP_DIMENSION,
      g_param_spec_uint("dimension", "Dimension",
                        "Length of the loaded model's embeddings, 0 before the first start", 0,
                        G_MAXUINT, 0, facerec::kReadOnly));
  g_object_class_install_property(
      object_class, PROP_TEMPLATE,
      g_param_spec_string(
          "template", "Template",
          "How faces are aligned: arcface (five points), openface (outer eyes and nose), dlib or "
          "none (a square around the box); a gallery made with facerec enroll --template needs the "
          "same (unset = the model's own, arcface for a network without a profile)",
          nullptr, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_GALLERY,
      g_param_spec_string("gallery", "Gallery",
                          "Path or URI of enrolled people whose model and template are used with "
                          "model=auto; the bin facerec sets it to its own (unset = the preferred "
                          "model)",
                          nullptr, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_KEY_FILE,
      g_param_spec_string("key-file", "Key file",
                          "File with the key that the gallery was encrypted with; the bin facerec "
                          "sets it to its own (unset = it is not encrypted)",
                          nullptr, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_REFRESH_INTERVAL,
      g_param_spec_uint64("refresh-interval", "Refresh interval",
                          "Nanoseconds of stream time after which a track's face is represented "
                          "anew where no clearly better shot came before; up to five times that "
                          "where it is clearly worse now (0 = in each frame, as faces of no track "
                          "are)",
                          0, G_MAXUINT64, GST_SECOND, facerec::kPlaying));
  facerec::install_network_properties(object_class, PROP_NETWORK, nullptr);

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  gst_element_class_set_static_metadata(element_class, "Face embedder", "Filter/Analyzer/Video",
                                        "Adds an embedding to each aligned GstFaceMeta",
                                        "gst-facerec authors");
}
