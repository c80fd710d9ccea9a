// SPDX-License-Identifier: LGPL-2.1-or-later

// Landmarks of our own code, held to those of a reference program that shares no code with it
// (reference.py).

#include <cmath>

#include "../../src/align/landmarker.h"
#include "golden.h"

using facerec::Model;
using facerec::Role;
using nlohmann::json;

namespace {

class GoldenLandmarker : public Golden {
 protected:
  void SetUp() override {
    Golden::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    cases_ = possible(golden_["landmarkers"][GetParam()]);
    if (cases_.empty()) GTEST_SKIP() << "no photos, see FACEREC_SHARED";
  }

  /// The greatest distance of any point from the reference's, in parts of the square's side, or the
  /// greatest difference of a confidence if that is more.
  double difference(const Model& network) const {
    const auto landmarker = facerec::make_landmarker(network);
    double greatest = 0;
    for (const json& each : cases_) {
      const cv::Mat square = make_picture(each["picture"]);
      const cv::Point corner(16, 9);
      cv::Mat frame = cv::Mat::zeros(160, 180, CV_8UC3);
      square.copyTo(frame(cv::Rect(corner, square.size())));
      // The box that the profile's margin enlarges to the square.
      const auto side = static_cast<float>(square.rows);
      const float width = side / static_cast<float>(1 + 2 * network.profile.margin);
      const float height = 0.75F * width;
      const cv::Rect2f box(static_cast<float>(corner.x) + (side - width) / 2,
                           static_cast<float>(corner.y) + (side - height) / 2, width, height);
      const auto found = landmarker->locate(facerec::view_of(frame), box);
      const auto expected = points_of(each["points"]);
      if (found.points.size() != expected.size()) return INFINITY;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        // From edge to edge; a pixel's middle, not its edge, has whole coordinates.
        const cv::Point2f place =
            expected[i] * side + cv::Point2f(corner) - cv::Point2f(0.5F, 0.5F);
        greatest = std::max(greatest, cv::norm(found.points[i] - place) / side);
      }
      const double confidence = each.value("score", 1.);
      greatest = std::max(greatest, std::abs(found.confidence - confidence));
    }
    return greatest;
  }

  std::vector<json> cases_;
};

TEST_P(GoldenLandmarker, PointsLieWhereTheReferenceSeesThem) {
  EXPECT_LT(difference(model(Role::Landmarker)), 1e-4);
}

TEST_P(GoldenLandmarker, AnotherPreparationWouldBeSeen) {
  for (const Model& each : wrong(model(Role::Landmarker))) EXPECT_GT(difference(each), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(, GoldenLandmarker, testing::Values("pfld", "facerec-landmarks"),
                         test_name);

}  // namespace
