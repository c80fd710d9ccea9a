// SPDX-License-Identifier: LGPL-2.1-or-later

// pixels FILE GALLERY: with a tee before facedetect, the pixels after facematch are the very memory
// that went in, and unchanged.
#include <gst/gst.h>

#include <cstdio>
#include <map>
#include <mutex>
#include <string>

namespace {

struct Pixels {
  GstMemory* memory;
  std::string checksum;
};

struct Comparison {
  std::mutex mutex;
  std::map<GstClockTime, Pixels> before;
  int same = 0;
  int copied = 0;
  int changed = 0;
};

Pixels look(GstBuffer* buffer) {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return {nullptr, "not mapped"};
  gchar* sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, map.data, map.size);
  Pixels pixels{gst_buffer_peek_memory(buffer, 0), sum};
  g_free(sum);
  gst_buffer_unmap(buffer, &map);
  return pixels;
}

GstPadProbeReturn note_before(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  auto& comparison = *static_cast<Comparison*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  Pixels pixels = look(buffer);
  const std::lock_guard lock(comparison.mutex);
  comparison.before[GST_BUFFER_PTS(buffer)] = pixels;
  return GST_PAD_PROBE_OK;
}

GstPadProbeReturn compare_after(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
  auto& comparison = *static_cast<Comparison*>(data);
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  const Pixels after = look(buffer);
  const std::lock_guard lock(comparison.mutex);
  const Pixels& before = comparison.before[GST_BUFFER_PTS(buffer)];
  if (after.memory != before.memory)
    ++comparison.copied;
  else if (after.checksum != before.checksum)
    ++comparison.changed;
  else
    ++comparison.same;
  return GST_PAD_PROBE_OK;
}

void probe(GstElement* pipeline, const char* name, GstPadProbeCallback callback, gpointer data) {
  GstElement* element = gst_bin_get_by_name(GST_BIN(pipeline), name);
  GstPad* pad = gst_element_get_static_pad(element, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, nullptr);
  gst_object_unref(pad);
  gst_object_unref(element);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 3) return 2;
  // The other branch holds every frame while the faces are looked for.
  gchar* description = g_strdup_printf(
      "filesrc location=\"%s\" ! decodebin ! tee name=split "
      "split. ! queue max-size-buffers=4 ! fakesink name=other sync=false "
      "split. ! queue max-size-buffers=2 ! facedetect ! facealign ! faceembed"
      " ! facematch gallery=\"%s\" ! fakesink name=last sync=false",
      argv[1], argv[2]);
  GstElement* pipeline = gst_parse_launch(description, nullptr);
  g_free(description);
  if (!pipeline) return 1;
  Comparison comparison;
  probe(pipeline, "split", note_before, &comparison);
  probe(pipeline, "last", compare_after, &comparison);

  GstBus* bus = gst_element_get_bus(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage* message = gst_bus_timed_pop_filtered(
      bus, GST_CLOCK_TIME_NONE, static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  gst_message_unref(message);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(pipeline);

  std::printf("%d frames the same memory and content, %d copied, %d changed\n", comparison.same,
              comparison.copied, comparison.changed);
  return ended && comparison.same > 0 && comparison.copied == 0 && comparison.changed == 0 ? 0 : 1;
}
