// SPDX-License-Identifier: LGPL-2.1-or-later

// What a chain of elements costs on a video, and which faces it finds.
//
//   pipeline_cost VIDEO FRAMES [CHAIN]
//
// Plays the first FRAMES of VIDEO through CHAIN as fast as it goes and prints "face FRAME X Y WIDTH
// HEIGHT" for each face, then "cpu MILLISECONDS FRAMES": user and system time of the process from
// the end of the first frame, so without the loading of models, to the end of the last. Faces are
// those of the metadata and those that the facedetect of gstreamer1.0-opencv posts.

#include <gst/face/face.h>
#include <gst/gst.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

double cpu_milliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

struct Found {
  int frame;
  double x, y, width, height;
};

/// Only the streaming thread writes it, until `most` frames have come.
struct Run {
  int most;
  GstBus* bus;
  int frames = 0;
  double begun = 0, ended = 0;
  std::vector<Found> faces{};
};

GstPadProbeReturn take_frame(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  Run& run = *static_cast<Run*>(data);
  if (run.frames == run.most) return GST_PAD_PROBE_OK;
  gpointer state = nullptr;
  while (GstFaceMeta* face =
             gst_buffer_iterate_face_metas(GST_PAD_PROBE_INFO_BUFFER(info), &state)) {
    const GstFaceBox& box = face->box;
    run.faces.push_back({run.frames, box.x, box.y, box.width, box.height});
  }
  run.ended = cpu_milliseconds();
  if (run.frames == 0) run.begun = run.ended;
  if (++run.frames == run.most) gst_bus_post(run.bus, gst_message_new_eos(GST_OBJECT(pad)));
  return GST_PAD_PROBE_OK;
}

/// Called by the streaming thread before the frame reaches the sink.
GstBusSyncReply take_message(GstBus*, GstMessage* message, gpointer data) {
  Run& run = *static_cast<Run*>(data);
  if (!gst_message_has_name(message, "facedetect") || run.frames == run.most) return GST_BUS_PASS;
  const GValue* faces = gst_structure_get_value(gst_message_get_structure(message), "faces");
  for (guint i = 0; i < gst_value_list_get_size(faces); ++i) {
    const GstStructure* face = gst_value_get_structure(gst_value_list_get_value(faces, i));
    guint x = 0, y = 0, width = 0, height = 0;
    gst_structure_get(face, "x", G_TYPE_UINT, &x, "y", G_TYPE_UINT, &y, "width", G_TYPE_UINT,
                      &width, "height", G_TYPE_UINT, &height, nullptr);
    run.faces.push_back({run.frames, double(x), double(y), double(width), double(height)});
  }
  gst_message_unref(message);
  return GST_BUS_DROP;
}

void fail(GError* error) {
  std::fprintf(stderr, "%s\n", error->message);
  g_error_free(error);
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s VIDEO FRAMES [CHAIN]\n", argv[0]);
    return 2;
  }
  const std::string chain = argc > 3 ? std::string(argv[3]) + " ! " : "";
  const std::string line = "filesrc location=\"" + std::string(argv[1]) +
                           "\" ! decodebin ! video/x-raw ! " + chain + "fakesink name=last";
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(line.c_str(), &error);
  if (error) {
    fail(error);
    return 1;
  }

  GstBus* bus = gst_element_get_bus(pipeline);
  Run run{std::atoi(argv[2]), bus};
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "last");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, take_frame, &run, nullptr);
  gst_bus_set_sync_handler(bus, take_message, &run, nullptr);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage* end = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE,
                                               GstMessageType(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_element_set_state(pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE(end) == GST_MESSAGE_ERROR) {
    gst_message_parse_error(end, &error, nullptr);
    fail(error);
    return 1;
  }
  for (const Found& face : run.faces)
    std::printf("face %d %.1f %.1f %.1f %.1f\n", face.frame, face.x, face.y, face.width,
                face.height);
  std::printf("cpu %.3f %d\n", run.ended - run.begun, run.frames - 1);

  gst_message_unref(end);
  gst_object_unref(bus);
  gst_object_unref(pad);
  gst_object_unref(sink);
  gst_object_unref(pipeline);
  return 0;
}
