// SPDX-License-Identifier: LGPL-2.1-or-later

#include "align/mask.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "frame_painter.h"
#include "model_fixtures.h"

using namespace facerec;

namespace {

/// 68 points on an ellipse, the first on its right.
Landmarks ellipse(cv::Point2f centre, cv::Size2f radii) {
  Landmarks landmarks{LandmarkScheme::SixtyEight, {}};
  for (int i = 0; i < 68; ++i) {
    const double angle = 2 * CV_PI * i / 68;
    landmarks.points.emplace_back(centre.x + radii.width * std::cos(angle),
                                  centre.y + radii.height * std::sin(angle));
  }
  return landmarks;
}

}  // namespace

TEST(Mask, IsTheHullOfTheAlignedLandmarks) {
  Landmarks landmarks = ellipse({200, 120}, {40, 60});
  for (int i = 20; i < 30; ++i) landmarks.points[i] = {200, 120};  // inside, so no corners of it
  const Alignment upright{{0.5F, 0, -60, 0, 0.5F, -20}, "arcface", {112, 112}};
  const auto alignment = masked(upright, landmarks);
  ASSERT_TRUE(alignment);
  EXPECT_EQ(alignment->transform, upright.transform);
  EXPECT_EQ(alignment->size, upright.size);
  EXPECT_EQ(alignment->mask.size(), 58U);
  for (const cv::Point2f& corner : alignment->mask) {
    EXPECT_NEAR(std::pow((corner.x - 40) / 20, 2) + std::pow((corner.y - 40) / 30, 2), 1, 1e-3);
  }
  for (const cv::Point2f& point : landmarks.points)
    EXPECT_GE(cv::pointPolygonTest(alignment->mask, apply(upright.transform, point), true), -1e-3);
}

TEST(Mask, TakesSixtyEightLandmarks) {
  const Alignment upright{{1, 0, 0, 0, 1, 0}, "arcface", {112, 112}};
  EXPECT_FALSE(masked(upright, {}));
  EXPECT_FALSE(masked(upright, {LandmarkScheme::Eyes, {{30, 40}, {70, 40}}}));
  EXPECT_FALSE(
      masked(upright, {LandmarkScheme::Five, {{30, 40}, {70, 40}, {50, 60}, {35, 80}, {65, 80}}}));
  require_mask_landmarks(LandmarkScheme::SixtyEight, "pfld");
  expect_error(ErrorCode::Settings, {"'eyes' gives 2", "68", "pfld", "dlib-68"},
               [] { require_mask_landmarks(LandmarkScheme::Eyes, "eyes"); });
}

TEST(Mask, BlackensWhatLiesOutsideAndNothingElse) {
  const cv::Mat picture = test::test_picture({60, 50}) + cv::Scalar::all(1);
  const std::vector<cv::Point2f> mask{{10.5F, 5}, {45, 8.5F}, {50, 40}, {12, 44}};
  cv::Mat seen = picture.clone();
  apply_mask(seen, mask);
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const double depth = cv::pointPolygonTest(mask, cv::Point2f(x, y), true);
      const auto& pixel = seen.at<cv::Vec3b>(y, x);
      if (depth >= 0) {
        EXPECT_EQ(pixel, picture.at<cv::Vec3b>(y, x)) << x << ' ' << y;
      }
      if (depth < -1) {
        EXPECT_EQ(pixel, cv::Vec3b()) << x << ' ' << y;
      }
    }
  }
}

TEST(Mask, ReachesBeyondThePictureOrIsNone) {
  const cv::Mat picture = test::test_picture({60, 50});
  const std::vector<cv::Point2f> masks[] = {
      {}, {{-1e30F, -1e30F}, {1e30F, -1e30F}, {1e30F, 1e30F}, {-1e30F, 1e30F}}};
  for (const auto& mask : masks) {
    cv::Mat seen = picture.clone();
    apply_mask(seen, mask);
    EXPECT_EQ(test::worst_difference(seen, picture), 0);
  }
}
