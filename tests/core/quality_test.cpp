// SPDX-License-Identifier: LGPL-2.1-or-later

#include "align/quality.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "align/template.h"

using namespace facerec;

namespace {

/// Five points of a head that is turned about its vertical axis and tilted in the picture.
Face face_at(double yaw, double roll, double eye_distance) {
  const double y = yaw * CV_PI / 180;
  const double r = roll * CV_PI / 180;
  // Right, down, forward; in distances between the eyes.
  const cv::Point3d head[] = {
      {-0.5, 0, 0}, {0.5, 0, 0}, {0, 0.55, 0.42}, {-0.42, 1.1, 0.1}, {0.42, 1.1, 0.1}};
  Face face;
  face.landmarks.scheme = LandmarkScheme::Five;
  for (const cv::Point3d& p : head) {
    const double x = p.x * std::cos(y) + p.z * std::sin(y);
    face.landmarks.points.emplace_back(100 + eye_distance * (x * std::cos(r) - p.y * std::sin(r)),
                                       80 + eye_distance * (x * std::sin(r) + p.y * std::cos(r)));
  }
  return face;
}

Quality quality_of(const FrameView& frame, const Face& face) {
  Sampler sampler;
  return measure_quality(frame, face, sampler);
}

/// Squares of many shades, ten pixels wide.
cv::Mat patchwork() {
  cv::Mat squares(20, 20, CV_8UC3);
  cv::RNG(3).fill(squares, cv::RNG::UNIFORM, 0, 255);
  cv::Mat picture;
  cv::resize(squares, picture, {200, 200}, 0, 0, cv::INTER_NEAREST);
  return picture;
}

}  // namespace

TEST(Quality, TellsPose) {
  const cv::Mat picture = patchwork();
  for (const double yaw : {-40., -15., 0., 25.}) {
    for (const double roll : {-30., 0., 20.}) {
      const Quality quality = quality_of(view_of(picture), face_at(yaw, roll, 40));
      EXPECT_NEAR(quality.roll, roll, 0.1);
      EXPECT_NEAR(quality.yaw, yaw, 3) << roll;
      EXPECT_NEAR(quality.eye_distance, 40 * std::cos(yaw * CV_PI / 180), 0.1);
    }
  }
}

TEST(Quality, SharpnessFallsAsThePictureIsBlurred) {
  cv::Mat picture = patchwork();
  float before = INFINITY;
  for (const double sigma : {0.5, 1., 2., 4.}) {
    cv::Mat blurred;
    cv::GaussianBlur(picture, blurred, {}, sigma);
    const float sharpness = quality_of(view_of(blurred), face_at(0, 0, 35)).sharpness;
    EXPECT_LT(sharpness, before * 0.8F);
    EXPECT_GT(sharpness, 0);
    before = sharpness;
  }
}

TEST(Quality, SharpnessDoesNotDependOnContrast) {
  cv::Mat picture;
  cv::GaussianBlur(patchwork(), picture, {}, 1);
  cv::Mat faint;
  picture.convertTo(faint, -1, 0.4, 70);
  const Face face = face_at(0, 0, 35);
  EXPECT_NEAR(
      quality_of(view_of(faint), face).sharpness / quality_of(view_of(picture), face).sharpness, 1,
      0.15);  // a faint picture has coarser steps
  const cv::Mat flat(200, 200, CV_8UC3, cv::Scalar::all(90));
  EXPECT_EQ(quality_of(view_of(flat), face).sharpness, 0);
}

TEST(Quality, IsUnknownWhereLandmarksDoNotTell) {
  const cv::Mat picture = patchwork();
  Face face = face_at(0, 10, 40);
  face.landmarks.scheme = LandmarkScheme::Eyes;
  face.landmarks.points.resize(2);
  const Quality eyes = quality_of(view_of(picture), face);
  EXPECT_NEAR(eyes.roll, 10, 0.1);
  EXPECT_TRUE(std::isnan(eyes.yaw));
  EXPECT_FALSE(std::isnan(eyes.sharpness));

  const Quality none = quality_of(view_of(picture), Face{{10, 10, 50, 50}, 1, {}});
  EXPECT_TRUE(std::isnan(none.eye_distance));
  EXPECT_TRUE(std::isnan(none.roll));
  EXPECT_TRUE(std::isnan(none.yaw));
  EXPECT_TRUE(std::isnan(none.sharpness));
}
