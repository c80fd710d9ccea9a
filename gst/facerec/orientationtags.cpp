// SPDX-License-Identifier: LGPL-2.1-or-later

#include "orientationtags.h"

#include <gst/video/video.h>

#include "errors.h"

namespace facerec {

namespace {

constexpr const char* upright = "rotate-0";
/// More elements than a pipeline has in a row.
constexpr int farthest = 200;

/// Whether the element can turn video and is told to. videoflip leaves the tag as it is (GStreamer
/// 1.22), so that the tag alone does not tell.
bool turns(GstElement* element) {
  if (!GST_IS_VIDEO_DIRECTION(element)) return false;
  GstVideoOrientationMethod method = GST_VIDEO_ORIENTATION_IDENTITY;
  g_object_get(element, "video-direction", &method, nullptr);
  return method != GST_VIDEO_ORIENTATION_IDENTITY;
}

bool is_turned_before(GstPad* sink, int distance);

/// `source`: a pad out of which video comes.
bool is_turned_at(GstPad* source, int distance) {
  if (GST_IS_GHOST_PAD(source)) {  // of a bin, which may be one that turns
    GstPad* inner = gst_ghost_pad_get_target(GST_GHOST_PAD(source));
    if (inner == nullptr) return false;
    const bool turned = is_turned_at(inner, distance);
    gst_object_unref(inner);
    return turned;
  }
  if (GST_IS_PROXY_PAD(source)) {  // the inside of a bin's sink pad
    GstProxyPad* outer = gst_proxy_pad_get_internal(GST_PROXY_PAD(source));
    if (outer == nullptr) return false;
    const bool turned = is_turned_before(GST_PAD(outer), distance);
    gst_object_unref(outer);
    return turned;
  }
  GstElement* element = gst_pad_get_parent_element(source);
  if (element == nullptr) return false;
  bool turned = turns(element);
  GstIterator* inputs = gst_pad_iterate_internal_links(source);
  GValue input = G_VALUE_INIT;
  while (!turned && inputs != nullptr && gst_iterator_next(inputs, &input) == GST_ITERATOR_OK) {
    turned = is_turned_before(GST_PAD(g_value_get_object(&input)), distance);
    g_value_reset(&input);
  }
  g_value_unset(&input);
  if (inputs != nullptr) gst_iterator_free(inputs);
  gst_object_unref(element);
  return turned;
}

bool is_turned_before(GstPad* sink, int distance) {
  GstPad* source = distance < farthest ? gst_pad_get_peer(sink) : nullptr;
  if (source == nullptr) return false;
  const bool turned = is_turned_at(source, distance + 1);
  gst_object_unref(source);
  return turned;
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

void OrientationTags::warn_where_unturned(GstBaseTransform* element) {
  const std::string& orientation = of_stream_.empty() ? of_all_ : of_stream_;
  if (orientation == looked_at_) return;
  looked_at_ = orientation;
  if (orientation.empty() || orientation == upright) return;
  if (is_turned_before(GST_BASE_TRANSFORM_SINK_PAD(element), 0)) return;
  const FormatError what("The stream is to be shown turned (image-orientation " + orientation +
                         "), and faces are looked for as its pixels lie: put \"videoflip "
                         "video-direction=auto\" before this element.");
  post_exception(GST_ELEMENT(element), GST_MESSAGE_WARNING, std::make_exception_ptr(what));
}

}  // namespace facerec
