// SPDX-License-Identifier: LGPL-2.1-or-later

// cycles COUNT FILE PIPELINE: decodes a file into a pipeline whose first element is named "first",
// for a while COUNT times from NULL and back, the last time to its end. Leaks show when GStreamer's
// leaks tracer runs.
#include <gst/gst.h>

#include <cstdio>
#include <cstdlib>

// What gst_parse_launch would do once only.
static void link_video(GstElement* decoder, GstPad* /*pad*/, gpointer first) {
  gst_element_link(decoder, GST_ELEMENT(first));
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc != 4) return 2;
  const int count = std::atoi(argv[1]);
  gchar* description =
      g_strdup_printf("filesrc location=\"%s\" ! decodebin name=decoder %s", argv[2], argv[3]);
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(description, &error);
  g_free(description);
  if (!pipeline || error) {
    std::fprintf(stderr, "%s\n", error ? error->message : "no pipeline");
    return 1;
  }
  GstElement* decoder = gst_bin_get_by_name(GST_BIN(pipeline), "decoder");
  GstElement* first = gst_bin_get_by_name(GST_BIN(pipeline), "first");
  g_signal_connect(decoder, "pad-added", G_CALLBACK(link_video), first);
  GstBus* bus = gst_element_get_bus(pipeline);
  bool good = true;
  for (int i = 1; i <= count && good; ++i) {
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    const bool last = i == count;
    GstMessage* message = gst_bus_timed_pop_filtered(
        bus, last ? GST_CLOCK_TIME_NONE : 400 * GST_MSECOND,
        static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    good = message ? GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS : !last;
    if (message && !good) {
      gst_message_parse_error(message, &error, nullptr);
      std::fprintf(stderr, "cycle %d: %s\n", i, error->message);
      g_clear_error(&error);
    }
    if (message) gst_message_unref(message);
    gst_element_set_state(pipeline, GST_STATE_NULL);
  }
  gst_object_unref(bus);
  gst_object_unref(decoder);
  gst_object_unref(first);
  gst_object_unref(pipeline);
  gst_deinit();
  std::printf("%d cycles\n", count);
  return good ? 0 : 1;
}
