// SPDX-License-Identifier: LGPL-2.1-or-later

// Faces that our own code finds, held to those of a reference program that shares no code with it
// (reference.py).

#include <cmath>

#include "../../src/detect/detector.h"
#include "../../src/engine/network.h"
#include "golden.h"

using facerec::Face;
using facerec::Model;
using facerec::Role;
using nlohmann::json;

namespace {

cv::Rect2f box_of(const json& numbers, cv::Size frame) {
  return facerec::clip({numbers[0], numbers[1], numbers[2], numbers[3]}, frame);
}

/// The greatest difference of any side or point, in parts of the expected box's shorter side.
double shift(const Face& face, const json& expected, const cv::Rect2f& box) {
  double greatest = 0;
  for (const cv::Point2f& corner : {face.box.tl() - box.tl(), face.box.br() - box.br()})
    greatest = std::max({greatest, std::abs(1. * corner.x), std::abs(1. * corner.y)});
  if (expected.contains("points")) {
    const auto points = points_of(expected["points"]);
    if (face.landmarks.points.size() != points.size()) return INFINITY;
    for (std::size_t i = 0; i < points.size(); ++i)
      greatest = std::max(greatest, cv::norm(face.landmarks.points[i] - points[i]));
  }
  return greatest / std::min(box.width, box.height);
}

class GoldenDetector : public Golden {
 protected:
  void SetUp() override {
    Golden::SetUp();
    if (shared_material().empty()) GTEST_SKIP() << "no photos, see FACEREC_SHARED";
  }

  /// The greatest shift of a face, or difference of its confidence if that is more. Infinite where
  /// other faces are found.
  double difference(const Model& network) const {
    const auto detector = facerec::make_detector(network);
    const json& golden = golden_["detectors"][GetParam()];
    facerec::DetectOptions options;
    options.threshold = golden["threshold"];
    double greatest = 0;
    for (const json& each : golden["cases"]) {
      const cv::Mat picture = make_picture(each["picture"]);
      options.detect_size = std::max(picture.cols, picture.rows);
      const auto found = detector->detect(facerec::view_of(picture), options);
      const json& expected = each["faces"];
      if (found.size() != expected.size()) return INFINITY;
      for (const json& face : expected) {
        const cv::Rect2f box = box_of(face["box"], picture.size());
        const Face& nearest =
            *std::max_element(found.begin(), found.end(), [&](const Face& a, const Face& b) {
              return facerec::overlap(a.box, box) < facerec::overlap(b.box, box);
            });
        const double score = face.value("score", nearest.confidence);
        greatest =
            std::max({greatest, shift(nearest, face, box), std::abs(nearest.confidence - score)});
      }
    }
    return greatest;
  }
};

TEST_P(GoldenDetector, FindsTheReferencesFaces) {
  EXPECT_LT(difference(model(Role::Detector)), 1e-4);
}

TEST_P(GoldenDetector, AnotherPreparationWouldBeSeen) {
  for (const Model& each : wrong(model(Role::Detector))) EXPECT_GT(difference(each), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(, GoldenDetector, testing::Values("facerec-detect", "yunet", "rfb", "ssd"),
                         test_name);

/// MTCNN shows its networks the picture and parts of it in many sizes, and each side resamples in
/// its way: the cascade is compared roughly, the networks closely.
class GoldenMtcnn : public GoldenDetector {
 protected:
  /// The greatest difference of any output of any network from the reference's.
  double difference_of_stages(const Model& whole) const {
    double greatest = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const json& golden = golden_["mtcnn stages"][i];
      const cv::Mat picture = make_picture(golden["picture"]);
      Model stage = whole;
      stage.files = {whole.files[2 * i], whole.files[2 * i + 1]};
      stage.profile.input = picture.size();
      for (const auto& [name, numbers] : golden["outputs"].items()) {
        facerec::Network network(stage, {name});
        const std::vector<float> expected = numbers;
        const cv::Mat found = network.run(picture)[0].reshape(1, 1);
        if (found.total() != expected.size() || !cv::checkRange(found)) return INFINITY;
        greatest = std::max(greatest, cv::norm(found, cv::Mat(expected).t(), cv::NORM_INF));
      }
    }
    return greatest;
  }
};

TEST_P(GoldenMtcnn, FindsTheReferencesFaces) {
  EXPECT_LT(difference(model(Role::Detector)), 0.06);
}

TEST_P(GoldenMtcnn, NetworksGiveTheReferencesNumbers) {
  EXPECT_LT(difference_of_stages(model(Role::Detector)), 1e-4);
}

TEST_P(GoldenMtcnn, AnotherPreparationWouldBeSeen) {
  for (const Model& each : wrong(model(Role::Detector)))
    EXPECT_GT(difference_of_stages(each), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(, GoldenMtcnn, testing::Values("mtcnn"), test_name);

#ifdef HAVE_DLIB
using GoldenMmod = GoldenDetector;

TEST_P(GoldenMmod, FindsTheReferencesFaces) {
  EXPECT_LT(difference(model(Role::Detector)), 1e-4);
}

INSTANTIATE_TEST_SUITE_P(, GoldenMmod, testing::Values("dlib-mmod"), test_name);
#endif

}  // namespace
