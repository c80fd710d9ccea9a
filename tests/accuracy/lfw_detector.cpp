// SPDX-License-Identifier: LGPL-2.1-or-later

// facerec-detect on every tenth photo of Labeled Faces in the Wild: its points against YuNet's, and
// whether faces that are turned in the plane come out upright.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <set>

#include "align/align.h"
#include "cli/image.h"
#include "detect/detector.h"
#include "lfw_photos.h"
#include "pipeline.h"

using namespace facerec;

namespace {

std::vector<cv::Mat> photos() {
  std::set<std::filesystem::path> files;
  for (const LabelledPair& pair : lfw_pairs(all_folds)) files.insert({pair.a, pair.b});
  std::vector<cv::Mat> result;
  std::size_t index = 0;
  for (const auto& file : files) {
    if (index++ % 10 == 0) result.push_back(cli::read_image(file));
  }
  return result;
}

/// The most prominent face.
std::optional<Face> main_face(Detector& detector, const cv::Mat& photo) {
  const FrameView frame = view_of(photo);
  const std::vector<Face> faces = detector.detect(frame, {});
  const auto best = std::max_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
    return prominence(a.box, frame.size()) < prominence(b.box, frame.size());
  });
  return best == faces.end() ? std::nullopt : std::optional(*best);
}

std::unique_ptr<Detector> detector(const std::string& name) {
  return make_detector(find_model(name, Role::Detector));
}

class LfwDetector : public testing::Test {
 protected:
  void SetUp() override {
    if (lfw_pairs(1).empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
  }
};

// YuNet's own points of one photo at twice its size lie 0.09 of the eyes' distance elsewhere.
TEST_F(LfwDetector, PointsLieNearYuNets) {
  const auto own = detector("facerec-detect"), yunet = detector("yunet");
  double sum = 0;
  int faces = 0, missing = 0;
  for (const cv::Mat& photo : photos()) {
    const auto found = main_face(*own, photo), expected = main_face(*yunet, photo);
    if (!expected) continue;
    if (!found) {
      ++missing;
      continue;
    }
    double distance = 0;
    for (std::size_t i = 0; i < 5; ++i)
      distance += cv::norm(found->landmarks.points[i] - expected->landmarks.points[i]) / 5;
    const auto& points = expected->landmarks.points;
    sum += distance / cv::norm(points[0] - points[1]);
    ++faces;
  }
  std::cout << "facerec-detect's points: " << sum / faces << " of the eyes' distance from YuNet's, "
            << faces << " faces, " << missing << " not found\n";
  EXPECT_LE(sum / faces, 0.12);
  EXPECT_LE(missing, 1);
}

TEST_F(LfwDetector, TurnedFacesComeOutUpright) {
  const auto own = detector("facerec-detect");
  LandmarkStage landmarks("auto", false);
  const auto roll = [&](const cv::Mat& photo) {
    std::optional<Face> face = main_face(*own, photo);
    if (!face) return static_cast<double>(NAN);
    landmarks.place(view_of(photo), *face);
    const auto alignment = align(*face, "arcface", {112, 112}, 0);
    if (!alignment) return static_cast<double>(NAN);
    return std::atan2(-alignment->transform(1, 0), alignment->transform(0, 0)) * 180 / CV_PI;
  };
  for (const double degrees : {-30., 30.}) {
    double sum = 0;
    int upright = 0, faces = 0;
    for (const cv::Mat& photo : photos()) {
      const double turn = roll(turned(photo, degrees)) - roll(photo);
      ++faces;
      if (std::isnan(turn)) continue;
      sum += std::abs(turn - degrees);
      upright += std::abs(turn - degrees) < 10;
    }
    std::cout << "turned by " << degrees << ": off by " << sum / faces
              << " degrees, within 10: " << upright << " of " << faces << '\n';
    EXPECT_GE(upright, 0.97 * faces);
  }
}

}  // namespace
