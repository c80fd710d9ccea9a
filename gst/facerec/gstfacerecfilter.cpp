// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gstfacerecfilter.h"

#include <algorithm>
#include <cmath>

#include "errors.h"
#include "foreign.h"

struct GstFacerecFilterPrivate {
  facerec::Stats* stats;

  // under the object lock
  GstClockTime latency;        // that was answered last
  GstClockTime earliest_time;  // running time of the first frame that the sink does not find late

  // of the streaming thread
  GstVideoInfo info;    // of the current caps
  bool knows_detector;  // looked who detects the faces
  bool warned;          // that their faces do not come here
  bool may_jump;        // a segment has begun since the last frame
  GstClockTime last;    // stream time of the last frame that had one
  gdouble seconds;      // of the last frame
};

enum { PROP_0, PROP_STATS };

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

static void forget_lateness(GstFacerecFilter* filter) {
  const facerec::ObjectLock lock(filter);
  private_of(filter)->earliest_time = GST_CLOCK_TIME_NONE;
}

static bool reset(GstFacerecFilter* filter) {
  forget_lateness(filter);
  private_of(filter)->may_jump = false;
  private_of(filter)->last = GST_CLOCK_TIME_NONE;
  const GstFacerecFilterClass* klass = GST_FACEREC_FILTER_GET_CLASS(filter);
  return klass->reset == nullptr ||
         guarded(filter, "forgetting frames", [&] { klass->reset(filter); });
}

static gboolean start(GstBaseTransform* trans) {
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  const GstFacerecFilterClass* klass = GST_FACEREC_FILTER_GET_CLASS(filter);
  private_of(filter)->stats->clear();
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

/// Where frames take clearly another time than was answered last, the pipeline is told to ask
/// again.
static void tell_latency(GstFacerecFilter* filter) {
  constexpr GstClockTimeDiff kNotable = 2 * GST_MSECOND;
  GstFacerecFilterPrivate* self = private_of(filter);
  const GstClockTime longest = self->stats->longest();
  {
    const facerec::ObjectLock lock(filter);
    const GstClockTimeDiff change = ABS(GST_CLOCK_DIFF(self->latency, longest));
    if (change < kNotable || change < static_cast<GstClockTimeDiff>(self->latency / 4)) return;
    self->latency = longest;
  }
  gst_element_post_message(GST_ELEMENT(filter), gst_message_new_latency(GST_OBJECT(filter)));
}

static gboolean query(GstBaseTransform* trans, GstPadDirection direction, GstQuery* query) {
  const GstBaseTransformClass* parent = GST_BASE_TRANSFORM_CLASS(gst_facerec_filter_parent_class);
  if (parent->query(trans, direction, query) == FALSE) return FALSE;
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY || direction != GST_PAD_SRC) return TRUE;
  gboolean live = FALSE;
  GstClockTime least = 0;
  GstClockTime most = 0;
  gst_query_parse_latency(query, &live, &least, &most);
  const GstClockTime own = [&] {
    const facerec::ObjectLock lock(trans);
    return private_of(trans)->latency;
  }();
  if (GST_CLOCK_TIME_IS_VALID(most)) most += own;
  gst_query_set_latency(query, live, least + own, most);
  return TRUE;
}

static gboolean src_event(GstBaseTransform* trans, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_QOS) {
    GstClockTimeDiff late = 0;
    GstClockTime time = 0;
    gst_event_parse_qos(event, nullptr, nullptr, &late, &time);
    const facerec::ObjectLock lock(trans);
    private_of(trans)->earliest_time =
        GST_CLOCK_TIME_IS_VALID(time) && late > 0 ? time + late : GST_CLOCK_TIME_NONE;
  }
  return GST_BASE_TRANSFORM_CLASS(gst_facerec_filter_parent_class)->src_event(trans, event);
}

static GstFlowReturn transform_ip(GstBaseTransform* trans, GstBuffer* buffer) {
  const bool gap = GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP);
  if (gap && gst_buffer_get_size(buffer) == 0) return GST_FLOW_OK;
  GstFacerecFilter* filter = GST_FACEREC_FILTER(trans);
  const gint64 start = g_get_monotonic_time();
  private_of(filter)->stats->add("frames");
  const bool done = guarded(filter, "processing a frame", [&] {
    warn_of_missing_faces(filter, buffer);
    const GstFacerecFrame frame = frame_of(trans, buffer);
    notice_jump(filter, frame);
    GST_FACEREC_FILTER_GET_CLASS(filter)->process(filter, frame);
  });
  const gint64 end = g_get_monotonic_time();
  private_of(filter)->stats->took((end - start) * GST_USECOND, end);
  tell_latency(filter);
  return done ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  if (id == PROP_STATS) {
    g_value_take_boxed(value, private_of(object)->stats->to_structure("facerec-stats", "ms"));
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void finalize(GObject* object) {
  delete private_of(object)->stats;
  G_OBJECT_CLASS(gst_facerec_filter_parent_class)->finalize(object);
}

static void gst_facerec_filter_class_init(GstFacerecFilterClass* klass) {
  GstBaseTransformClass* transform_class = GST_BASE_TRANSFORM_CLASS(klass);
  transform_class->start = start;
  transform_class->stop = stop;
  transform_class->set_caps = set_caps;
  transform_class->sink_event = sink_event;
  transform_class->propose_allocation = propose_allocation;
  transform_class->transform_ip = transform_ip;
  transform_class->query = query;
  transform_class->src_event = src_event;
  GObjectClass* object_class = G_OBJECT_CLASS(klass);
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics",
                         "What the element did since its start: frames and what it counts, and "
                         "median and 99th percentile of milliseconds a frame in the last 10 s",
                         GST_TYPE_STRUCTURE, facerec::kReadOnly));
  klass->reads_faces = TRUE;
  gst_type_mark_as_plugin_api(GST_TYPE_FACEREC_FILTER, static_cast<GstPluginAPIFlags>(0));
}

static void gst_facerec_filter_init(GstFacerecFilter* self) {
  gst_base_transform_set_in_place(GST_BASE_TRANSFORM(self), TRUE);
  gst_base_transform_set_gap_aware(GST_BASE_TRANSFORM(self), TRUE);
  private_of(self)->stats = new facerec::Stats;
  private_of(self)->earliest_time = GST_CLOCK_TIME_NONE;
}

gboolean gst_facerec_filter_is_late(GstFacerecFilter* filter, const GstFacerecFrame* frame) {
  const facerec::ObjectLock lock(filter);
  const GstClockTime earliest = private_of(filter)->earliest_time;
  return static_cast<gboolean>(GST_CLOCK_TIME_IS_VALID(earliest) &&
                               GST_CLOCK_TIME_IS_VALID(frame->running_time) &&
                               frame->running_time < earliest);
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

Stats& stats_of(GstFacerecFilter* filter) {
  return *private_of(filter)->stats;
}

GstClockTime to_clock_time(double seconds) {
  return static_cast<GstClockTime>(std::llround(std::max(seconds, 0.0) * GST_SECOND));
}

std::string string_of(const GValue* value) {
  const gchar* text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

}  // namespace facerec
