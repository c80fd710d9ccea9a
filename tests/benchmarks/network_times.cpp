// SPDX-License-Identifier: LGPL-2.1-or-later

// What a face costs each embedder and landmarker that is present, and a frame of 640x360 each
// detector that is a network, on one core, side by side: medians of milliseconds and the ratio to
// the role's baseline.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "align/align.h"
#include "align/landmarker.h"
#include "detect/detector.h"
#include "embed/embedder.h"
#include "geometry.h"
#include "model/catalog.h"

using namespace facerec;

namespace {

const std::map<Role, std::string> baselines{{Role::Embedder, "mobilefacenet"},
                                            {Role::Detector, "yunet"}};
constexpr int rounds = 60;

/// The other detectors' time depends on the picture, or is seconds.
bool is_measured(const Profile& profile) {
  return is_present(profile) && profile.method != "haar" && profile.method != "mtcnn" &&
         profile.method.rfind("dlib", 0) != 0;
}

/// A model at work on the same face or frame again and again.
class Subject {
 public:
  Subject(const Profile& profile, const FrameView& frame, const Face& face)
      : name_(profile.name), role_(profile.role), frame_(frame), face_(face) {
    const Model model = find_model(profile.name, profile.role);
    if (role_ == Role::Detector) {
      detector_ = make_detector(model);
    } else if (role_ == Role::Landmarker) {
      landmarker_ = make_landmarker(model);
    } else {
      embedder_ = std::make_unique<Embedder>(model);
      alignment_ = align(face, profile.template_name, profile.input, profile.margin);
    }
  }

  void run() {
    const auto start = std::chrono::steady_clock::now();
    if (detector_) detector_->detect(frame_, {});
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
  std::unique_ptr<Detector> detector_;
  std::unique_ptr<Landmarker> landmarker_;
  std::unique_ptr<Embedder> embedder_;
  std::optional<Alignment> alignment_;
  std::vector<double> times_;
};

}  // namespace

int main() {
  cv::setNumThreads(1);
  cv::Mat picture(360, 640, CV_8UC3);
  cv::randu(picture, 0, 256);
  Face face;
  face.box = {70, 65, 110, 120};
  face.landmarks = {LandmarkScheme::Five,
                    {{104, 113}, {146, 113}, {125, 140}, {108, 160}, {142, 160}}};

  std::vector<Subject> subjects;
  for (const Profile& profile : list_profiles()) {
    if (is_measured(profile)) subjects.emplace_back(profile, view_of(picture), face);
  }
  for (int round = 0; round < rounds; ++round) {
    for (Subject& subject : subjects) subject.run();
  }

  std::map<std::string, double> medians;
  for (Subject& subject : subjects) medians[subject.name()] = subject.median();
  for (const Subject& subject : subjects) {
    const double time = medians.at(subject.name());
    std::printf("%-20s %8.2f ms", subject.name().c_str(), time);
    const auto baseline = baselines.find(subject.role());
    if (baseline != baselines.end() && medians.count(baseline->second) > 0)
      std::printf("  %5.2f of %s", time / medians.at(baseline->second), baseline->second.c_str());
    std::printf("\n");
  }
}
