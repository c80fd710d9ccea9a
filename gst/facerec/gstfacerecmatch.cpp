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
 * Behind facetrack it decides over a track, by all embeddings that faceembed made of it, each as
 * much as its view is worth (size, sharpness, pose), and every face of the track carries the
 * decision, predicted ones too:
 *
 * * recognised: somebody who is enrolled. The name stays until somebody else is clearly nearer, or
 *   nobody is near any more. Two faces of one frame never get one name: the nearer one does.
 * * unknown: three good views, and nobody is near. The label is "unknown-1", "unknown-2" and so on;
 *   a stranger who comes back later in the stream gets the same again.
 * * undecided, for a reason: no-shot (no embedding yet), of the best view too-small, blurred,
 *   turned-away, dark or cut (by the edge of the frame), few-shots (too few good views),
 *   between-two (it looks like two people), name-taken (another face of the frame is rather the
 *   person), searching (the gallery's server is asked, or does not answer).
 *
 * #GstFacerecMatch:false-name-rate is then the share of strangers' tracks that ever get a name. A
 * face without a track is decided by its one embedding.
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
 * * "event" (string): appeared, recognised, changed or left, see below; seen with
 *   #GstFacerecMatch:post-messages=all
 * * "label" (string): the person's name, "unknown-N", or empty where nothing is decided
 * * "verdict" (string): recognised, unknown or undecided
 * * "reason" (string): why it is undecided, as above
 * * "shots" (guint): of how many views of the track embeddings were compared
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
 * * "track-id" (gint64, -1 = none): of the #GstFaceMeta
 * * "candidates" (#GstValueArray of #GstStructure): the nearest #GstFacerecMatch:top-k people,
 *   nearest first, each with "person" (string), "person-id" (gint64) and "distance" (gdouble)
 *
 * and, but for left:
 *
 * * "face-id" (guint): of the #GstFaceMeta
 * * "x", "y", "width", "height" (gdouble): the face's box in pixels of the frame
 * * "confidence" (gdouble): of the detector, 0..1
 * * "timestamp" (guint64): of the buffer, in nanoseconds
 * * "stream-time", "running-time" (guint64): of the buffer, in nanoseconds
 *
 * and for left:
 *
 * * "from", "to" (guint64): stream times of the track's first and last frame, in nanoseconds
 * * "best-distance" (gdouble): the least that "distance" ever was
 *
 * With #GstFacerecMatch:post-messages=changes, the default, a track's messages are: appeared with
 * its first face, recognised when it gets a name (with the first face, too), changed when its label
 * does otherwise, left when the track has ended, which a flush and the end of the stream do as
 * well. Of faces without a track appeared is posted with their person (all unknown people count as
 * one); whoever was not seen for more than a second of stream time appears anew, and so does
 * everybody after a flush. With all, each face of each frame is posted in place of these, which an
 * application has to take off the bus as fast.
 *
 * ## Example launch line
 * |[
 * facerec enroll --gallery people.db --name Ada ada.jpg
 * gst-launch-1.0 -m filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect ! facetrack ! facealign ! faceembed ! facematch
 *   gallery=people.db ! fakesink
 * ]|
 */

#include "gstfacerecmatch.h"

#include <gst/face/face.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "changes.h"
#include "convert.h"
#include "error.h"
#include "match/awaited_shots.h"
#include "match/gallery_watch.h"
#include "match/near_people.h"
#include "match/server_search.h"
#include "match/track_decision.h"
#include "modelevent.h"
#include "store/gallery_key.h"
#include "store/gallery_name.h"
#include "text.h"
#include "trackevent.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_match_debug);
#define GST_CAT_DEFAULT gst_facerec_match_debug

namespace {

enum Property {
  PROP_0,
  PROP_GALLERY,
  PROP_KEY_FILE,
  PROP_METRIC,
  PROP_THRESHOLD,
  PROP_FALSE_NAME_RATE,
  PROP_INDEX,
  PROP_MIN_RECALL,
  PROP_TOP_K,
  PROP_MIN_SHOTS,
  PROP_MARGIN,
  PROP_MIN_EYE_DISTANCE,
  PROP_MIN_SHARPNESS,
  PROP_MAX_YAW,
  PROP_MIN_BRIGHTNESS,
  PROP_POST_MESSAGES,
};

enum PostMessages { POST_NONE, POST_CHANGES, POST_ALL };

/// Seconds after which a track that does not come is over, should nobody have said so.
constexpr double kForgotten = 60;

GType post_messages_type() {
  static const GType type = [] {
    static const std::array<GEnumValue, 4> values{
        {{POST_NONE, "None", "none"},
         {POST_CHANGES, "When somebody appears, is recognised, changes or leaves", "changes"},
         {POST_ALL, "For each face of each frame", "all"},
         {0, nullptr, nullptr}}};
    const GType registered = g_enum_register_static("GstFacerecPostMessages", values.data());
    gst_type_mark_as_plugin_api(registered, static_cast<GstPluginAPIFlags>(0));
    return registered;
  }();
  return type;
}

struct FrameSettings {
  facerec::TrackDecisionOptions decision;
  PostMessages post_messages = POST_CHANGES;
};

struct State {
  // under the object lock
  std::string gallery;
  std::string key_file;
  facerec::IndexOptions index;
  FrameSettings settings;
  std::vector<facerec::ModelId> models;  ///< that the embeddings may be of; none before it is known

  // of the streaming thread
  std::unique_ptr<facerec::GalleryWatch> watch;  ///< or the search of the gallery's server:
  std::unique_ptr<facerec::ServerSearch> search;
  std::unique_ptr<facerec::AwaitedShots> shots;
  bool models_checked = true;  ///< whether the gallery fits the models
  facerec::TrackDecisions decisions;
  bool cautioned = false;
  bool search_cautioned = false;  ///< and nothing has improved since
  facerec::Changes changes;
};

void append_candidate(GValue* array, const facerec::Candidate& candidate) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  g_value_take_boxed(
      &value, gst_structure_new("candidate", "person", G_TYPE_STRING, candidate.name.c_str(),
                                "person-id", G_TYPE_INT64, static_cast<gint64>(candidate.person_id),
                                "distance", G_TYPE_DOUBLE, candidate.distance, nullptr));
  gst_value_array_append_and_take_value(array, &value);
}

/// What every message says.
GstStructure* describe(const char* event, gint64 track, const facerec::TrackVerdict& verdict,
                       int top_k) {
  const facerec::Candidate nobody{GST_FACE_PERSON_NONE, "", NAN};
  const facerec::Candidate& nearest = verdict.nearest.empty() ? nobody : verdict.nearest.front();
  GstStructure* structure = gst_structure_new(
      "facematch", "event", G_TYPE_STRING, event, "label", G_TYPE_STRING, verdict.label.c_str(),
      "verdict", G_TYPE_STRING, to_string(verdict.state), "reason", G_TYPE_STRING,
      to_string(verdict.reason), "shots", G_TYPE_UINT, static_cast<guint>(verdict.shots), "person",
      G_TYPE_STRING, verdict.accepted ? nearest.name.c_str() : "", "accepted", G_TYPE_BOOLEAN,
      static_cast<gboolean>(verdict.accepted), "nearest", G_TYPE_STRING, nearest.name.c_str(),
      "person-id", G_TYPE_INT64, static_cast<gint64>(nearest.person_id), "distance", G_TYPE_DOUBLE,
      nearest.distance, "metric", G_TYPE_STRING, facerec::to_string(verdict.metric).c_str(),
      "threshold", G_TYPE_DOUBLE, verdict.threshold, "false-accept-rate", G_TYPE_DOUBLE,
      verdict.false_accept_rate, "false-name-rate", G_TYPE_DOUBLE, verdict.false_name_rate,
      "track-id", G_TYPE_INT64, track, nullptr);
  GValue candidates = G_VALUE_INIT;
  g_value_init(&candidates, GST_TYPE_ARRAY);
  const auto count = std::min<std::size_t>(verdict.nearest.size(), top_k);
  for (std::size_t i = 0; i < count; ++i) append_candidate(&candidates, verdict.nearest[i]);
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
  if (matcher.person_count() == 0) return;
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
  facerec::Decision(settings.decision.decision, matcher, nullptr);
}

static void set_models(GstFacerecMatch* self, std::vector<facerec::ModelId> models) {
  const facerec::ObjectLock lock(self);
  self->state->models = std::move(models);
  self->state->models_checked = false;
}

static void post(GstFacerecFilter* filter, GstStructure* structure) {
  gst_element_post_message(GST_ELEMENT(filter),
                           gst_message_new_element(GST_OBJECT(filter), structure));
}

static FrameSettings settings_of(GstFacerecFilter* filter) {
  const facerec::ObjectLock lock(filter);
  return GST_FACEREC_MATCH(filter)->state->settings;
}

static void post_left(GstFacerecFilter* filter,
                      const std::vector<facerec::TrackSummary>& summaries) {
  if (summaries.empty()) return;
  const FrameSettings settings = settings_of(filter);
  for (const facerec::TrackSummary& summary : summaries) {
    State& state = *GST_FACEREC_MATCH(filter)->state;
    state.changes.forget(summary.track);
    if (state.shots) state.shots->forget(summary.track);
    if (settings.post_messages != POST_CHANGES) continue;
    GstStructure* structure =
        describe("left", summary.track, summary.verdict, settings.decision.top_k);
    gst_structure_set(structure, "from", G_TYPE_UINT64, facerec::to_clock_time(summary.from), "to",
                      G_TYPE_UINT64, facerec::to_clock_time(summary.to), "best-distance",
                      G_TYPE_DOUBLE, summary.best_distance, nullptr);
    post(filter, structure);
  }
}

static void event(GstFacerecFilter* filter, GstEvent* event) {
  std::vector<facerec::ModelId> models = facerec::models_of_event(event);
  if (!models.empty()) set_models(GST_FACEREC_MATCH(filter), std::move(models));

  facerec::TrackDecisions& decisions = GST_FACEREC_MATCH(filter)->state->decisions;
  for (const std::int64_t track : facerec::ended_tracks_of_event(event)) {
    if (const auto summary = decisions.end(track)) post_left(filter, {*summary});
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) post_left(filter, decisions.end_all());
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

static void log_gallery(GstFacerecMatch* self, const facerec::Matcher& matcher) {
  GST_INFO_OBJECT(self, "gallery of %d people, made by the model \"%s\"%s", matcher.person_count(),
                  matcher.model().name.c_str(), matcher.calibration() ? ", calibrated" : "");
}

/// Called from the thread that asks the gallery's server.
static void report_server(GstFacerecMatch* self, const std::string& problem) {
  if (problem.empty()) {
    GST_INFO_OBJECT(self, "the gallery's server answers again");
  } else {
    GST_ELEMENT_WARNING(
        self, RESOURCE, READ,
        ("%s; new faces stay undecided until it answers.", facerec::presentable(problem).c_str()),
        ("the gallery's server was asked in vain"));
  }
}

/// Called when the gallery is loaded and each time that it is loaded again, also from the thread
/// that watches it.
static void report_load(GstFacerecMatch* self, const facerec::Matcher& matcher) {
  GST_INFO_OBJECT(self, "gallery with %d templates of %d people, made by the model \"%s\"%s",
                  matcher.template_count(), matcher.person_count(), matcher.model().name.c_str(),
                  matcher.calibration() ? ", calibrated" : "");
  const facerec::SearchFacts& search = matcher.search();
  for (const facerec::Reach& reach : search.reaches) {
    GST_INFO_OBJECT(self, "the index %s finds people up to the distance %f with effort %zu",
                    search.index.c_str(), reach.distance, reach.effort);
  }
}

static void load(GstFacerecFilter* filter) {
  GstFacerecMatch* self = GST_FACEREC_MATCH(filter);
  State& state = *self->state;
  std::string gallery;
  std::string key_file;
  facerec::Metric metric{};
  facerec::IndexOptions index;
  {
    const facerec::ObjectLock lock(self);
    gallery = state.gallery;
    key_file = state.key_file;
    index = state.index;
    metric = state.settings.decision.decision.metric;
  }
  if (gallery.empty()) {
    throw facerec::Error(facerec::ErrorCode::Settings,
                         "the property gallery is not set: name the file that 'facerec enroll "
                         "--gallery FILE --name NAME IMAGE…' makes");
  }
  gallery = facerec::with_key_file(gallery, key_file);
  const std::string caution = facerec::key_file_caution(key_file);
  if (!caution.empty()) {
    GST_ELEMENT_WARNING(self, RESOURCE, SETTINGS, ("%s.", caution.c_str()), (nullptr));
  }
  if (index.kind == facerec::server_index) {
    state.search = std::make_unique<facerec::ServerSearch>(
        gallery, metric, [self](const std::string& problem) { report_server(self, problem); },
        [self](const facerec::Matcher& matcher) {
          check_gallery(self, matcher);
          log_gallery(self, matcher);
        });
    state.shots = std::make_unique<facerec::AwaitedShots>(*state.search);
    return;
  }
  state.watch = std::make_unique<facerec::GalleryWatch>(
      gallery, metric, [self](const std::string& problem) { report_gallery(self, problem); },
      [self](const facerec::Matcher& matcher) {
        check_gallery(self, matcher);
        report_load(self, matcher);
      },
      index);
}

static void unload(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_MATCH(filter)->state;
  state.watch.reset();
  state.shots.reset();
  state.search.reset();
  state.decisions = {};
  state.changes.clear();
  state.cautioned = state.search_cautioned = false;
  const facerec::ObjectLock lock(filter);
  state.models.clear();
}

static void reset(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_MATCH(filter)->state;
  post_left(filter, state.decisions.end_all());
  state.changes.clear();
}

static void post_face(GstFacerecFilter* filter, const GstFacerecFrame& frame,
                      const GstFaceMeta* meta, GstStructure* structure) {
  gst_structure_set(structure, "face-id", G_TYPE_UINT, meta->id, "x", G_TYPE_DOUBLE,
                    static_cast<double>(meta->box.x), "y", G_TYPE_DOUBLE,
                    static_cast<double>(meta->box.y), "width", G_TYPE_DOUBLE,
                    static_cast<double>(meta->box.width), "height", G_TYPE_DOUBLE,
                    static_cast<double>(meta->box.height), "confidence", G_TYPE_DOUBLE,
                    static_cast<double>(meta->confidence), "timestamp", G_TYPE_UINT64,
                    GST_BUFFER_PTS(frame.buffer), "stream-time", G_TYPE_UINT64, frame.stream_time,
                    "running-time", G_TYPE_UINT64, frame.running_time, nullptr);
  post(filter, structure);
}

/// The face's embedding where it is a new one: that of a track comes with each of its faces.
static std::optional<facerec::Embedding> new_shot_of(const GstFaceMeta* meta) {
  const bool is_old =
      meta->track_id != GST_FACE_TRACK_NONE &&
      (gst_face_meta_get_embedding_age(meta) != 0 || gst_face_meta_is_predicted(meta) != FALSE);
  return is_old ? std::nullopt : facerec::embedding_of(meta);
}

/// Checks whether it may be compared with the gallery's.
static void check_model(GstFacerecMatch* self, const facerec::Matcher& matcher,
                        const facerec::Embedding& embedding) {
  const std::vector<facerec::ModelId> models = [&] {
    const facerec::ObjectLock lock(self);
    return self->state->models;
  }();
  if (models.size() == 1 && models.front().fingerprint == embedding.fingerprint) return;
  set_models(self, {{embedding.model, embedding.fingerprint}});
  check_models(self, matcher);
}

static void warn_of_cautions(GstFacerecMatch* self) {
  State& state = *self->state;
  const std::string search = state.decisions.search_caution();
  if (!search.empty() && !state.search_cautioned) {
    GST_ELEMENT_WARNING(self, RESOURCE, SETTINGS, ("%s.", facerec::presentable(search).c_str()),
                        (nullptr));
  }
  state.search_cautioned = !search.empty();
  if (state.cautioned) return;
  const std::string caution = state.decisions.caution();
  if (caution.empty()) return;
  state.cautioned = true;
  GST_ELEMENT_WARNING(self, LIBRARY, SETTINGS, ("%s.", caution.c_str()), (nullptr));
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  GstFacerecMatch* self = GST_FACEREC_MATCH(filter);
  State& state = *self->state;
  const FrameSettings settings = settings_of(filter);
  std::shared_ptr<const facerec::Matcher> matcher =
      state.watch ? state.watch->matcher() : state.search->known()->matcher;
  check_models(self, *matcher);

  std::vector<GstFaceMeta*> metas;
  std::vector<std::optional<facerec::Embedding>> shots;
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame.buffer, &iterator)) {
    std::optional<facerec::Embedding> shot = new_shot_of(meta);
    if (shot) check_model(self, *matcher, *shot);
    if (!shot && meta->track_id == GST_FACE_TRACK_NONE) continue;
    metas.push_back(meta);
    shots.push_back(std::move(shot));
  }
  std::vector<facerec::TrackedFace> faces;
  for (std::size_t i = 0; i < metas.size(); ++i) {
    faces.push_back({metas[i]->track_id, shots[i] ? &*shots[i] : nullptr,
                     facerec::quality_of(metas[i]), gst_face_meta_is_cut(metas[i]) != FALSE});
  }
  if (state.shots) {
    facerec::AwaitedShots::Answered answered = state.shots->exchange(faces);
    faces = std::move(answered.faces);
    matcher = std::move(answered.matcher);
  }
  const std::vector<facerec::TrackVerdict> verdicts =
      state.decisions.decide(faces, matcher, nullptr, settings.decision, frame.seconds);
  warn_of_cautions(self);

  for (std::size_t i = 0; i < metas.size(); ++i) {
    const GstFaceMeta* meta = metas[i];
    const facerec::TrackVerdict& verdict = verdicts[i];
    set_identity(metas[i], verdict);
    GST_DEBUG_OBJECT(
        filter, "face %u is %s \"%s\" %s, nearest is \"%s\", distance %f, threshold %f", meta->id,
        to_string(verdict.state), verdict.label.c_str(), to_string(verdict.reason),
        verdict.nearest.empty() ? "" : verdict.nearest[0].name.c_str(),
        verdict.nearest.empty() ? NAN : verdict.nearest[0].distance, verdict.threshold);
    std::vector<const char*> events =
        state.changes.events_of(meta->track_id, verdict, frame.stream_time);
    if (settings.post_messages == POST_ALL) events = {"seen"};
    if (settings.post_messages == POST_NONE) events.clear();
    for (const char* event : events) {
      post_face(filter, frame, meta,
                describe(event, meta->track_id, verdict, settings.decision.top_k));
    }
  }
  post_left(filter, state.decisions.end_unseen(frame.seconds, kForgotten));
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  State& state = *GST_FACEREC_MATCH(object)->state;
  switch (id) {
    case PROP_GALLERY:
      state.gallery = facerec::string_of(value);
      break;
    case PROP_KEY_FILE:
      state.key_file = facerec::string_of(value);
      break;
    case PROP_METRIC:
      state.settings.decision.decision.metric =
          facerec::from_meta(static_cast<GstFaceMetric>(g_value_get_enum(value)));
      break;
    case PROP_THRESHOLD:
      state.settings.decision.decision.threshold = g_value_get_double(value);
      break;
    case PROP_FALSE_NAME_RATE:
      state.settings.decision.decision.false_name_rate = g_value_get_double(value);
      break;
    case PROP_INDEX:
      state.index.kind = facerec::string_of(value);
      break;
    case PROP_MIN_RECALL:
      state.index.min_recall = g_value_get_double(value);
      break;
    case PROP_TOP_K:
      state.settings.decision.top_k = g_value_get_int(value);
      break;
    case PROP_MIN_SHOTS:
      state.settings.decision.min_shots = g_value_get_int(value);
      break;
    case PROP_MARGIN:
      state.settings.decision.margin = g_value_get_double(value);
      break;
    case PROP_MIN_EYE_DISTANCE:
      state.settings.decision.min_eye_distance = g_value_get_float(value);
      break;
    case PROP_MIN_SHARPNESS:
      state.settings.decision.min_sharpness = g_value_get_float(value);
      break;
    case PROP_MAX_YAW:
      state.settings.decision.max_yaw = g_value_get_float(value);
      break;
    case PROP_MIN_BRIGHTNESS:
      state.settings.decision.min_brightness = g_value_get_float(value);
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
    case PROP_KEY_FILE:
      g_value_set_string(value, state.key_file.c_str());
      break;
    case PROP_METRIC:
      g_value_set_enum(value, facerec::to_meta(state.settings.decision.decision.metric));
      break;
    case PROP_THRESHOLD:
      g_value_set_double(value, state.settings.decision.decision.threshold);
      break;
    case PROP_FALSE_NAME_RATE:
      g_value_set_double(value, state.settings.decision.decision.false_name_rate);
      break;
    case PROP_INDEX:
      g_value_set_string(value, state.index.kind.c_str());
      break;
    case PROP_MIN_RECALL:
      g_value_set_double(value, state.index.min_recall);
      break;
    case PROP_TOP_K:
      g_value_set_int(value, state.settings.decision.top_k);
      break;
    case PROP_MIN_SHOTS:
      g_value_set_int(value, state.settings.decision.min_shots);
      break;
    case PROP_MARGIN:
      g_value_set_double(value, state.settings.decision.margin);
      break;
    case PROP_MIN_EYE_DISTANCE:
      g_value_set_float(value, state.settings.decision.min_eye_distance);
      break;
    case PROP_MIN_SHARPNESS:
      g_value_set_float(value, state.settings.decision.min_sharpness);
      break;
    case PROP_MAX_YAW:
      g_value_set_float(value, state.settings.decision.max_yaw);
      break;
    case PROP_MIN_BRIGHTNESS:
      g_value_set_float(value, state.settings.decision.min_brightness);
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
  const facerec::TrackDecisionOptions defaults;

  g_object_class_install_property(
      object_class, PROP_GALLERY,
      g_param_spec_string("gallery", "Gallery",
                          "Enrolled people, the path of a file or the URI of a server, made by "
                          "facerec enroll; changes to it count within a "
                          "second (unset = facematch does not start, and the bin facerec only "
                          "detects, aligns and represents)",
                          nullptr, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_KEY_FILE,
      g_param_spec_string("key-file", "Key file",
                          "File with the key that the gallery was encrypted with (unset = it is "
                          "not encrypted)",
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
      g_param_spec_double(
          "false-name-rate", "False name rate",
          "Share of strangers' tracks (without facetrack: faces) that may ever get a "
          "name; with the number of people enrolled it sets the threshold, by what facerec "
          "calibrate learnt "
          "or else the model's profile says of strangers' distances",
          facerec::least_false_name_rate, facerec::greatest_false_name_rate,
          defaults.decision.false_name_rate, facerec::kPlaying));
  const facerec::IndexOptions index;
  g_object_class_install_property(
      object_class, PROP_INDEX,
      g_param_spec_string(
          "index", "Index",
          "How the nearest people are found: exact compares with everybody; hnsw (a graph), "
          "faiss-ivfpq (lists of short codes, with the least memory), annoy (trees) and nmslib "
          "(another graph), where they were there at build time, look at few, by an index that is "
          "built in the background, kept beside the gallery and searched exactly until it is "
          "there; auto is the first that there is from 100,000 templates on; server leaves the "
          "people on the gallery's server (PostgreSQL with pgvector, OpenSearch, Elasticsearch) "
          "and asks that in the background: frames do not wait, new faces are undecided "
          "(searching) until it answers; best behind facetrack",
          index.kind.c_str(), facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_MIN_RECALL,
      g_param_spec_double(
          "min-recall", "Least recall",
          "Share of the nearest people that an index has to find, of those on whom a face's "
          "verdict "
          "depends: up to the threshold and the margin beyond it; measured on the gallery's own "
          "templates when it is loaded and each time that it has grown by a tenth. Where the index "
          "does not reach so far everybody is compared, with a warning. Whom messages list beyond "
          "that distance may not be the nearest (not for index=server, which takes what the server "
          "finds)",
          0, 1, index.min_recall, facerec::kReady));
  g_object_class_install_property(
      object_class, PROP_TOP_K,
      g_param_spec_int("top-k", "Top k", "How many of the nearest people a message lists", 1,
                       G_MAXINT, defaults.top_k, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MIN_SHOTS,
      g_param_spec_int("min-shots", "Least shots",
                       "Represented views of a track that it takes to recognise somebody; on "
                       "LFW's faces more than one gains less than a point at equal rates",
                       1, G_MAXINT, defaults.min_shots, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MARGIN,
      g_param_spec_double("margin", "Margin",
                          "By how much nearer than anybody else a track has to be to get a name, "
                          "and to take it from somebody else, in the metric's unit",
                          0, G_MAXDOUBLE, defaults.margin, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MIN_EYE_DISTANCE,
      g_param_spec_float("min-eye-distance", "Least eye distance",
                         "Pixels between the eyes in a good view: three good views in which nobody "
                         "is near make a track unknown, worse ones leave it undecided (0 = any)",
                         0, G_MAXFLOAT, defaults.min_eye_distance, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MIN_SHARPNESS,
      g_param_spec_float("min-sharpness", "Least sharpness",
                         "Sharpness of a good view, as facealign measures it (0 = any)", 0,
                         G_MAXFLOAT, defaults.min_sharpness, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MAX_YAW,
      g_param_spec_float("max-yaw", "Greatest yaw",
                         "Degrees by which the face may be turned to a side in a good view "
                         "(180 = any)",
                         0, 180, defaults.max_yaw, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_MIN_BRIGHTNESS,
      g_param_spec_float("min-brightness", "Least brightness",
                         "Mean brightness of the face in a good view, 0 black .. 1 white (0 = any)",
                         0, 1, defaults.min_brightness, facerec::kPlaying));
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
