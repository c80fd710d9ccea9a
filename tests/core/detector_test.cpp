// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/detect/detector.h"

#include <cmath>

#include "model_fixtures.h"

using facerec::DetectOptions;
using facerec::Detector;
using facerec::ErrorCode;
using facerec::Face;

namespace {

/// Says what it is told to.
class Scripted : public Detector {
 public:
  explicit Scripted(std::vector<Face> faces) : faces_(std::move(faces)) {}
  float asked = 0;

 private:
  std::vector<Face> find(const facerec::FrameView&, const DetectOptions& options) override {
    asked = options.threshold;
    return faces_;
  }
  float default_threshold() const override { return 0.5F; }
  std::vector<Face> faces_;
};

const cv::Mat frame = cv::Mat::zeros(100, 200, CV_8UC3);

Face face(cv::Rect2f box, float confidence) {
  return {box, confidence, {}};
}

TEST(Detector, BoxesAreClippedFiniteAndNotEmpty) {
  const float nan = std::nanf("");
  Scripted detector({face({-10, -10, 30, 30}, 0.9F), face({190, 90, 50, 50}, 0.8F),
                     face({300, 20, 10, 10}, 0.9F), face({nan, 0, 10, 10}, 0.9F),
                     face({0, 0, INFINITY, 10}, 0.9F), face({5, 5, -3, 10}, 0.9F),
                     face({5, 5, 10, 10}, nan), face({5, 5, 10, 10}, 0.4F)});
  const auto faces = detector.detect(facerec::view_of(frame), {});
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_EQ(faces[0].box, cv::Rect2f(0, 0, 20, 20));
  EXPECT_EQ(faces[1].box, cv::Rect2f(190, 90, 10, 10));
}

TEST(Detector, LessThanAPixelIsNoFace) {
  Scripted detector({face({5, 5, 1e-25F, 1e-25F}, 0.9F), face({199.5F, 0, 10, 10}, 0.9F),
                     face({5, 5, 0.9F, 10}, 0.9F), face({5, 5, 1, 1}, 0.8F)});
  const auto faces = detector.detect(facerec::view_of(frame), {});
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].box, cv::Rect2f(5, 5, 1, 1));
}

TEST(Detector, TheThresholdIsTheMethodsUnlessGiven) {
  Scripted detector({face({0, 0, 10, 10}, 0.4F), face({20, 0, 10, 10}, 1.2F)});
  auto faces = detector.detect(facerec::view_of(frame), {});
  EXPECT_EQ(detector.asked, 0.5F);
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].confidence, 1.F);
  DetectOptions options;
  options.threshold = 0.3F;
  EXPECT_EQ(detector.detect(facerec::view_of(frame), options).size(), 2U);
  EXPECT_EQ(detector.asked, 0.3F);
}

TEST(Detector, TheLargestAreKeptAndTheSurestComeFirst) {
  Scripted detector({face({0, 0, 40, 40}, 0.6F), face({50, 0, 10, 10}, 0.9F),
                     face({70, 0, 30, 30}, 0.8F), face({110, 0, 20, 20}, 0.7F)});
  DetectOptions options;
  options.max_faces = 2;
  const auto faces = detector.detect(facerec::view_of(frame), options);
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_EQ(faces[0].box.width, 30);
  EXPECT_EQ(faces[1].box.width, 40);
  options.max_faces = 0;
  options.min_size = 20;
  EXPECT_EQ(detector.detect(facerec::view_of(frame), options).size(), 3U);
}

TEST(Detector, LandmarksThatAreNotFiniteAreDropped) {
  Face broken = face({0, 0, 10, 10}, 0.9F);
  broken.landmarks = {facerec::LandmarkScheme::Eyes, {{1, 1}, {NAN, 2}}};
  const auto faces = Scripted({broken}).detect(facerec::view_of(frame), {});
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_EQ(faces[0].landmarks.scheme, facerec::LandmarkScheme::None);
  EXPECT_TRUE(faces[0].landmarks.points.empty());
}

TEST(Detector, UnknownMethodsListTheKnownOnes) {
  facerec::Model model;
  model.profile.name = "p";
  model.profile.method = "magic";
  expect_error(ErrorCode::Settings, {"'magic'", "yunet", "ssd", "haar"},
               [&] { facerec::make_detector(model); });
}

}  // namespace
