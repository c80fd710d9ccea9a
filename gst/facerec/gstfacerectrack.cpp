// SPDX-License-Identifier: LGPL-2.1-or-later

/**
 * SECTION:element-facetrack
 * @title: facetrack
 *
 * Follows faces from frame to frame: each #GstFaceMeta gets the id of its track, when the track was
 * seen first and last, and whether the edge of the frame cuts the face. Ids count up from 0 over
 * the life of the element and are not used twice.
 *
 * In frames that facedetect passed by, with its property inference-interval, the faces that were
 * found in the last frame that it analysed are added where they should be by now, with their
 * landmarks, and marked as predicted, as their #GstFaceFrameMeta is.
 *
 * A track goes on for #GstFacerecTrack:max-lost without its face being found, and ends at once
 * where that leaves the frame, or the video cuts to another scene; a custom event
 * "facerec-tracks-ended" tells downstream. All times are stream times, so frames may come at any
 * rate, or backwards. After a flush, with another stream or caps, or where time jumps all tracks
 * end.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=video.mp4 ! decodebin ! videoconvert ! videoflip
 *   video-direction=auto ! facerecdetect inference-interval=5 ! facetrack ! faceannotate !
 *   videoconvert ! autovideosink
 * ]|
 */

#include "gstfacerectrack.h"

#include <gst/face/face.h>

#include <vector>

#include "convert.h"
#include "frame.h"
#include "track/scene_cut.h"
#include "track/tracker.h"
#include "trackevent.h"

GST_DEBUG_CATEGORY_STATIC(gst_facerec_track_debug);
#define GST_CAT_DEFAULT gst_facerec_track_debug

namespace {

enum Property { PROP_0, PROP_MAX_LOST, PROP_START_THRESHOLD };

constexpr double kNanoseconds = GST_SECOND;

struct State {
  facerec::TrackOptions options;  // under the object lock

  // of the streaming thread
  facerec::SceneCut scene_cut;
  facerec::Tracker tracker;
  std::vector<guint> found;         ///< ids of the faces of the last frame that was analysed
  std::vector<std::int64_t> ended;  ///< tracks of which downstream was not told yet
};

void set_sighting(GstFaceMeta* meta, const facerec::Sighting& sighting, bool times_known) {
  gst_face_meta_set_track_id(meta, sighting.track);
  if (times_known) {
    gst_face_meta_set_track_times(meta, facerec::to_clock_time(sighting.first_seen),
                                  facerec::to_clock_time(sighting.last_seen));
  }
  gst_face_meta_set_cut(meta, static_cast<gboolean>(sighting.cut));
}

}  // namespace

struct _GstFacerecTrack {
  GstFacerecFilter parent;
  State* state;
};

G_DEFINE_TYPE_WITH_CODE(GstFacerecTrack, gst_facerec_track, GST_TYPE_FACEREC_FILTER,
                        GST_DEBUG_CATEGORY_INIT(gst_facerec_track_debug, "facerectrack", 0,
                                                "face tracking"))
GST_ELEMENT_REGISTER_DEFINE(facetrack, "facetrack", GST_RANK_NONE, GST_TYPE_FACEREC_TRACK)

static void load(GstFacerecFilter* /*filter*/) {}

static void unload(GstFacerecFilter* /*filter*/) {}

static void note_ended(State& state) {
  const std::vector<std::int64_t>& ended = state.tracker.ended();
  state.ended.insert(state.ended.end(), ended.begin(), ended.end());
}

static void reset(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_TRACK(filter)->state;
  state.scene_cut.clear();
  state.tracker.clear();
  note_ended(state);
}

static void end_with_scene(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  State& state = *GST_FACEREC_TRACK(filter)->state;
  const facerec::MappedFrame pixels(frame.buffer, *frame.info);
  if (!state.scene_cut.is_cut(pixels.view())) return;
  GST_DEBUG_OBJECT(filter, "another scene begins at %.3f s", frame.seconds);
  state.tracker.clear();
  note_ended(state);
}

static void tell_ended(GstFacerecFilter* filter) {
  State& state = *GST_FACEREC_TRACK(filter)->state;
  if (state.ended.empty()) return;
  gst_pad_push_event(GST_BASE_TRANSFORM_SRC_PAD(filter),
                     facerec::new_tracks_ended_event(state.ended));
  state.ended.clear();
}

static void follow(GstFacerecFilter* filter, const GstFacerecFrame& frame, cv::Size size) {
  State& state = *GST_FACEREC_TRACK(filter)->state;
  facerec::TrackOptions options;
  {
    const facerec::ObjectLock lock(filter);
    options = state.options;
  }
  std::vector<GstFaceMeta*> metas;
  std::vector<facerec::Face> faces;
  state.found.clear();
  gpointer iterator = nullptr;
  while (GstFaceMeta* meta = gst_buffer_iterate_face_metas(frame.buffer, &iterator)) {
    metas.push_back(meta);
    faces.push_back(facerec::face_of(meta));
    state.found.push_back(meta->id);
  }
  const std::vector<facerec::Sighting>& sightings =
      state.tracker.update(faces, size, frame.seconds, options);
  note_ended(state);
  for (std::size_t i = 0; i < metas.size(); ++i) {
    if (sightings[i].track == GST_FACE_TRACK_NONE) {
      GST_LOG_OBJECT(filter, "face %u is too unsure to begin a track", metas[i]->id);
      gst_buffer_remove_face_meta(frame.buffer, metas[i]);
    } else {
      set_sighting(metas[i], sightings[i], GST_CLOCK_TIME_IS_VALID(frame.stream_time));
      GST_LOG_OBJECT(filter, "face %u is of track %" G_GINT64_FORMAT, metas[i]->id,
                     metas[i]->track_id);
    }
  }
}

static void predict(GstFacerecFilter* filter, const GstFacerecFrame& frame, cv::Size size) {
  State& state = *GST_FACEREC_TRACK(filter)->state;
  const std::vector<facerec::PredictedFace> predicted = state.tracker.predict(size, frame.seconds);
  for (const facerec::PredictedFace& prediction : predicted) {
    GstFaceMeta* meta =
        add_face(frame.buffer, state.found.at(prediction.last_index), prediction.face);
    if (meta == nullptr) continue;
    set_sighting(meta, prediction.sighting, GST_CLOCK_TIME_IS_VALID(frame.stream_time));
    gst_face_meta_set_predicted(meta, TRUE);
  }
  gst_face_frame_meta_set_predicted(gst_buffer_get_face_frame_meta(frame.buffer), TRUE);
}

static void process(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  end_with_scene(filter, frame);
  const cv::Size size = facerec::shown_part(frame.buffer, *frame.info).size();
  const GstFaceFrameMeta* said = gst_buffer_get_face_frame_meta(frame.buffer);
  const bool passed_by =
      said != nullptr && said->searched == FALSE && gst_buffer_get_n_face_metas(frame.buffer) == 0;
  if (passed_by) {
    predict(filter, frame, size);
  } else {
    follow(filter, frame, size);
  }
  tell_ended(filter);
}

static void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  facerec::TrackOptions& options = GST_FACEREC_TRACK(object)->state->options;
  switch (id) {
    case PROP_MAX_LOST:
      options.max_lost = static_cast<double>(g_value_get_uint64(value)) / kNanoseconds;
      break;
    case PROP_START_THRESHOLD:
      options.start_threshold = g_value_get_float(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  const facerec::ObjectLock lock(object);
  const facerec::TrackOptions& options = GST_FACEREC_TRACK(object)->state->options;
  switch (id) {
    case PROP_MAX_LOST:
      g_value_set_uint64(value, facerec::to_clock_time(options.max_lost));
      break;
    case PROP_START_THRESHOLD:
      g_value_set_float(value, options.start_threshold);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject* object) {
  delete GST_FACEREC_TRACK(object)->state;
  G_OBJECT_CLASS(gst_facerec_track_parent_class)->finalize(object);
}

static void gst_facerec_track_init(GstFacerecTrack* self) {
  self->state = new State;
}

static void gst_facerec_track_class_init(GstFacerecTrackClass* klass) {
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

  constexpr guint64 kLongest = G_GUINT64_CONSTANT(3600) * GST_SECOND;
  g_object_class_install_property(
      object_class, PROP_MAX_LOST,
      g_param_spec_uint64("max-lost", "Most time lost",
                          "Nanoseconds of stream time for which a track goes on without its face "
                          "being found; who comes back later gets another track",
                          0, kLongest, GST_SECOND, facerec::kPlaying));
  g_object_class_install_property(
      object_class, PROP_START_THRESHOLD,
      g_param_spec_float("start-threshold", "Start threshold",
                         "Least confidence of a face that begins a track, 0..1; with a lower "
                         "threshold of facedetect, less sure faces only continue tracks, and are "
                         "removed where they do not (0 = each face begins one)",
                         0, 1, 0, facerec::kPlaying));

  gst_facerec_filter_class_add_templates(element_class, facerec::video_caps().c_str());
  gst_element_class_set_static_metadata(
      element_class, "Face tracker", "Filter/Analyzer/Video",
      "Gives each GstFaceMeta a track and predicts faces in frames that were not analysed",
      "gst-facerec authors");
}
