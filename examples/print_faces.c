// SPDX-License-Identifier: LGPL-2.1-or-later

/* Prints every face of a video, read from the metadata in a pad probe.
 *
 *   print_faces URI [GALLERY]
 *
 * Built outside of this project with
 *   cc print_faces.c $(pkg-config --cflags --libs gstreamer-face-1.0)
 */
#include <gst/face/face.h>
#include <gst/gst.h>

/* Upright, where a tag tells how a telephone was held. */
#define TURNED_SOURCE "uridecodebin name=source ! videoconvert ! videoflip video-direction=auto"

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

static GstPadProbeReturn print_faces(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
  GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  gpointer state = NULL;
  GstFaceMeta* face;

  (void)pad;
  (void)user_data;
  while ((face = gst_buffer_iterate_face_metas(buffer, &state))) {
    GstFaceIdentity* identity = gst_face_meta_get_identity(face);

    g_print("%" GST_TIME_FORMAT " face %u at %.0f,%.0f %.0fx%.0f, confidence %.2f",
            GST_TIME_ARGS(GST_BUFFER_PTS(buffer)), face->id, face->box.x, face->box.y,
            face->box.width, face->box.height, face->confidence);
    if (identity) {
      const gchar* label = gst_face_identity_get_label(identity);

      g_print(": %s at distance %.3f", label ? label : "undecided",
              gst_face_identity_get_distance(identity));
    }
    g_print("\n");
  }
  return GST_PAD_PROBE_OK;
}

/* FALSE where the pipeline ended with an error, which is printed. */
static gboolean play(GstElement* pipeline) {
  GstBus* bus = gst_element_get_bus(pipeline);
  GstMessage* message;
  gboolean ended;

  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  message =
      gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (!ended) {
    GError* error = NULL;

    gst_message_parse_error(message, &error, NULL);
    g_printerr("%s\n", error->message);
    g_error_free(error);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_message_unref(message);
  gst_object_unref(bus);
  return ended;
}

int main(int argc, char** argv) {
  GError* error = NULL;
  GstElement *pipeline, *source, *last;
  GstPad* pad;
  gboolean ended;

  gst_init(&argc, &argv);
  if (argc < 2 || argc > 3) {
    g_printerr("Usage: %s URI [GALLERY]\n", argv[0]);
    return 2;
  }
  pipeline = gst_parse_launch(argc == 2 ? TURNED_SOURCE " ! facerecdetect ! fakesink name=last"
                                        : TURNED_SOURCE
                                  " ! facerecdetect ! facetrack ! facealign ! faceembed"
                                  " ! facematch name=match ! fakesink name=last",
                              &error);
  if (!pipeline) {
    g_printerr("%s\n", error->message);
    g_error_free(error);
    return 1;
  }
  g_signal_connect(pipeline, "deep-element-added", G_CALLBACK(copy_frames), NULL);
  source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
  g_object_set(source, "uri", argv[1], NULL);
  gst_object_unref(source);
  if (argc == 3) {
    GstElement* match = gst_bin_get_by_name(GST_BIN(pipeline), "match");

    g_object_set(match, "gallery", argv[2], NULL);
    gst_object_unref(match);
  }
  last = gst_bin_get_by_name(GST_BIN(pipeline), "last");
  pad = gst_element_get_static_pad(last, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, print_faces, NULL, NULL);
  gst_object_unref(pad);
  gst_object_unref(last);

  ended = play(pipeline);
  gst_object_unref(pipeline);
  return ended ? 0 : 1;
}
