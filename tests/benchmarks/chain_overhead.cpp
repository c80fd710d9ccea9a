// SPDX-License-Identifier: LGPL-2.1-or-later

// What the elements cost beside the networks that they run.
//
// Every frame of a video goes through facedetect ! facealign ! faceembed ! facematch and, right
// after it, through the bare forward calls of the same networks for the same number of faces.
// Prints one ratio a round and their median: 1.10 means that the elements add ten percent.
//
//   chain_overhead VIDEO GALLERY DETECTOR_NETWORK EMBEDDER_NETWORK [ROUNDS]

#include <gst/app/gstappsink.h>
#include <gst/check/gstharness.h>
#include <gst/face/face.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
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

// One net for each batch size, as cv::dnn plans memory anew whenever the shape changes.
class BareNetwork {
 public:
  explicit BareNetwork(std::string file) : file_(std::move(file)) {}

  // Seconds that `count` pictures take, in batches of 8, 4, 2 and 1 as the embedder makes them.
  double forward(int count, cv::Size size) {
    double seconds = 0;
    for (int batch = 8; batch >= 1; batch /= 2)
      for (; count >= batch; count -= batch) seconds += forward_batch(batch, size);
    return seconds;
  }

 private:
  struct Slot {
    cv::dnn::Net net;
    std::vector<std::string> outputs;
    cv::Mat blob;
  };

  double forward_batch(int batch, cv::Size size) {
    Slot& slot = slots_[batch];
    if (slot.net.empty()) {
      slot.net = cv::dnn::readNet(file_);
      slot.outputs = slot.net.getUnconnectedOutLayersNames();
      slot.blob.create(std::vector<int>{batch, 3, size.height, size.width}, CV_32F);
      cv::randu(slot.blob, 0, 255);
      run(slot);
    }
    const auto start = Clock::now();
    run(slot);
    return seconds_since(start);
  }

  static void run(Slot& slot) {
    std::vector<cv::Mat> results;
    slot.net.setInput(slot.blob);
    slot.net.forward(results, slot.outputs);
  }

  std::string file_;
  Slot slots_[9];
};

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s VIDEO GALLERY DETECTOR_NETWORK EMBEDDER_NETWORK [ROUNDS]\n",
                 argv[0]);
    return 2;
  }
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 3;
  Video video = read_video(argv[1]);
  if (video.frames.empty()) {
    std::fprintf(stderr, "%s: no frame could be decoded\n", argv[1]);
    return 2;
  }

  const std::string chain =
      "facerecdetect model=yunet name=detect ! facealign ! faceembed "
      "model=mobilefacenet ! facematch post-messages=none gallery=\"" +
      std::string(argv[2]) + "\"";
  GstHarness* harness = gst_harness_new_parse(chain.c_str());
  gst_harness_set_src_caps(harness, gst_caps_ref(video.caps));
  BareNetwork detector(argv[3]);
  BareNetwork embedder(argv[4]);
  const double longer = std::max(video.size.width, video.size.height);
  const double factor = std::min(1.0, 640 / longer);
  const cv::Size seen(round_up(cvRound(video.size.width * factor), 32),
                      round_up(cvRound(video.size.height * factor), 32));

  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    double chain_time = 0, bare_time = 0;
    int faces = 0;
    for (GstBuffer* frame : video.frames) {
      GstBuffer* input = gst_buffer_copy(frame);
      const auto start = Clock::now();
      GstBuffer* output = gst_harness_push_and_pull(harness, input);
      const double elapsed = seconds_since(start);
      if (!output) {
        std::fprintf(stderr, "the pipeline returned no frame\n");
        return 1;
      }
      const int count = static_cast<int>(gst_buffer_get_n_face_metas(output));
      gst_buffer_unref(output);
      const double bare =
          detector.forward(1, seen) + (count ? embedder.forward(count, cv::Size(112, 112)) : 0);
      if (round == 0 && frame == video.frames.front()) continue;
      chain_time += elapsed;
      bare_time += bare;
      faces += count;
    }
    ratios.push_back(chain_time / bare_time);
    std::printf(
        "round %d: %zu frames, %d faces, elements %.2f ms/frame, networks %.2f ms/frame, "
        "ratio %.3f\n",
        round + 1, video.frames.size(), faces, chain_time * 1e3 / video.frames.size(),
        bare_time * 1e3 / video.frames.size(), ratios.back());
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("elements / networks: %.3f (median of %d rounds, %dx%d)\n", ratios[ratios.size() / 2],
              rounds, video.size.width, video.size.height);

  gst_harness_teardown(harness);
  for (GstBuffer* frame : video.frames) gst_buffer_unref(frame);
  gst_caps_unref(video.caps);
  return 0;
}
