// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-facematch
 * @title: facematch
 *
 * Looks up the embedding of each #GstFaceMeta in a gallery, a file that the program facerec makes,
 * and adds a #GstFaceIdentity: the nearest person, the distance, whether it is small enough to be
 * accepted, and the runner-up. The pixels are not looked at: any caps do, also those of encoded
 * video or of memory that only a GPU reads.
 *
 * While the element runs it notices within a second when people are enrolled or removed, or the
 * gallery's file is replaced or written over. Where the gallery cannot be read again, or holds
 * people of another model now, it posts a warning and goes on with the people it knows. A gallery
 * that does not fit the embedder in front is an error at the first frame, before any face.
 *
 * ## Messages
 *
 * The element posts element messages with a structure named "facematch":
 *
 * * "person" (string): name of the accepted person, empty where nobody was accepted
 * * "accepted" (boolean)
 * * "nearest" (string): name of the nearest person, empty where the gallery is empty
 * * "person-id" (gint64): id of the nearest person in the gallery, -1 where it is empty
 * * "distance" (gdouble): to the nearest person, NAN where the gallery is empty
 * * "metric" (string): cosine, euclidean or euclidean-l2
 * * "threshold" (gdouble): the greatest distance that is accepted
 * * "false-accept-rate" (gdouble): estimated share of strangers, compared with one person, that
 *   come as near as "distance"; NAN where neither the gallery was calibrated with facerec calibrate
 *   nor the model's profile has a curve
 * * "false-name-rate" (gdouble): estimated share of strangers, looked up in this gallery, that come
 *   as near as "distance" to anybody; NAN likewise
 * * "face-id" (guint), "track-id" (gint64, -1 = none): of the #GstFaceMeta
 * * "x", "y", "width", "height" (gdouble): the face's box in pixels of the frame
 * * "confidence" (gdouble): of the detector, 0..1
 * * "timestamp" (guint64): of the buffer, in nanoseconds
 * * "stream-time", "running-time" (guint64): of the buffer, in nanoseconds
 * * "candidates" (#GstValueArray of #GstStructure): the nearest #GstFacerecMatch:top-k people,
 *   nearest first, each with "person" (string), "person-id" (gint64) and "distance" (gdouble)
 *
 * With #GstFacerecMatch:post-messages=changes, the default, a face of a track is posted when the
 * track appears or gets another person, and a face without a track when its person appears (all
 * unknown people count as one). Whoever was not seen for more than a second of stream time appears
 * anew, and so does everybody after a flush. With all, each face of each frame is posted, which an
 * application has to take off the bus as fast.
 *
 * ## Example launch line
 * |[
 * facerec enroll --gallery people.db --name Ada ada.jpg
 * gst-launch-1.0 -m filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! facealign ! faceembed ! facematch gallery=people.db !
 *   fakesink
 * ]|
 */

#include "gstfacerecmatch.h"

#include <gst/face/face.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "changes.h"
#include "convert.h"
#include "error.h"
#include "match/decision.h"
#include "match/gallery_watch.h"
#include "modelevent.h"
#include "text.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_match_debug);
#define GST_CAT_DEFAULT gst_facerec_match_debug

namespace {

enum Property {
  PROP_0,
  PROP_GALLERY,
  PROP_METRIC,
  PROP_THRESHOLD,
  PROP_FALSE_NAME_RATE,
  PROP_TOP_K,
  PROP_POST_MESSAGES,
};

enum PostMessages { POST_NONE, POST_CHANGES, POST_ALL };

constexpr int kDefaultTopK = 3;

GType post_messages_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 4> values{
        {{POST_NONE, "None", "none"},
         {POST_CHANGES, "When somebody appears or changes", "changes"},
         {POST_ALL, "For each face of each frame", "all"},
         {0, nullptr, nullptr}}};
    const GType registered = g_enum_register_static("GstFacerecPostMessages", values.data());
    gst_type_mark_as_plugin_api(registered, static_cast<GstPluginAPIFlags>(0));
    return registered;
  }();
  return type;
}

struct FrameSettings {
  facerec::DecisionOptions decision;
  int top_k = kDefaultTopK;
  PostMessages post_messages = POST_CHANGES;
};

struct State {
  // under the object lock
  std::string gallery;
  FrameSettings settings;
  std::vector<facerec::ModelId> models;  ///< that the embeddings may be of; none before it is known

  // of the streaming thread
  std::unique_ptr<facerec::GalleryWatch> watch;
  bool models_checked = true;                       ///< whether the gallery fits the models
  std::shared_ptr<const facerec::Matcher> matcher;  ///< of the decision
  facerec::DecisionOptions decision_options;
  std::optional<facerec::Decision> decision;
  bool cautioned = false;
  facerec::Changes changes;
};

facerec::Decision decision_of(const FrameSettings& settings, const facerec::Matcher& matcher) {
  return {settings.decision, matcher, nullptr};
}

void append_candidate(GValue* array, const facerec::Candidate& candidate) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(
      &value, gst_structure_new("candidate", "person", G_TYPE_STRING, candidate.name.c_str(),
                                "person-id", G_TYPE_INT64, static_cast<gint64>(candidate.person_id),
                                "distance", G_TYPE_DOUBLE, candidate.distance, nullptr));
  gst_value_array_append_and_take_value(array, &value);
}

GstStructure* describe(const GstFaceMeta* meta, const facerec::Verdict& match, int top_k) {
  const facerec::Candidate nobody{GST_FACE_PERSON_NONE, "", NAN};
  const facerec::Candidate& nearest = match.nearest.empty() ? nobody : match.nearest.front();
  GstStructure* structure = gst_structure_new(
      "facematch", "person", G_TYPE_STRING, match.accepted ? nearest.name.c_str() : "", "accepted",
      G_TYPE_BOOLEAN, static_cast<gboolean>(match.accepted), "nearest", G_TYPE_STRING,
      nearest.name.c_str(), "person-id", G_TYPE_INT64, static_cast<gint64>(nearest.person_id),
      "distance", G_TYPE_DOUBLE, nearest.distance, "metric", G_TYPE_STRING,
      facerec::to_string(match.metric).c_str(), "threshold", G_TYPE_DOUBLE, match.threshold,
      "false-accept-rate", G_TYPE_DOUBLE, match.false_accept_rate, "false-name-rate", G_TYPE_DOUBLE,
      match.false_name_rate, "face-id", G_TYPE_UINT, meta->id, "track-id", G_TYPE_INT64,
      meta->track_id, "x", G_TYPE_DOUBLE, static_cast<double>(meta->box.x), "y", G_TYPE_DOUBLE,
      static_cast<double>(meta->box.y), "width", G_TYPE_DOUBLE,
      static_cast<double>(meta->box.width), "height", G_TYPE_DOUBLE,
      static_cast<double>(meta->box.height), "confidence", G_TYPE_DOUBLE,
      static_cast<double>(meta->confidence), nullptr);
  GValue candidates = G_VALUE_INIT;
  g_value_init(&candidates, GST_TYPE_ARRAY);
  const auto count = std::min<std::size_t>(match.nearest.size(), top_k);
  for (std::size_t i = 0; i < count; ++i) append_candidate(&candidates, match.nearest[i]);
  gst_structure_take_value(structure, "candidates", &candidates);
  return structure;
}

}  // namespace

struct _GstFacerecMatch {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecMatch, gst_facerec_match, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_match_debug, "facerecmatch", 0,
                                                "face matching"))
GST_ELEMENT_REGISTER_DEFINE(facematch, "facematch", GST_RANK_NONE, GST_TYPE_FACEREC_MATCH)

/// Throws where the gallery cannot be used for the embeddings that come. Called at the start and
/// from the thread that watches the gallery.
static void check_gallery(GstFacerecMatch* self, const facerec::Matcher& matcher) {
  if (matcher.template_count() == 0) return;
  FrameSettings settings;
  std::vector<facerec::ModelId> models;
  {
    const facerec::ObjectLock lock(self);
    settings = self->state->settings;
    models = self->state->models;
  }
  const bool fits = models.empty() ||
                    std::any_of(models.begin(), models.end(), [&](const facerec::ModelId& model) {
                      return model.fingerprint == matcher.model().fingerprint;
                    });
  if (!fits) facerec::require_same_model(models.front(), matcher.model(), matcher.gallery());
  decision_of(settings, matcher);
}

static void set_models(GstFacerecMatch* self, std::vector<facerec::ModelId> models) {
  const facerec::ObjectLock lock(self);
  self->state->models = std::move(models);
  self->state->models_checked = false;
}

static void event(GstFacerecFilter* filter, GstEvent* event) {
  std::vector<facerec::ModelId> models = facerec::models_of_event(event);
  if (!models.empty()) set_models(GST_FACEREC_MATCH(filter), std::move(models));
}

/// Throws where the embeddings that come cannot be compared with the gallery's. With a frame and
/// not with the event, which is sent again where it is refused.
static void check_models(GstFacerecMatch* self, const facerec::Matcher& matcher) {
  if (self->state->models_checked) return;
  check_gallery(self, matcher);
  self->state->models_checked = true;
}

/// Called from the thread that watches the gallery.
static void report_gallery(GstFacerecMatch* self, const std::string& problem) {
  if (problem.empty()) {
    GST_INFO_OBJECT(self, "the gallery can be read again");
  } else {
    GST_ELEMENT_WARNING(
        self, RESOURCE, READ,
        ("%s; going on with the people known so far.", facerec::presentable(problem).c_str()),
        ("the gallery could not be loaded again"));
  }
}

/// Called when the gallery is loaded and each time that it is loaded again, also from the thread
/// that watches it.
static void report_load(GstFacerecMatch* self, const facerec::Matcher& matcher) {
  GST_INFO_OBJECT(self, "gallery with %d templates of %d people, made by the model \"%s\"%s",
                  matcher.template_count(), matcher.person_count(), matcher.model().name.c_str(),
                  matcher.calibration() ? ", calibrated" : "");
}

static void load(GstFacerecFilter* filter) {
  GstFacerecMatch* self = GST_FACEREC_MATCH(filter);
  State& state = *self->state;
  std::string gallery;
  facerec::Metric metric{};
  {
    const facerec::ObjectLock lock(self);
    gallery = state.gallery;
    metric = state.settings.decision.metric;
  }
  if (gallery.empty()) {
    throw facerec::Error(facerec::ErrorCode::Settings,
                         "the property gallery is not set: name the file that 'facerec enroll "
                         "--gallery FILE --name NAME IMAGE…' makes");
  }
  state.watch = std::make_unique<facerec::GalleryWatch>(
      gallery, metric, [self](const std::string& problem) { report_gallery(self, problem); },
      [self](const facerec::Matcher& matcher) {
        check_gallery(self, matcher);
        report_load(self, matcher);
      });
}

static void unload(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_MATCH(filter)->state;
  state.watch.reset();
  state.decision.reset();
  state.matcher.reset();
  state.cautioned = false;
  const facerec::ObjectLock lock(filter);
  state.models.clear();
}

static void reset(GstFacerecFilter* filter) {
  GST_FACEREC_MATCH(filter)->state->changes.clear();
}

static void post_match(GstFacerecFilter* filter, const GstFacerecFrame& frame,
                       GstStructure* structure) {
  gst_structure_set(structure, "timestamp", G_TYPE_UINT64, GST_BUFFER_PTS(frame.buffer),
                    "stream-time", G_TYPE_UINT64, frame.stream_time, "running-time", G_TYPE_UINT64,
                    frame.running_time, nullptr);
  gst_element_post_message(GST_ELEMENT(filter),
                           gst_message_new_element(GST_OBJECT(filter), structure));
}

/// What is decided of a face; nobody is near where nobody is enrolled. The decision is made anew
/// where the gallery or what is asked has changed.
static facerec::Verdict decide(GstFacerecMatch* self, const FrameSettings& settings,
                               const std::shared_ptr<const facerec::Matcher>& matcher,
                               const facerec::Embedding& embedding) {
  State& state = *self->state;
  if (!state.decision || state.matcher != matcher ||
      !(state.decision_options == settings.decision)) {
    state.decision = decision_of(settings, *matcher);
    state.decision_options = settings.decision;
    state.matcher = matcher;
    const std::string& caution = state.decision->caution();
    if (!caution.empty() && !state.cautioned) {
      state.cautioned = true;
      GST_ELEMENT_WARNING(self, LIBRARY, SETTINGS, ("%s.", caution.c_str()), (nullptr));
    }
  }
  return state.decision->decide(matcher->nearest(embedding, std::max(2, settings.top_k)));
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  GstFacerecMatch* self = GST_FACEREC_MATCH(filter);
  State& state = *self->state;
  FrameSettings settings;
  std::vector<facerec::ModelId> models;
  {
    const facerec::ObjectLock lock(filter);
    settings = state.settings;
    models = state.models;
  }
  const std::shared_ptr<const facerec::Matcher> matcher = state.watch->matcher();
  check_models(self, *matcher);

  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame.buffer, &iterator)) {
    const std::optional<facerec::Embedding> embedding = facerec::embedding_of(meta);
    if (!embedding) continue;

    if (models.size() != 1 || models.front().fingerprint != embedding->fingerprint) {
      models = {{embedding->model, embedding->fingerprint}};
      set_models(self, models);
      check_models(self, *matcher);
    }
    const facerec::Verdict match = decide(self, settings, matcher, *embedding);
    set_identity(meta, match);

    GST_DEBUG_OBJECT(filter, "face %u is %s \"%s\", distance %f, threshold %f", meta->id,
                     match.accepted ? "accepted as" : "unknown, nearest is",
                     match.nearest.empty() ? "" : match.nearest[0].name.c_str(),
                     match.nearest.empty() ? NAN : match.nearest[0].distance, match.threshold);

    const gint64 person = match.accepted ? match.nearest[0].person_id : GST_FACE_PERSON_NONE;
    const bool news = state.changes.is_news(meta->track_id, person, frame.stream_time);
    if (settings.post_messages == POST_ALL || (settings.post_messages == POST_CHANGES && news)) {
      post_match(filter, frame, describe(meta, match, settings.top_k));
    }
  }
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  State& state = *GST_FACEREC_MATCH(object)->state;
  switch (id) {
    case PROP_GALLERY:
      state.gallery = facerec::string_of(value);
      break;
    case PROP_METRIC:
      state.settings.decision.metric =
          facerec::from_meta(static_cast<GstFaceMetric>(g_value_get_enum(value)));
      break;
    case PROP_THRESHOLD:
      state.settings.decision.threshold = g_value_get_double(value);
      break;
    case PROP_FALSE_NAME_RATE:
      state.settings.decision.false_name_rate = g_value_get_double(value);
      break;
    case PROP_TOP_K:
      state.settings.top_k = g_value_get_int(value);
      break;
    case PROP_POST_MESSAGES:
      state.settings.post_messages = static_cast<PostMessages>(g_value_get_enum(value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const State& state = *GST_FACEREC_MATCH(object)->state;
  switch (id) {
    case PROP_GALLERY:
      g_value_set_string(value, state.gallery.c_str());
      break;
    case PROP_METRIC:
      g_value_set_enum(value, facerec::to_meta(state.settings.decision.metric));
      break;
    case PROP_THRESHOLD:
      g_value_set_double(value, state.settings.decision.threshold);
      break;
    case PROP_FALSE_NAME_RATE:
      g_value_set_double(value, state.settings.decision.false_name_rate);
      break;
    case PROP_TOP_K:
      g_value_set_int(value, state.settings.top_k);
      break;
    case PROP_POST_MESSAGES:
      g_value_set_enum(value, state.settings.post_messages);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_MATCH(object)->state;
  G_OBJECT_CLASS(gst_facerec_match_parent_class)->finalize(object);
}

static void gst_facerec_match_init(GstFacerecMatch* self) {
  self->state = new State;
}

static void gst_facerec_match_class_init(GstFacerecMatchClass* klass) {
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
  GST_BASE_TRANSFORM_CLASS(klass)->set_caps = nullptr;  // any: pixels are not looked at

  g_object_class_install_property(
      object_class, PROP_GALLERY,
      g_param_spec_string(
          "gallery", "Gallery",
          "File of enrolled people, made by facerec enroll; changes to it count within a "
          "second (unset = facematch does not start, and the bin facerec only "
          "detects, aligns and represents)",
          nullptr, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_METRIC,
      g_param_spec_enum("metric", "Metric", "How the distance of two embeddings is measured",
                        GST_TYPE_FACE_METRIC, GST_FACE_METRIC_COSINE, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_THRESHOLD,
      g_param_spec_double("threshold", "Threshold",
                          "Greatest distance at which a person is accepted, in the metric's unit: "
                          "cosine and euclidean-l2 0..2, euclidean 0 and up (0 = by "
                          "false-name-rate)",
                          0, G_MAXDOUBLE, 0, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_FALSE_NAME_RATE,
      g_param_spec_double("false-name-rate", "False name rate",
                          "Share of the faces of strangers that may get a name; with the number of "
                          "people enrolled it sets the threshold, by what facerec calibrate learnt "
                          "or else the model's profile says of strangers' distances",
                          facerec::least_false_name_rate, facerec::greatest_false_name_rate,
                          facerec::DecisionOptions{}.false_name_rate, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_TOP_K,
      g_param_spec_int("top-k", "Top k", "How many of the nearest people a message lists", 1,
                       G_MAXINT, kDefaultTopK, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_POST_MESSAGES,
      g_param_spec_enum("post-messages", "Post messages",
                        "For which faces element messages are posted", post_messages_type(),
                        POST_CHANGES, facerec::kPlaying));

  gst_facerec_filter_class_add_templates(element_class, "ANY");
  gst_element_class_set_static_metadata(
      element_class, "Face matcher", "Filter/Analyzer/Video",
      "Names the nearest enrolled person to each GstFaceMeta and posts messages",
      "gst-facerec authors");
}
