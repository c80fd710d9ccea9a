// SPDX-License-Identifier: LGPL-2.1-or-later

// What a frame costs beside the networks: 1920x1080 NV12 with one face, which is represented and
// compared in every frame, through facerecdetect ! facetrack ! facealign ! faceembed ! facematch on
// one core, with networks that answer at once (tests/fakes/backend.cpp). Milliseconds of CPU time a
// frame, beside one cv::cvtColor of the same frame to BGR: medians of all frames, and the least.

#include <gst/check/gstharness.h>
#include <gst/face/face.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <string>
#include <vector>

#include "../core/temporary_folder.h"
#include "match/gallery.h"
#include "model/catalog.h"

G_BEGIN_DECLS
GST_PLUGIN_STATIC_DECLARE(facerec);
G_END_DECLS

using namespace facerec;

namespace {

constexpr int rounds = 300;
constexpr int warm_up = 20;
const cv::Size full_hd(1920, 1080);

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

/// CPU times of one thing, in milliseconds.
struct Times {
  std::string what;
  std::vector<double> all{};

  template <typename Call>
  auto measure(Call call) {
    const double begun = cpu_milliseconds();
    const auto result = call();
    all.push_back(cpu_milliseconds() - begun);
    return result;
  }

  /// After the first ones, which allocate.
  void print() {
    all.erase(all.begin(), all.begin() + warm_up);
    std::printf("%-14s median %.3f ms, least %.3f ms\n", what.c_str(), median(), least());
  }

  double median() {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    std::nth_element(all.begin(), middle, all.end());
    return *middle;
  }
  double least() const { return *std::min_element(all.begin(), all.end()); }
};

/// An element that is given frames by hand.
class Stage {
 public:
  explicit Stage(const std::string& line)
      : times_{line.substr(0, line.find(' '))}, harness_(gst_harness_new_parse(line.c_str())) {
    gst_harness_set_src_caps_str(harness_,
                                 "video/x-raw,format=NV12,width=1920,height=1080,framerate=25/1");
  }
  ~Stage() { gst_harness_teardown(harness_); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  GstBuffer* push(GstBuffer* buffer) {
    return times_.measure([&] { return gst_harness_push_and_pull(harness_, buffer); });
  }
  Times& times() { return times_; }

 private:
  Times times_;
  GstHarness* harness_;
};

/// Smooth noise: rows of Y', then half as many of Cb and Cr in turn.
cv::Mat make_frame() {
  const cv::Size size(full_hd.width, full_hd.height * 3 / 2);
  cv::Mat coarse(size / 12, CV_8UC1), frame;
  cv::randu(coarse, 20, 230);
  cv::resize(coarse, frame, size, 0, 0, cv::INTER_CUBIC);
  return frame;
}

GstBuffer* buffer_of(const cv::Mat& frame, int number) {
  GstBuffer* buffer = gst_buffer_new_wrapped_full(
      GST_MEMORY_FLAG_READONLY, frame.data, frame.total(), 0, frame.total(), nullptr, nullptr);
  GST_BUFFER_DURATION(buffer) = 40 * GST_MSECOND;
  GST_BUFFER_PTS(buffer) = number * GST_BUFFER_DURATION(buffer);
  return buffer;
}

void enrol_people(const std::filesystem::path& file) {
  const Model model = find_model("facerec-embed", Role::Embedder);
  Gallery gallery(file, Gallery::Mode::Create);
  for (int person = 0; person < 100; ++person) {
    Template entry;
    entry.embedding = {model.profile.name, model.fingerprint, std::vector<float>(128), true};
    cv::randn(entry.embedding.values, 0, 1);
    gallery.enroll("person " + std::to_string(person), entry);
  }
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  GST_PLUGIN_STATIC_REGISTER(facerec);
  cv::setNumThreads(1);

  const TemporaryFolder folder;
  const std::filesystem::path people = folder / "people.db";
  enrol_people(people);
  std::array<Stage, 5> stages{
      Stage("facerecdetect model=facerec-detect"), Stage("facetrack"), Stage("facealign"),
      Stage("faceembed model=facerec-embed refresh-interval=0"),
      Stage("facematch post-messages=none gallery=\"" + people.string() + "\"")};

  const cv::Mat scene = make_frame();
  std::array<cv::Mat, 4> frames;
  Times sum{"together"}, conversion{"cv::cvtColor"};
  cv::Mat converted;
  for (int round = 0; round < rounds; ++round) {
    // As a decoder would have just written it.
    cv::Mat& frame = frames.at(round % frames.size());
    scene.copyTo(frame);
    GstBuffer* buffer = buffer_of(frame, round);
    buffer = sum.measure([&] {
      for (Stage& stage : stages) buffer = stage.push(buffer);
      return buffer;
    });
    if (gst_buffer_get_n_face_metas(buffer) != 1) std::abort();
    gst_buffer_unref(buffer);
    scene.copyTo(frame);
    conversion.measure([&] {
      cv::cvtColor(frame, converted, cv::COLOR_YUV2BGR_NV12);
      return 0;
    });
  }
  for (Stage& stage : stages) stage.times().print();
  sum.print();
  conversion.print();
  std::printf("%.2f of cv::cvtColor\n", sum.median() / conversion.median());
}
