// SPDX-License-Identifier: LGPL-2.1-or-later

// What a face costs each embedder and landmarker that is present, on one core, side by side: their
// medians of milliseconds and, of embedders, the ratio to MobileFaceNet's.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "align/align.h"
#include "align/landmarker.h"
#include "embed/embedder.h"
#include "geometry.h"
#include "model/catalog.h"

using namespace facerec;

namespace {

constexpr const char* baseline = "mobilefacenet";
constexpr int rounds = 60;

/// A model at work on the same face again and again.
class Subject {
 public:
  Subject(const Profile& profile, const FrameView& frame, const Face& face)
      : name_(profile.name), role_(profile.role), frame_(frame), face_(face) {
    const Model model = find_model(profile.name, profile.role);
    if (role_ == Role::Landmarker) {
      landmarker_ = make_landmarker(model);
    } else {
      embedder_ = std::make_unique<Embedder>(model);
      alignment_ = align(face, profile.template_name, profile.input, profile.margin);
    }
  }

  void run() {
    const auto start = std::chrono::steady_clock::now();
    if (landmarker_) landmarker_->locate(frame_, face_.box);
    if (embedder_) embedder_->embed(frame_, {*alignment_});
    times_.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }

  double median() {
    std::nth_element(times_.begin(), times_.begin() + rounds / 2, times_.end());
    return times_[rounds / 2];
  }

  const std::string& name() const { return name_; }
  Role role() const { return role_; }

 private:
  std::string name_;
  Role role_;
  FrameView frame_;
  Face face_;
  std::unique_ptr<Landmarker> landmarker_;
  std::unique_ptr<Embedder> embedder_;
  std::optional<Alignment> alignment_;
  std::vector<double> times_;
};

}  // namespace

int main() {
  cv::setNumThreads(1);
  cv::Mat picture(250, 250, CV_8UC3);
  cv::randu(picture, 0, 256);
  Face face;
  face.box = {70, 65, 110, 120};
  face.landmarks = {LandmarkScheme::Five,
                    {{104, 113}, {146, 113}, {125, 140}, {108, 160}, {142, 160}}};

  std::vector<Subject> subjects;
  for (const Profile& profile : list_profiles()) {
    if (profile.role != Role::Detector && is_present(profile))
      subjects.emplace_back(profile, view_of(picture), face);
  }
  for (int round = 0; round < rounds; ++round) {
    for (Subject& subject : subjects) subject.run();
  }

  double unit = 0;
  for (Subject& subject : subjects) {
    if (subject.name() == baseline) unit = subject.median();
  }
  for (Subject& subject : subjects) {
    const double time = subject.median();
    std::printf("%-20s %8.2f ms", subject.name().c_str(), time);
    if (subject.role() == Role::Embedder && unit > 0)
      std::printf("  %5.2f of %s", time / unit, baseline);
    std::printf("\n");
  }
}
