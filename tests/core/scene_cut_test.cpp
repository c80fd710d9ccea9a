// SPDX-License-Identifier: LGPL-2.1-or-later

#include "track/scene_cut.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace facerec {
namespace {

/// Smooth blobs, another picture for each seed, those of odd ones brighter.
cv::Mat scene(int seed) {
  cv::Mat picture(120, 160, CV_8UC3);
  cv::RNG(0x9E3779B97F4A7C15U * static_cast<std::uint64_t>(seed))
      .fill(picture, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(picture, picture, {0, 0}, 12);
  cv::normalize(picture, picture, 0, 160 + seed % 2 * 90, cv::NORM_MINMAX);
  return picture;
}

TEST(SceneCut, IsWhereAnotherSceneBegins) {
  SceneCut cut;
  EXPECT_FALSE(cut.is_cut(view_of(scene(1)))) << "the first frame";
  EXPECT_FALSE(cut.is_cut(view_of(scene(1))));
  EXPECT_TRUE(cut.is_cut(view_of(scene(2))));
  EXPECT_FALSE(cut.is_cut(view_of(scene(2))));
  cut.clear();
  EXPECT_FALSE(cut.is_cut(view_of(scene(1))));
}

TEST(SceneCut, IsNotWhereThePictureMovesOrTheLightChanges) {
  SceneCut cut;
  const cv::Mat picture = scene(3);
  cut.is_cut(view_of(picture));
  EXPECT_FALSE(cut.is_cut(view_of(cv::Mat(picture * 0.4))));
  cv::Mat noisy(picture.size(), picture.type());
  cv::randn(noisy, 0, 20);
  EXPECT_FALSE(cut.is_cut(view_of(cv::Mat(picture + noisy))));
  EXPECT_FALSE(cut.is_cut(view_of(picture(cv::Rect(4, 3, 150, 110)).clone())));
}

TEST(SceneCut, IsNotWhereTheCameraIsSwung) {
  SceneCut cut;
  cut.is_cut(view_of(scene(6)));
  cv::Mat swung;
  cv::flip(scene(6), swung, 1);
  EXPECT_FALSE(cut.is_cut(view_of(swung)));
}

TEST(SceneCut, IsNotFoundInFramesOfOneColour) {
  SceneCut cut;
  cut.is_cut(view_of(scene(4)));
  cv::Mat dark(120, 160, CV_8UC3, cv::Scalar(9, 9, 9)), noise(dark.size(), dark.type());
  cv::randu(noise, 0, 6);
  EXPECT_FALSE(cut.is_cut(view_of(dark)));
  EXPECT_FALSE(cut.is_cut(view_of(cv::Mat(dark + noise))));
  EXPECT_FALSE(cut.is_cut(view_of(scene(4)))) << "the camera is back";
  EXPECT_TRUE(cut.is_cut(view_of(scene(5))));
}

}  // namespace
}  // namespace facerec
