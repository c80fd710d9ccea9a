// SPDX-License-Identifier: LGPL-2.1-or-later

// What the elements cost beside the networks that they run, with each engine of the build.
//
// Every frame of a video goes through facedetect ! facealign landmarks=none ! faceembed ! facematch
// and, right after it, through the bare networks in the same engine for the same number of faces.
// Prints CPU milliseconds a frame, one ratio a round and an engine's median: 1.10 means that the
// elements add ten percent.
//
//   chain_overhead VIDEO GALLERY [ROUNDS]

#include <gst/app/gstappsink.h>
#include <gst/check/gstharness.h>
#include <gst/face/face.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "engine/backend.h"
#include "geometry.h"
#include "model/catalog.h"

using namespace facerec;

namespace {

/// Of all threads of this process.
double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

struct Video {
  GstCaps* caps = nullptr;
  std::vector<GstBuffer*> frames;
  cv::Size size;
};

Video read_video(const std::string& file) {
  const std::string line =
      "filesrc location=\"" + file + "\" ! decodebin ! video/x-raw ! appsink name=sink sync=false";
  GstElement* pipeline = gst_parse_launch(line.c_str(), nullptr);
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  Video video;
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink))) {
    if (!video.caps) video.caps = gst_caps_ref(gst_sample_get_caps(sample));
    video.frames.push_back(gst_buffer_copy_deep(gst_sample_get_buffer(sample)));
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(sink);
  gst_object_unref(pipeline);
  if (video.caps) {
    GstVideoInfo info;
    gst_video_info_from_caps(&info, video.caps);
    video.size = {info.width, info.height};
  }
  return video;
}

/// A network without preprocessing, on noise.
class BareNetwork {
 public:
  BareNetwork(const Model& model, cv::Size size)
      : backend_(make_backend(model)), outputs_(backend_->output_names()) {
    blob_.create(std::vector<int>{1, 3, size.height, size.width}, CV_32F);
    cv::randu(blob_, 0, 255);
  }

  void run() { backend_->forward(blob_, outputs_, results_); }

 private:
  std::unique_ptr<Backend> backend_;
  std::vector<std::string> outputs_;
  cv::Mat blob_;
  std::vector<cv::Mat> results_;
};

Model in_engine(const char* name, Role role, const std::string& engine) {
  Model model = find_model(name, role);
  model.engine = {engine, 1};
  return model;
}

/// What the detector sees of a frame.
cv::Size seen(cv::Size frame) {
  const double factor = std::min(1.0, 640.0 / std::max(frame.width, frame.height));
  return {round_up(cvRound(frame.width * factor), 32),
          facerec::round_up(cvRound(frame.height * factor), 32)};
}

/// The elements and the bare networks in one engine.
class Contest {
 public:
  Contest(std::string engine, const std::string& gallery, const Video& video)
      : engine_(std::move(engine)),
        detector_(in_engine("yunet", Role::Detector, engine_), seen(video.size)),
        embedder_(in_engine("mobilefacenet", Role::Embedder, engine_), {112, 112}) {
    const std::string how = " threads=1 engine=" + engine_;
    harness_ =
        gst_harness_new_parse(("facerecdetect model=yunet" + how +
                               " ! facealign landmarks=none ! faceembed model=mobilefacenet" + how +
                               " ! facematch post-messages=none gallery=\"" + gallery + "\"")
                                  .c_str());
    gst_harness_set_src_caps(harness_, gst_caps_ref(video.caps));
    show(video.frames.front());
  }
  Contest(const Contest&) = delete;
  Contest& operator=(const Contest&) = delete;
  ~Contest() { gst_harness_teardown(harness_); }

  void round(const std::vector<GstBuffer*>& frames) {
    elements_ = networks_ = 0;
    int faces = 0;
    for (GstBuffer* frame : frames) faces += show(frame);
    ratios_.push_back(elements_ / networks_);
    const auto count = static_cast<double>(frames.size());
    std::printf("%s: %.0f frames, %d faces, elements %.2f ms/frame, networks %.2f ms/frame, %.3f\n",
                engine_.c_str(), count, faces, elements_ / count, networks_ / count,
                ratios_.back());
  }

  void print_median() {
    std::sort(ratios_.begin(), ratios_.end());
    std::printf("elements / networks in %s: %.3f (median of %zu rounds)\n", engine_.c_str(),
                ratios_[ratios_.size() / 2], ratios_.size());
  }

 private:
  /// How many faces the elements find.
  int show(GstBuffer* frame) {
    GstBuffer* input = gst_buffer_copy(frame);
    const double start = cpu_milliseconds();
    GstBuffer* output = gst_harness_push_and_pull(harness_, input);
    const double middle = cpu_milliseconds();
    if (!output) {
      std::fprintf(stderr, "the pipeline returned no frame\n");
      std::exit(1);
    }
    const auto faces = static_cast<int>(gst_buffer_get_n_face_metas(output));
    gst_buffer_unref(output);
    const double resumed = cpu_milliseconds();
    detector_.run();
    for (int face = 0; face < faces; ++face) embedder_.run();
    networks_ += cpu_milliseconds() - resumed;
    elements_ += middle - start;
    return faces;
  }

  std::string engine_;
  BareNetwork detector_;
  BareNetwork embedder_;
  GstHarness* harness_ = nullptr;
  double elements_ = 0;
  double networks_ = 0;
  std::vector<double> ratios_;
};

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  cv::setNumThreads(1);
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s VIDEO GALLERY [ROUNDS]\n", argv[0]);
    return 2;
  }
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  const Video video = read_video(argv[1]);
  if (video.frames.empty()) {
    std::fprintf(stderr, "%s: no frame could be decoded\n", argv[1]);
    return 2;
  }

  std::vector<std::unique_ptr<Contest>> contests;
  for (const std::string& engine : engine_names())
    contests.push_back(std::make_unique<Contest>(engine, argv[2], video));
  for (int round = 0; round < rounds; ++round) {
    for (const auto& contest : contests) contest->round(video.frames);
  }
  for (const auto& contest : contests) contest->print_median();

  for (GstBuffer* frame : video.frames) gst_buffer_unref(frame);
  gst_caps_unref(video.caps);
  return 0;
}
