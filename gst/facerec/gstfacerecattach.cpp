// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-faceattach
 * @title: faceattach
 *
 * Lets video pass at once and gives each frame the faces that were found last, where they should be
 * by now. The frames that were analysed come in at the pad "results", as late as the analysis makes
 * them; their pixels go no further. The faces carry their tracks, embeddings and identities and are
 * marked as predicted; the frame's #GstFaceFrameMeta tells the time of the frame in which they were
 * found. Faces that are older than #GstFacerecAttach:max-age are not shown, and none from before a
 * cut to another scene.
 *
 * Where the video ends, its end passes on once the analysis has ended too, so that no message of it
 * is lost.
 *
 * The bin facerec puts it to use with mode=live.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! tee name=camera
 *   camera. ! faceattach name=attach ! faceannotate ! videoconvert ! autovideosink
 *   camera. ! queue leaky=downstream max-size-buffers=1 ! facerecdetect ! facetrack !
 * attach.results
 * ]|
 */

#include "gstfacerecattach.h"

#include <gst/face/face.h>
#include <gst/video/video.h>

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "convert.h"
#include "errors.h"
#include "frame.h"
#include "gstfacerecfilter.h"
#include "track/extrapolation.h"
#include "track/scene_cut.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_attach_debug);
#define GST_CAT_DEFAULT gst_facerec_attach_debug

namespace {

enum Property { PROP_0, PROP_MAX_AGE, PROP_STATS };

/// What a pad's events say of its frames.
struct Input {
  GstSegment segment;
  GstVideoInfo info;  ///< of the frames; of unknown format before the first caps

  void clear() {
    gst_segment_init(&segment, GST_FORMAT_UNDEFINED);
    gst_video_info_init(&info);
  }

  cv::Size size() const { return {info.width, info.height}; }

  /// Whether one time comes before another in the direction of play.
  bool is_before(GstClockTime time, GstClockTime other) const {
    return segment.rate < 0 ? time > other : time < other;
  }

  /// Stream time of a frame in nanoseconds.
  GstClockTime time_of(GstBuffer* buffer) const {
    if (segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
    return gst_segment_to_stream_time(&segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  }

  void take(GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) gst_event_copy_segment(event, &segment);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    if (gst_video_info_from_caps(&info, caps) == FALSE) gst_video_info_init(&info);
  }
};

struct Unref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
  void operator()(GstEvent* event) const { gst_event_unref(event); }
};

double seconds_of(GstClockTime time) {
  return static_cast<double>(time) / GST_SECOND;
}

struct State {
  facerec::Stats stats;
  GstClockTime max_age = 500 * GST_MSECOND;  // under the object lock

  facerec::SceneCut scene_cut;  // of the video's thread

  // under the mutex, which is held for the time of some assignments only
  std::mutex mutex;
  Input video, results;
  std::unique_ptr<GstBuffer, Unref> found;  ///< the faces of the frame that was analysed last
  GstClockTime found_time = GST_CLOCK_TIME_NONE;
  facerec::Extrapolation motion;
  GstClockTime cut = GST_CLOCK_TIME_NONE;  ///< the first frame of the scene that is shown
  std::unique_ptr<GstEvent, Unref> end;    ///< of the video, while the analysis goes on
  bool results_ended = false;
  bool flushing = false;

  void forget_results() {
    found.reset();
    found_time = GST_CLOCK_TIME_NONE;
    motion.clear();
  }

  /// Forgets what was found in another scene, and does not take more of it.
  void begin_scene(GstClockTime time) {
    cut = time;
    // The analysis may have been faster.
    if (video.is_before(found_time, time)) forget_results();
  }

  bool is_of_another_scene(GstClockTime time) const {
    return GST_CLOCK_TIME_IS_VALID(cut) && video.is_before(time, cut);
  }
};

/// A buffer without pixels that carries the faces of `frame`.
std::unique_ptr<GstBuffer, Unref> faces_alone(GstBuffer* frame) {
  std::unique_ptr<GstBuffer, Unref> copy(gst_buffer_new());
  GST_BUFFER_PTS(copy.get()) = GST_BUFFER_PTS(frame);
  GstMetaTransformCopy how{FALSE, 0, static_cast<gsize>(-1)};
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame, &iterator)) {
    meta->meta.info->transform_func(copy.get(), &meta->meta, frame, _gst_meta_transform_copy, &how);
  }
  return copy;
}

/// Whether the frame came with a face that was analysed before.
bool has(GstBuffer* frame, const GstFaceMeta* found) {
  const GstFaceMeta* face = gst_buffer_get_face_meta(frame, found->id);
  return face != nullptr && face->track_id == found->track_id;
}

/// Adds a face where it is by now, with what is known of it.
void add_moved(GstBuffer* frame, const GstFaceMeta* found, const cv::Rect2f& box, cv::Size size) {
  facerec::Face face = facerec::face_of(found);
  move(face, box);
  face.box = facerec::clip(box, size);
  GstFaceMeta* meta = facerec::add_face(frame, found->id, face);
  if (meta == nullptr) return;
  gst_face_meta_set_track_id(meta, found->track_id);
  gst_face_meta_set_track_times(meta, gst_face_meta_get_first_seen(found),
                                gst_face_meta_get_last_seen(found));
  gst_face_meta_set_cut(meta, gst_face_meta_is_cut(found));
  gst_face_meta_set_quality(meta, &found->quality);
  gst_face_meta_set_embedding(meta, gst_face_meta_get_embedding(found));
  gst_face_meta_set_embedding_age(meta, gst_face_meta_get_embedding_age(found));
  gst_face_meta_set_identity(meta, gst_face_meta_get_identity(found));
  gst_face_meta_set_predicted(meta, TRUE);
}

}  // namespace

struct _GstFacerecAttach {
  GstElement parent;
  GstPad* sink;
  GstPad* results;
  GstPad* source;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecAttach, gst_facerec_attach, GST_TYPE_ELEMENT,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_attach_debug, "facerecattach", 0,
                                                "faces onto frames that pass"))
GST_ELEMENT_REGISTER_DEFINE(faceattach, "faceattach", GST_RANK_NONE, GST_TYPE_FACEREC_ATTACH)

/// Looks at some pixels of the frame. What cannot be looked at is the analysis' matter.
static bool is_cut(State& state, GstBuffer* frame) {
  if (gst_buffer_get_size(frame) == 0) return false;  // a gap
  try {
    const facerec::MappedFrame pixels(frame, state.video.info);
    return state.scene_cut.is_cut(pixels.view());
  } catch (const facerec::FormatError&) {
    return false;
  }
}

/// The faces that were found last, onto a frame of now.
static void attach(GstFacerecAttach* self, GstBuffer* frame) {
  State& state = *self->state;
  const bool cut = is_cut(state, frame);
  const GstClockTime max_age = [&] {
    const facerec::ObjectLock lock(self);
    return state.max_age;
  }();
  state.stats.add("frames");
  const std::lock_guard lock(state.mutex);
  const GstClockTime now = state.video.time_of(frame);
  if (cut) {
    GST_DEBUG_OBJECT(self, "another scene begins at %" GST_TIME_FORMAT, GST_TIME_ARGS(now));
    state.begin_scene(now);
  } else if (state.is_of_another_scene(now)) {
    state.cut = GST_CLOCK_TIME_NONE;  // the time has jumped
  }
  GstFaceFrameMeta* said = gst_buffer_add_face_frame_meta(
      frame, FALSE, state.found ? GST_BUFFER_PTS(state.found.get()) : GST_CLOCK_TIME_NONE);
  if (!state.found || !GST_CLOCK_TIME_IS_VALID(now) ||
      ABS(GST_CLOCK_DIFF(state.found_time, now)) > static_cast<GstClockTimeDiff>(max_age)) {
    return;
  }
  state.stats.add("with-results");
  state.stats.took(ABS(GST_CLOCK_DIFF(state.found_time, now)), g_get_monotonic_time());
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(state.found.get(), &iterator)) {
    const auto box = state.motion.box_at(meta->track_id, state.video.size(), seconds_of(now));
    if (box && !has(frame, meta)) add_moved(frame, meta, *box, state.video.size());
  }
  gst_face_frame_meta_set_predicted(said, TRUE);
}

static GstFlowReturn chain(GstPad* /*pad*/, GstObject* parent, GstBuffer* buffer) {
  GstFacerecAttach* self = GST_FACEREC_ATTACH(parent);
  buffer = gst_buffer_make_writable(buffer);
  try {
    attach(self, buffer);
  } catch (...) {
    facerec::post_exception(GST_ELEMENT(self), GST_MESSAGE_ERROR, std::current_exception(),
                            "adding faces to a frame");
    gst_buffer_unref(buffer);
    return GST_FLOW_ERROR;
  }
  return gst_pad_push(self->source, buffer);
}

/// Keeps what was found in an analysed frame.
static void keep(State& state, GstBuffer* frame) {
  const GstFaceFrameMeta* said = gst_buffer_get_face_frame_meta(frame);
  if (said != nullptr && said->searched == FALSE) return;
  auto found = faces_alone(frame);
  std::vector<std::pair<std::int64_t, cv::Rect2f>> boxes;
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame, &iterator))
    boxes.emplace_back(meta->track_id, facerec::face_of(meta).box);
  const std::lock_guard lock(state.mutex);
  const GstClockTime time = state.results.time_of(frame);
  if (state.flushing || !GST_CLOCK_TIME_IS_VALID(time) ||
      state.results.size() != state.video.size() || state.is_of_another_scene(time)) {
    return;
  }
  state.motion.update(boxes, seconds_of(time));
  state.found = std::move(found);
  state.found_time = time;
}

static GstFlowReturn results_chain(GstPad* /*pad*/, GstObject* parent, GstBuffer* buffer) {
  GstFlowReturn flow = GST_FLOW_OK;
  try {
    keep(*GST_FACEREC_ATTACH(parent)->state, buffer);
  } catch (...) {
    facerec::post_exception(GST_ELEMENT(parent), GST_MESSAGE_ERROR, std::current_exception(),
                            "keeping the faces of a frame");
    flow = GST_FLOW_ERROR;
  }
  gst_buffer_unref(buffer);
  return flow;
}

static void set_flushing(State& state, bool flushing) {
  const std::lock_guard lock(state.mutex);
  state.flushing = flushing;
  state.results_ended = false;
  state.end.reset();
  state.forget_results();
}

/// Keeps the video's end until the analysis has come to its own. The thread that brings it has to
/// go on: a tee hands the end to one branch after the other.
static bool hold_end(State& state, GstEvent* event) {
  const std::lock_guard lock(state.mutex);
  if (state.results_ended) return false;
  state.end.reset(event);
  return true;
}

/// Lets an end go on that was kept; the next stream's begin does not overtake it.
static void release_end(GstFacerecAttach* self) {
  std::unique_ptr<GstEvent, Unref> end;
  {
    const std::lock_guard lock(self->state->mutex);
    end = std::move(self->state->end);
  }
  if (end) gst_pad_push_event(self->source, end.release());
}

static gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  GstFacerecAttach* self = GST_FACEREC_ATTACH(parent);
  State& state = *self->state;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START:
      set_flushing(state, true);
      break;
    case GST_EVENT_FLUSH_STOP:
      set_flushing(state, false);
      state.scene_cut.clear();
      break;
    case GST_EVENT_EOS:
      if (gst_pad_is_linked(self->results) != FALSE && hold_end(state, event)) return TRUE;
      break;
    default: {
      const bool anew = GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START;
      if (anew) release_end(self);
      const std::lock_guard lock(state.mutex);
      const cv::Size before = state.video.size();
      state.video.take(event);
      if (anew || state.video.size() != before) {
        state.forget_results();
        state.scene_cut.clear();
      }
      if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) state.cut = GST_CLOCK_TIME_NONE;
      if (anew) state.results_ended = false;
    }
  }
  return gst_pad_event_default(pad, parent, event);
}

static gboolean results_event(GstPad* /*pad*/, GstObject* parent, GstEvent* event) {
  GstFacerecAttach* self = GST_FACEREC_ATTACH(parent);
  State& state = *self->state;
  {
    const std::lock_guard lock(state.mutex);
    state.results.take(event);
    if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) state.results_ended = false;
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) state.results_ended = true;
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) release_end(self);
  gst_event_unref(event);
  return TRUE;
}

/// Events and queries pass between the video's two pads; the analysis adds nothing to them.
static GstIterator* linked_pads(GstPad* pad, GstObject* parent) {
  GstFacerecAttach* self = GST_FACEREC_ATTACH(parent);
  if (pad == self->results) return nullptr;
  GValue other = G_VALUE_INIT;
  g_value_init(&other, GST_TYPE_PAD);
  g_value_set_object(&other, pad == self->sink ? self->source : self->sink);
  GstIterator* iterator = gst_iterator_new_single(GST_TYPE_PAD, &other);
  g_value_unset(&other);
  return iterator;
}

static GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  State& state = *GST_FACEREC_ATTACH(element)->state;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    set_flushing(state, false);
    state.scene_cut.clear();
    state.stats.clear();
    const std::lock_guard lock(state.mutex);
    state.video.clear();
    state.results.clear();
  }
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) set_flushing(state, true);
  return GST_ELEMENT_CLASS(gst_facerec_attach_parent_class)->change_state(element, transition);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  if (id == PROP_MAX_AGE) {
    GST_FACEREC_ATTACH(object)->state->max_age = g_value_get_uint64(value);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const State& state = *GST_FACEREC_ATTACH(object)->state;
  if (id == PROP_MAX_AGE) {
    const facerec::ObjectLock lock(object);
    g_value_set_uint64(value, state.max_age);
  } else if (id == PROP_STATS) {
    g_value_take_boxed(value, state.stats.to_structure("facerec-stats", "age-ms"));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_ATTACH(object)->state;
  G_OBJECT_CLASS(gst_facerec_attach_parent_class)->finalize(object);
}

static GstPad* add_pad(GstFacerecAttach* self, const char* name) {
  GstPad* pad = gst_pad_new_from_template(
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(self), name), name);
  gst_pad_set_iterate_internal_links_function(pad, linked_pads);
  gst_element_add_pad(GST_ELEMENT(self), pad);
  return pad;
}

static void gst_facerec_attach_init(GstFacerecAttach* self) {
  self->state = new State;
  self->state->video.clear();
  self->state->results.clear();
  self->sink = add_pad(self, "sink");
  self->results = add_pad(self, "results");
  self->source = add_pad(self, "src");
  gst_pad_set_chain_function(self->sink, chain);
  gst_pad_set_event_function(self->sink, sink_event);
  gst_pad_set_chain_function(self->results, results_chain);
  gst_pad_set_event_function(self->results, results_event);
  GST_PAD_SET_PROXY_CAPS(self->sink);
  GST_PAD_SET_PROXY_ALLOCATION(self->sink);
  GST_PAD_SET_PROXY_SCHEDULING(self->sink);
}

static void gst_facerec_attach_class_init(GstFacerecAttachClass* klass) {
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  GstElementClass* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;

  constexpr guint64 kLongest = G_GUINT64_CONSTANT(3600) * GST_SECOND;
  g_object_class_install_property(
      object_class, PROP_MAX_AGE,
      g_param_spec_uint64("max-age", "Greatest age",
                          "Nanoseconds of stream time after which faces are no longer shown, from "
                          "the frame in which they were found",
                          0, kLongest, 500 * GST_MSECOND, facerec::kPlaying));

  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed(
          "stats", "Statistics",
          "Frames that passed since the start, those that got results, and median "
          "and 99th percentile of these results' age in milliseconds in the last 10 s",
          GST_TYPE_STRUCTURE, facerec::kReadOnly));

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  GstCaps* caps = gst_caps_from_string(facerec::video_caps().c_str());
  gst_element_class_add_pad_template(
      element_class, gst_pad_template_new("results", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_caps_unref(caps);
  gst_element_class_set_static_metadata(
      element_class, "Face attacher", "Filter/Video",
      "Lets video pass at once and adds the faces that an analysis beside it has found last",
      "gst-facerec authors");
}
