// SPDX-License-Identifier: LGPL-2.1-or-later

// What following faces costs: SceneCut and Tracker on frames of 1920 x 1080 with ten and with two
// hundred faces, beside one run of the detector facerec-detect on such a frame at its usual size,
// all on one core.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <opencv2/core.hpp>
#include <random>
#include <vector>

#include "detect/detector.h"
#include "model/catalog.h"
#include "track/scene_cut.h"
#include "track/tracker.h"

using namespace facerec;

namespace {

constexpr int frames = 300;
const cv::Size full_hd(1920, 1080);

/// Milliseconds a call, the middle one of all.
template <typename Call>
double time_of(int calls, Call call) {
  std::vector<double> times;
  for (int i = 0; i < calls; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    call(i);
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
            .count());
  }
  std::nth_element(times.begin(), times.begin() + calls / 2, times.end());
  return times[calls / 2];
}

/// Faces that walk about, a little lost by the detector.
std::vector<std::vector<Face>> walk(int count, float side) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> unit(0, 1);
  std::vector<cv::Point2f> places(count), speeds(count);
  for (int i = 0; i < count; ++i) {
    places[i] = {unit(random) * 1800, unit(random) * 1000};
    speeds[i] = {unit(random) * 4 - 2, unit(random) * 2 - 1};
  }
  std::vector<std::vector<Face>> all(frames);
  for (std::vector<Face>& faces : all) {
    for (int i = 0; i < count; ++i) {
      places[i] += speeds[i];
      if (unit(random) < 0.05F) continue;
      Face face;
      face.box = {places[i].x, places[i].y, side, side * 1.2F};
      face.confidence = 0.9F;
      faces.push_back(face);
    }
  }
  return all;
}

}  // namespace

int main() {
  cv::setNumThreads(1);
  cv::Mat picture(full_hd, CV_8UC3);
  cv::randu(picture, 0, 256);
  const FrameView frame = view_of(picture);

  const auto detector = make_detector(find_model("facerec-detect", Role::Detector));
  const double detection = time_of(15, [&](int) { detector->detect(frame, {}); });
  std::printf("facerec-detect: %.2f ms\n", detection);
  for (const int count : {10, 200}) {
    const auto faces = walk(count, count > 10 ? 40.F : 120.F);
    SceneCut scene_cut;
    Tracker tracker;
    const double tracking = time_of(frames, [&](int i) {
      if (scene_cut.is_cut(frame)) std::abort();
      tracker.update(faces[i], full_hd, i * 0.04, {});
    });
    std::printf("tracking %d faces: %.3f ms, %.4f of the detector's time\n", count, tracking,
                tracking / detection);
  }
}
