// SPDX-License-Identifier: LGPL-2.1-or-later

#include "queue.h"

namespace facerec {
namespace {

/// Until the queue's thread, which rests after a stream's end, does so.
void wait_for_rest(GstPad* entrance, GstPad* exit) {
  constexpr gulong kStep = 1000;  // microseconds
  while (!GST_PAD_IS_FLUSHING(entrance) && gst_pad_get_task_state(exit) == GST_TASK_STARTED)
    g_usleep(kStep);
}

/// Of the queue's first pad, under its stream lock.
struct Entrance {
  GstPad* exit;        ///< of the queue, as which it lives
  bool ended = false;  ///< the stream that came last
};

/// Whether a stream came since the pad was activated.
bool has_begun(GstPad* pad) {
  GstEvent* begin = gst_pad_get_sticky_event(pad, GST_EVENT_STREAM_START, 0);
  if (begin != nullptr) gst_event_unref(begin);
  return begin != nullptr;
}

GstPadProbeReturn take_event(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  Entrance& entrance = *static_cast<Entrance*>(data);
  switch (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info))) {
    case GST_EVENT_EOS:
      entrance.ended = true;
      break;
    case GST_EVENT_STREAM_START:
      if (entrance.ended && has_begun(pad)) wait_for_rest(pad, entrance.exit);
      entrance.ended = false;
      break;
    case GST_EVENT_FLUSH_STOP:
      entrance.ended = false;
      break;
    default:
      break;
  }
  return GST_PAD_PROBE_OK;
}

void delete_entrance(gpointer entrance) {
  delete static_cast<Entrance*>(entrance);
}

}  // namespace

GstElement* make_queue(const char* name, bool leaks) {
  GstElement* queue = gst_element_factory_make("queue", name);
  g_object_set(queue, "max-size-buffers", 1, "max-size-bytes", 0, "max-size-time", guint64{0},
               nullptr);
  if (leaks) gst_util_set_object_arg(G_OBJECT(queue), "leaky", "downstream");
  GstPad* entrance = gst_element_get_static_pad(queue, "sink");
  GstPad* exit = gst_element_get_static_pad(queue, "src");
  gst_pad_add_probe(entrance,
                    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                                 GST_PAD_PROBE_TYPE_EVENT_FLUSH),
                    take_event, new Entrance{exit}, delete_entrance);
  gst_object_unref(entrance);
  gst_object_unref(exit);
  return queue;
}

}  // namespace facerec
