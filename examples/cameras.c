// SPDX-License-Identifier: LGPL-2.1-or-later

/* Recognises people on several cameras at once, one bin a camera; all of them share the networks
 * and the gallery. A camera that goes away is tried again while the others go on.
 *
 *   cameras GALLERY URI [URI...]
 *
 * Built outside of this project with
 *   cc cameras.c $(pkg-config --cflags --libs gstreamer-1.0)
 */
#include <glib-unix.h>
#include <gst/gst.h>

#define LONGEST_WAIT 8 /* seconds between two attempts */

typedef struct {
  guint number; /* from 1 on */
  const gchar* uri;
  const gchar* gallery;
  GstElement* pipeline;
  guint wait; /* seconds before the next attempt */
} Camera;

static gboolean start(gpointer user_data);

/* Stopping waits for the camera's own threads and maybe for the network, so not in the main loop.
 */
static void stop(GstElement* pipeline, gpointer user_data) {
  (void)user_data;
  gst_element_set_state(pipeline, GST_STATE_NULL);
}

static void try_again(Camera* camera, const gchar* reason) {
  g_print("camera %u: %s; trying again in %u s\n", camera->number, reason, camera->wait);
  g_timeout_add_seconds(camera->wait, start, camera);
  camera->wait = MIN(2 * camera->wait, LONGEST_WAIT);
  gst_element_call_async(camera->pipeline, stop, NULL, NULL);
  gst_clear_object(&camera->pipeline);
}

static void tell(Camera* camera, const GstStructure* match) {
  const gchar* event = gst_structure_get_string(match, "event");
  const gchar* label = gst_structure_get_string(match, "label");

  if (g_strcmp0(event, "recognised") == 0 || g_strcmp0(event, "left") == 0)
    g_print("camera %u: %s %s\n", camera->number, label && *label ? label : "somebody", event);
}

static gboolean on_message(GstBus* bus, GstMessage* message, gpointer user_data) {
  Camera* camera = user_data;

  (void)bus;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    GError* error = NULL;

    gst_message_parse_error(message, &error, NULL);
    try_again(camera, error->message);
    g_error_free(error);
    return G_SOURCE_REMOVE;
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) {
    try_again(camera, "the stream ended");
    return G_SOURCE_REMOVE;
  }
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_LATENCY)
    gst_bin_recalculate_latency(GST_BIN(camera->pipeline));
  if (gst_message_has_name(message, "facematch")) {
    camera->wait = 1;
    tell(camera, gst_message_get_structure(message));
  }
  return G_SOURCE_CONTINUE;
}

/* Keeps libav's decoder from writing into others' memory: GStreamer 1.26's aborts the program there
 * now and then, where a video's width is no multiple of 16. */
static void copy_frames(GstBin* pipeline, GstBin* bin, GstElement* element, gpointer user_data) {
  GstElementFactory* factory = gst_element_get_factory(element);

  (void)pipeline;
  (void)bin;
  (void)user_data;
  if (factory && g_str_equal(GST_OBJECT_NAME(factory), "avdec_h264"))
    g_object_set(element, "direct-rendering", FALSE, NULL);
}

static gboolean start(gpointer user_data) {
  Camera* camera = user_data;
  GstElement *source, *recognise;
  GstBus* bus;

  camera->pipeline = gst_parse_launch(
      "uridecodebin name=source caps=video/x-raw ! videoconvert"
      " ! facerec name=recognise mode=live ! fakesink sync=true",
      NULL);
  g_signal_connect(camera->pipeline, "deep-element-added", G_CALLBACK(copy_frames), NULL);
  source = gst_bin_get_by_name(GST_BIN(camera->pipeline), "source");
  recognise = gst_bin_get_by_name(GST_BIN(camera->pipeline), "recognise");
  g_object_set(source, "uri", camera->uri, NULL);
  g_object_set(recognise, "gallery", camera->gallery, NULL);
  gst_object_unref(recognise);
  gst_object_unref(source);

  bus = gst_element_get_bus(camera->pipeline);
  gst_bus_add_watch(bus, on_message, camera);
  gst_object_unref(bus);
  gst_element_set_state(camera->pipeline, GST_STATE_PLAYING);
  return G_SOURCE_REMOVE;
}

static gboolean quit(gpointer loop) {
  g_main_loop_quit(loop);
  return G_SOURCE_CONTINUE;
}

int main(int argc, char** argv) {
  GstElement* plugin;
  GMainLoop* loop;
  Camera* cameras;
  guint count, i;

  gst_init(&argc, &argv);
  if (argc < 3) {
    g_printerr("Usage: %s GALLERY URI [URI...]\n", argv[0]);
    return 2;
  }
  plugin = gst_element_factory_make("facerec", NULL);
  if (!plugin) {
    g_printerr("There is no element facerec: install gst-facerec, or run in meson devenv.\n");
    return 1;
  }
  gst_object_unref(plugin);

  count = (guint)argc - 2;
  cameras = g_new0(Camera, count);
  for (i = 0; i < count; ++i) {
    cameras[i] = (Camera){i + 1, argv[i + 2], argv[1], NULL, 1};
    start(&cameras[i]);
  }
  loop = g_main_loop_new(NULL, FALSE);
  g_unix_signal_add(SIGINT, quit, loop);
  g_unix_signal_add(SIGTERM, quit, loop);
  g_main_loop_run(loop);

  for (i = 0; i < count; ++i) {
    if (!cameras[i].pipeline) continue;
    gst_element_set_state(cameras[i].pipeline, GST_STATE_NULL);
    gst_object_unref(cameras[i].pipeline);
  }
  g_main_loop_unref(loop);
  g_free(cameras);
  return 0;
}
