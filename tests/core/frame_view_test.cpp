// SPDX-License-Identifier: LGPL-2.1-or-later

#include "frame_view.h"

#include <gtest/gtest.h>

using namespace facerec;

TEST(FrameView, PointsIntoTheImage) {
  cv::Mat image(6, 8, CV_8UC3, cv::Scalar(1, 2, 3));
  const cv::Mat part = image(cv::Rect(2, 1, 4, 3));
  const FrameView view = view_of(part);
  EXPECT_EQ(view.format, find_pixel_format("BGR"));
  EXPECT_EQ(view.size(), cv::Size(4, 3));
  EXPECT_EQ(view.planes[0].data, image.ptr(1) + 6);
  EXPECT_EQ(view.planes[0].stride, 24U);
}

TEST(FrameView, GrayImagesUseTheFullRange) {
  const cv::Mat image(5, 7, CV_8UC1, cv::Scalar(9));
  const FrameView view = view_of(image);
  EXPECT_EQ(view.format, find_pixel_format("GRAY8"));
  EXPECT_TRUE(view.full_range);
}

TEST(FrameView, RefusesOtherDepths) {
  EXPECT_THROW(view_of(cv::Mat(4, 4, CV_16UC3)), cv::Exception);
}
