// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gstfacerecfilter.h"

#include <algorithm>
#include <cmath>

#include "errors.h"
#include "foreign.h"

struct GstFacerecFilterPrivate {
  // of the streaming thread
  GstVideoInfo info;    // of the current caps
  bool knows_detector;  // looked who detects the faces
  bool warned;          // that their faces do not come here
  bool may_jump;        // a segment has begun since the last frame
  GstClockTime last;    // stream time of the last frame that had one
  gdouble seconds;      // of the last frame
};

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(GstFacerecFilter, gst_facerec_filter, GST_TYPE_BASE_TRANSFORM)

static GstFacerecFilterPrivate* private_of(gpointer object) {
  return static_cast<GstFacerecFilterPrivate*>(
      gst_facerec_filter_get_instance_private(GST_FACEREC_FILTER(object)));
}

/// Runs one of the class's functions; what it throws becomes an error message and FALSE.
template <typename Call>
static bool guarded(GstFacerecFilter* filter, const char* doing, Call call) {
  try {
    call();
    return true;
  } catch (...) {
    facerec::post_exception(GST_ELEMENT(filter), GST_MESSAGE_ERROR, std::current_exception(),
                            doing);
    return false;
  }
}

static bool reset(GstFacerecFilter* filter) {
  private_of(filter)->may_jump = false;
  private_of(filter)->last = GST_CLOCK_TIME_NONE;
  const GstFacerecFilterClass* klass = GST_FACEREC_FILTER_GET_CLASS(filter);
  return klass->reset == nullptr ||
         guarded(filter, "forgetting frames", [&] { klass->reset(filter); });
}

static gboolean start(GstBaseTransform* trans) {
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  const GstFacerecFilterClass* klass = GST_FACEREC_FILTER_GET_CLASS(filter);
  private_of(filter)->knows_detector = false;
  private_of(filter)->warned = false;
  if (guarded(filter, "starting", [&] { klass->load(filter); }) && reset(filter)) return TRUE;
  guarded(filter, "stopping", [&] { klass->unload(filter); });
  return FALSE;
}

static gboolean stop(GstBaseTransform* trans) {
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  guarded(filter, "stopping", [&] { GST_FACEREC_FILTER_GET_CLASS(filter)->unload(filter); });
  return TRUE;
}

static gboolean set_caps(GstBaseTransform* trans, GstCaps* caps, GstCaps* /*out_caps*/) {
  return gst_video_info_from_caps(&private_of(trans)->info, caps);
}

/// Warns once where a detector's faces cannot be seen: another plugin's detector stands upstream,
/// or something between has dropped the metadata and kept the regions of interest.
static void warn_of_missing_faces(GstFacerecFilter* filter, GstBuffer* buffer) {
  GstFacerecFilterPrivate* self = private_of(filter);
  if (self->warned || GST_FACEREC_FILTER_GET_CLASS(filter)->reads_faces == FALSE) return;
  if (!self->knows_detector) {
    self->knows_detector = true;
    const std::string other = facerec::foreign_detector_before(GST_ELEMENT(filter));
    if (!other.empty()) {
      self->warned = true;
      GST_ELEMENT_WARNING(filter, STREAM, WRONG_TYPE,
                          ("The facedetect before this element is another plugin's %s, whose faces "
                           "are no GstFaceMeta: write facerecdetect in its place.",
                           other.c_str()),
                          ("the registry keeps the facedetect that it has scanned last"));
      return;
    }
  }
  if (facerec::has_only_regions(buffer)) {
    self->warned = true;
    GST_ELEMENT_WARNING(
        filter, STREAM, WRONG_TYPE,
        ("Frames come with regions of interest of type \"face\" and without "
         "GstFaceMeta: put facerecdetect between this element and the one that "
         "crops, turns or detects otherwise."),
        ("the first such frame is of %" GST_TIME_FORMAT, GST_TIME_ARGS(GST_BUFFER_PTS(buffer))));
  }
}

/// Whether what comes after the event has nothing to do with what came before.
static bool begins_anew(GstBaseTransform* trans, GstEvent* event) {
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_FLUSH_STOP:
      return true;
    case GST_EVENT_SEGMENT: {
      const GstSegment* segment = nullptr;
      gst_event_parse_segment(event, &segment);
      return (segment->rate < 0) != (trans->segment.rate < 0);
    }
    case GST_EVENT_CAPS: {
      GstCaps* caps = nullptr;
      gst_event_parse_caps(event, &caps);
      GstCaps* before = gst_pad_get_current_caps(GST_BASE_TRANSFORM_SINK_PAD(trans));
      const bool same = before != nullptr && gst_caps_is_equal(before, caps) != FALSE;
      gst_clear_caps(&before);
      return !same;
    }
    default:
      return false;
  }
}

static gboolean sink_event(GstBaseTransform* trans, GstEvent* event) {
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  const GstFacerecFilterClass* klass = GST_FACEREC_FILTER_GET_CLASS(filter);
  if (begins_anew(trans, event)) reset(filter);
  if (GST_EVENT_TYPE(event) == GST_EVENT_SEGMENT) private_of(filter)->may_jump = true;
  if (klass->event != nullptr) {
    guarded(filter, "taking an event", [&] { klass->event(filter, event); });
  }
  return GST_BASE_TRANSFORM_CLASS(gst_facerec_filter_parent_class)->sink_event(trans, event);
}

// Buffers pass on as they are, so upstream may use what downstream takes (padded strides, its
// pools), as if the element was not there. Only a crop is asked to be carried out: the faces found
// in a crop that is merely noted are right for those alone who read the note.
static gboolean propose_allocation(GstBaseTransform* trans, GstQuery* /*decide_query*/,
                                   GstQuery* query) {
  if (!gst_pad_peer_query(GST_BASE_TRANSFORM_SRC_PAD(trans), query)) return FALSE;
  guint index = 0;
  while (gst_query_find_allocation_meta(query, GST_VIDEO_CROP_META_API_TYPE, &index)) {
    gst_query_remove_nth_allocation_meta(query, index);
  }
  return TRUE;
}

static GstClockTime time_of(GstBaseTransform* trans, const GstBuffer* buffer,
                            guint64 (*convert)(const GstSegment*, GstFormat, guint64)) {
  if (trans->segment.format != GST_FORMAT_TIME) return GST_CLOCK_TIME_NONE;
  return convert(&trans->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
}

/// Seconds by which a frame whose timestamp does not tell comes after the one before.
static double interval_of(const GstBuffer* buffer, const GstVideoInfo& info) {
  constexpr double usual = 0.04;
  if (GST_BUFFER_DURATION_IS_VALID(buffer)) {
    return static_cast<double>(GST_BUFFER_DURATION(buffer)) / GST_SECOND;
  }
  return info.fps_n > 0 ? static_cast<double>(info.fps_d) / info.fps_n : usual;
}

static GstFacerecFrame frame_of(GstBaseTransform* trans, GstBuffer* buffer) {
  GstFacerecFilterPrivate* self = private_of(trans);
  GstFacerecFrame frame{buffer,
                        &self->info,
                        time_of(trans, buffer, gst_segment_to_stream_time),
                        time_of(trans, buffer, gst_segment_to_running_time),
                        self->seconds,
                        GST_BUFFER_IS_DISCONT(buffer) != FALSE};
  // Some demuxers give every frame the same time.
  const bool tells = GST_CLOCK_TIME_IS_VALID(frame.stream_time) && frame.stream_time != self->last;
  frame.seconds = tells ? static_cast<double>(frame.stream_time) / GST_SECOND
                        : self->seconds + interval_of(buffer, self->info);
  self->seconds = frame.seconds;
  return frame;
}

/// Forgets earlier frames where this one does not go on from them.
static void notice_jump(GstFacerecFilter* filter, const GstFacerecFrame& frame) {
  GstFacerecFilterPrivate* self = private_of(filter);
  if (frame.discont || self->may_jump) {
    const bool known =
        GST_CLOCK_TIME_IS_VALID(frame.stream_time) && GST_CLOCK_TIME_IS_VALID(self->last);
    if (!known || ABS(GST_CLOCK_DIFF(self->last, frame.stream_time)) > GST_SECOND) reset(filter);
    self->may_jump = false;
  }
  if (GST_CLOCK_TIME_IS_VALID(frame.stream_time)) self->last = frame.stream_time;
}

static GstFlowReturn transform_ip(GstBaseTransform* trans, GstBuffer* buffer) {
  const bool gap = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP);
  if (gap && gst_buffer_get_size(buffer) == 0) return GST_FLOW_OK;
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  const bool done = guarded(filter, "processing a frame", [&] {
    warn_of_missing_faces(filter, buffer);
    const GstFacerecFrame frame = frame_of(trans, buffer);
    notice_jump(filter, frame);
    GST_FACEREC_FILTER_GET_CLASS(filter)->process(filter, frame);
  });
  return done ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void gst_facerec_filter_class_init(GstFacerecFilterClass* klass) {
  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
  transform_class->start = start;
  transform_class->stop = stop;
  transform_class->set_caps = set_caps;
  transform_class->sink_event = sink_event;
  transform_class->propose_allocation = propose_allocation;
  transform_class->transform_ip = transform_ip;
  klass->reads_faces = TRUE;
  gst_type_mark_as_plugin_api(GST_TYPE_FACEREC_FILTER, static_cast<GstPluginAPIFlags>(0));
}

static void gst_facerec_filter_init(GstFacerecFilter* self) {
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  gst_base_transform_set_gap_aware(GST_BASE_TRANSFORM(self), TRUE);
}

void gst_facerec_filter_class_add_templates(GstElementClass* klass, const char* caps) {
  GstCaps* parsed = gst_caps_from_string(caps);
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, parsed));
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, parsed));
  gst_caps_unref(parsed);
}

namespace facerec {

GstClockTime to_clock_time(double seconds) {
  return static_cast<GstClockTime>(std::llround(std::max(seconds, 0.0) * GST_SECOND));
}

std::string string_of(const GValue* value) {
  const gchar* text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

}  // namespace facerec
