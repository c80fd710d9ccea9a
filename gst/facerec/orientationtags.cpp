// SPDX-License-Identifier: LGPL-2.1-or-later

#include "orientationtags.h"

#include <gst/video/video.h>

#include "errors.h"
#include "upstream.h"

namespace facerec {

namespace {

constexpr const char* upright = "rotate-0";

/// Whether the element can turn video and is told to. videoflip leaves the tag as it is (GStreamer
/// 1.22), so that the tag alone does not tell.
bool turns(GstElement* element) {
  if (!GST_IS_VIDEO_DIRECTION(element)) return false;
  GstVideoOrientationMethod method = GST_VIDEO_ORIENTATION_IDENTITY;
  g_object_get(element, "video-direction", &method, nullptr);
  return method != GST_VIDEO_ORIENTATION_IDENTITY;
}

bool is_turned_before(GstElement* element) {
  return search_upstream(
      element, [](GstElement* before) { return turns(before) ? Search::Found : Search::GoesOn; });
}

}  // namespace

void OrientationTags::take(GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START) of_stream_.clear();
  if (GST_EVENT_TYPE(event) != GST_EVENT_TAG) return;
  GstTagList* tags = nullptr;
  gst_event_parse_tag(event, &tags);
  gchar* orientation = nullptr;
  if (!gst_tag_list_get_string(tags, GST_TAG_IMAGE_ORIENTATION, &orientation)) return;
  (gst_tag_list_get_scope(tags) == GST_TAG_SCOPE_GLOBAL ? of_all_ : of_stream_) = orientation;
  g_free(orientation);
}

void OrientationTags::warn_where_unturned(GstElement* element) {
  const std::string& orientation = of_stream_.empty() ? of_all_ : of_stream_;
  if (orientation == looked_at_) return;
  looked_at_ = orientation;
  if (orientation.empty() || orientation == upright) return;
  if (is_turned_before(element)) return;
  const FormatError what("The stream is to be shown turned (image-orientation " + orientation +
                         "), and faces are looked for as its pixels lie: put \"videoflip "
                         "video-direction=auto\" before this element.");
  post_exception(element, GST_MESSAGE_WARNING, std::make_exception_ptr(what),
                 "looking at the stream's tags");
}

}  // namespace facerec
