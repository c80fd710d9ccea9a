// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sampling.h"

#include <gtest/gtest.h>

#include "frame_painter.h"
#include "sampled.h"

using namespace facerec;
using namespace facerec::test;

namespace {

const Affine identity(1, 0, 0, 0, 1, 0);

cv::Mat gray_of(const cv::Mat& bgr) {
  cv::Mat gray;
  cv::cvtColor(bgr, gray, cv::COLOR_BGR2GRAY);
  return gray;
}

/// What a frame of the format can hold of a picture.
cv::Mat expected_bgr(const cv::Mat& bgr, const PixelFormat* format) {
  if (format->model != ColourModel::Gray) return bgr;
  cv::Mat gray;
  cv::cvtColor(gray_of(bgr), gray, cv::COLOR_GRAY2BGR);
  return gray;
}

cv::Mat area_scaled(const cv::Mat& picture, cv::Size size) {
  cv::Mat scaled;
  cv::resize(picture, scaled, size, 0, 0, cv::INTER_AREA);
  return scaled;
}

class EveryFormat : public testing::TestWithParam<const PixelFormat*> {};

INSTANTIATE_TEST_SUITE_P(Sampling, EveryFormat, testing::ValuesIn(all_formats),
                         [](const auto& info) { return name_of(info.param); });

}  // namespace

TEST_P(EveryFormat, IsThePictureAtEqualSize) {
  const cv::Mat picture = test_picture({64, 48});
  const OwnedFrame frame = paint(picture, GetParam());
  EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), picture.size()),
                             expected_bgr(picture, GetParam())),
            5);
  EXPECT_LE(worst_difference(scale_to_gray(frame.view(), picture.size()), gray_of(picture)), 2);
}

TEST_P(EveryFormat, IgnoresWhatPadsTheRows) {
  const cv::Mat picture = test_picture({37, 21});
  const OwnedFrame tight = paint(picture, GetParam());
  const OwnedFrame padded = paint(picture, GetParam(), 29);
  const Affine turned(0.8f, -0.3f, 3, 0.3f, 0.8f, 5);
  for (const cv::Size size : {cv::Size(37, 21), cv::Size(16, 16), cv::Size(50, 60)}) {
    EXPECT_EQ(worst_difference(scale_to_bgr(tight.view(), size), scale_to_bgr(padded.view(), size)),
              0);
    EXPECT_EQ(worst_difference(warp_to_bgr(tight.view(), turned, size),
                               warp_to_bgr(padded.view(), turned, size)),
              0);
  }
}

TEST_P(EveryFormat, ShrinksAndGrowsAsOpenCvDoesAfterConversion) {
  const cv::Mat picture = test_picture({120, 80}, 3);
  const OwnedFrame frame = paint(picture, GetParam());
  const cv::Mat expected = expected_bgr(picture, GetParam());
  for (const cv::Size size : {cv::Size(60, 40), cv::Size(50, 31), cv::Size(7, 5)})
    EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), size), area_scaled(expected, size)), 4)
        << size;

  cv::Mat grown;
  cv::resize(expected, grown, {200, 150}, 0, 0, cv::INTER_LINEAR);
  EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), grown.size()), grown), 5);

  cv::Mat taller;  // narrower by a half, and taller: averaged along one axis only
  cv::resize(area_scaled(expected, {60, 80}), taller, {60, 96}, 0, 0, cv::INTER_LINEAR);
  EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), taller.size()), taller), 5);
}

TEST_P(EveryFormat, HandlesOddAndTinySizes) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(1, 2), cv::Size(2, 1), cv::Size(3, 3),
                              cv::Size(5, 1), cv::Size(1, 7), cv::Size(33, 17)}) {
    const cv::Mat picture = test_picture(size, 0);
    const OwnedFrame frame = paint(picture, GetParam(), 3);
    const cv::Mat expected = expected_bgr(picture, GetParam());
    // Tiny sizes hold steep colours, of which subsampling keeps only the mean.
    const double tolerance = size.area() > 100 ? 6 : 45;
    EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), size), expected), tolerance) << size;
    EXPECT_LE(worst_difference(warp_to_bgr(frame.view(), identity, size), expected), tolerance)
        << size;
    EXPECT_LE(worst_difference(scale_to_gray(frame.view(), size), gray_of(picture)), 2) << size;
    EXPECT_EQ(scale_to_bgr(frame.view(), {16, 9}).size(), cv::Size(16, 9));
    EXPECT_EQ(scale_to_bgr(frame.view(), {1, 1}).size(), cv::Size(1, 1));
  }
}

TEST_P(EveryFormat, WarpsAsOpenCvDoesAfterConversion) {
  const cv::Mat picture = test_picture({90, 70});
  const OwnedFrame frame = paint(picture, GetParam());
  const cv::Mat expected = expected_bgr(picture, GetParam());
  const Affine transforms[] = {
      identity,
      {0.8f, -0.6f, 20, 0.6f, 0.8f, -25},  // a turn without a change of scale
      {1.7f, 0.4f, -30, -0.4f, 1.7f, 10},  // grows
      {1, 0, 13.25f, 0, 1, -7.5f},         // reaches beyond the frame's edges
  };
  for (const Affine& transform : transforms) {
    cv::Mat reference;
    cv::warpAffine(expected, reference, transform, {64, 64}, cv::INTER_LINEAR);
    EXPECT_LE(worst_difference(warp_to_bgr(frame.view(), transform, {64, 64}), reference), 8)
        << transform;
    EXPECT_LE(worst_difference(warp_to_gray(frame.view(), transform, {64, 64}), gray_of(reference)),
              6)
        << transform;
  }
}

TEST_P(EveryFormat, IsBlackOutsideTheFrame) {
  const OwnedFrame frame = paint(test_picture({40, 30}), GetParam());
  const Affine beside(1, 0, 20, 0, 1, 0);
  const cv::Mat warped = warp_to_bgr(frame.view(), beside, {40, 30});
  EXPECT_EQ(cv::countNonZero(gray_of(warped.colRange(0, 19))), 0);
  EXPECT_GT(cv::mean(gray_of(warped.colRange(21, 40)))[0], 60);

  for (const float offset : {400.f, -400.f, 1e9f, 1e30f, INFINITY, NAN}) {
    const Affine far(1, 0, offset, 0, 1, 0);
    EXPECT_EQ(cv::countNonZero(gray_of(warp_to_bgr(frame.view(), far, {8, 8}))), 0) << offset;
    EXPECT_EQ(cv::countNonZero(warp_to_gray(frame.view(), far, {8, 8})), 0) << offset;
  }
}

TEST_P(EveryFormat, AveragesWhereTheTransformShrinks) {
  cv::Mat checkers(240, 320, CV_8UC3);
  for (int y = 0; y < checkers.rows; ++y)
    for (int x = 0; x < checkers.cols; ++x)
      checkers.at<cv::Vec3b>(y, x) = (x + y) % 2 ? cv::Vec3b(255, 255, 255) : cv::Vec3b(0, 0, 0);
  const OwnedFrame frame = paint(checkers, GetParam());
  const cv::Mat scaled = scale_to_bgr(frame.view(), {64, 48});
  EXPECT_LE(worst_difference(scaled, cv::Mat(scaled.size(), CV_8UC3, cv::Scalar::all(127))), 7);

  const float cosine = 0.2f * std::cos(0.5f);
  const float sine = 0.2f * std::sin(0.5f);
  const Affine turned(cosine, -sine, 10, sine, cosine, -20);  // five pixels to one
  const cv::Mat warped = warp_to_bgr(frame.view(), turned, {24, 24});
  EXPECT_LE(worst_difference(warped, cv::Mat(warped.size(), CV_8UC3, cv::Scalar::all(127))), 12);
}

TEST_P(EveryFormat, ShrinksAboutTheRightPlace) {
  const cv::Mat picture = test_picture({401, 299}, 0);
  const OwnedFrame frame = paint(picture, GetParam());
  const cv::Mat expected = expected_bgr(picture, GetParam());
  const Affine shrinking(0.13f, -0.03f, 7, 0.03f, 0.13f, -5);
  const cv::Mat warped = warp_to_bgr(frame.view(), shrinking, {40, 30});
  const Affine back = invert(shrinking);
  for (int y = 0; y < warped.rows; ++y) {
    for (int x = 0; x < warped.cols; ++x) {
      const cv::Point2f at = apply(back, cv::Point2f(x, y));
      if (at.x < 8 || at.y < 8 || at.x > 392 || at.y > 290) continue;
      const auto& seen = warped.at<cv::Vec3b>(y, x);
      const auto& meant = expected.at<cv::Vec3b>(cvRound(at.y), cvRound(at.x));
      EXPECT_LE(cv::norm(cv::Vec3d(seen) - cv::Vec3d(meant), cv::NORM_INF), 3) << x << " " << y;
    }
  }
}

TEST_P(EveryFormat, GivesPlanesThatAreBlackUpToTheCanvas) {
  const OwnedFrame frame = paint(test_picture({64, 48}), GetParam());
  for (const cv::Size size : {cv::Size(32, 24), cv::Size(31, 23)}) {
    Sampler sampler;
    const BgrPlanes planes = sampler.scale_to_planes(frame.view(), size, {40, 32});
    cv::Mat picture;
    cv::merge(planes.data(), planes.size(), picture);
    ASSERT_EQ(picture.size(), cv::Size(40, 32));
    EXPECT_EQ(worst_difference(picture({{}, size}), scale_to_bgr(frame.view(), size)), 0);
    EXPECT_EQ(cv::norm(picture.colRange(size.width, 40), cv::NORM_INF), 0);
    EXPECT_EQ(cv::norm(picture.rowRange(size.height, 32), cv::NORM_INF), 0);
  }
}

TEST_P(EveryFormat, LeavesNothingInTheNextPicture) {
  const OwnedFrame frame = paint(test_picture({64, 48}), GetParam());
  const Affine turned(0.8f, -0.3f, 3, 0.3f, 0.8f, 5);
  Sampler sampler;
  for (const cv::Size size : {cv::Size(50, 60), cv::Size(16, 16), cv::Size(64, 48)}) {
    EXPECT_EQ(worst_difference(sampler.scale_to_bgr(frame.view(), size),
                               scale_to_bgr(frame.view(), size)),
              0);
    EXPECT_EQ(worst_difference(sampler.warp_to_bgr(frame.view(), turned, size),
                               warp_to_bgr(frame.view(), turned, size)),
              0);
    EXPECT_EQ(worst_difference(sampler.scale_to_gray(frame.view(), size),
                               scale_to_gray(frame.view(), size)),
              0);
  }
}

TEST_P(EveryFormat, PicksPixelsAsTheyAreStored) {
  cv::Mat gray = gray_of(test_picture({37, 21}));
  cv::Mat picture;
  cv::cvtColor(gray, picture, cv::COLOR_GRAY2BGR);
  const OwnedFrame frame = paint(picture, GetParam(), 29);
  cv::Mat picked;
  pick_pixels(frame.view(), picture.size(), picked);
  cv::Mat correlation;
  cv::matchTemplate(picked, gray, correlation, cv::TM_CCOEFF_NORMED);
  EXPECT_GT(correlation.at<float>(0), 0.999F);
  pick_pixels(frame.view(), {64, 36}, picked);
  EXPECT_EQ(picked.size(), cv::Size(64, 36));
}

TEST(Sampling, PlacesChromaBetweenTheLumaThatSharesIt) {
  cv::Mat ramp(32, 32, CV_8UC3);
  for (int y = 0; y < ramp.rows; ++y)
    for (int x = 0; x < ramp.cols; ++x)
      ramp.at<cv::Vec3b>(y, x) = cv::Vec3b(5 * x + 40, 100, 220 - 5 * y);
  const cv::Rect inner(2, 2, 28, 28);
  for (const char* format : {"I420", "NV12", "YUY2", "NV21", "Y42B", "P010_10LE", "I420_10BE"}) {
    const OwnedFrame frame = paint(ramp, format_of(format));
    for (const cv::Mat& seen : {scale_to_bgr(frame.view(), ramp.size()),
                                warp_to_bgr(frame.view(), identity, ramp.size())}) {
      const cv::Scalar bias = cv::mean(seen(inner)) - cv::mean(ramp(inner));
      for (int channel = 0; channel < 3; ++channel) EXPECT_NEAR(bias[channel], 0, 0.6);
    }
  }
}

TEST(Sampling, AgreesWithOpenCvOnY420) {
  const cv::Mat picture = test_picture({64, 48});
  const cv::Mat small = area_scaled(picture, {32, 24});
  cv::Mat packed;
  cv::cvtColor(picture, packed, cv::COLOR_BGR2YUV_I420);
  FrameView view;
  view.format = format_of("I420");
  view.width = 64;
  view.height = 48;
  const std::uint8_t* data = packed.data;
  view.planes = {{{data, 64}, {data + 64 * 48, 32}, {data + 64 * 48 * 5 / 4, 32}}};
  cv::Mat reference;
  cv::cvtColor(packed, reference, cv::COLOR_YUV2BGR_I420);
  EXPECT_LE(worst_difference(scale_to_bgr(view, view.size()), reference), 6);
  EXPECT_LE(worst_difference(scale_to_bgr(view, {32, 24}), area_scaled(reference, {32, 24})), 4);
}

TEST(Sampling, FollowsMatrixAndRange) {
  const cv::Mat picture = test_picture({32, 32});
  for (const char* format : {"I420", "NV12", "YUY2", "NV21", "Y42B", "P010_10LE", "I420_10BE"}) {
    for (const YuvMatrix matrix : {YuvMatrix::Bt601, YuvMatrix::Bt709, YuvMatrix::Bt2020}) {
      for (const bool full_range : {false, true}) {
        OwnedFrame frame = paint(picture, format_of(format), 0, matrix, full_range);
        EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), picture.size()), picture), 6);
      }
    }
  }
  const cv::Mat dark(16, 16, CV_8UC3, cv::Scalar::all(50));
  OwnedFrame gray = paint(dark, format_of("GRAY8"));
  EXPECT_LE(worst_difference(scale_to_bgr(gray.view(), dark.size()), dark), 1);
  gray.view().full_range = true;
  EXPECT_GT(worst_difference(scale_to_bgr(gray.view(), dark.size()), dark), 7);

  cv::Mat red(16, 16, CV_8UC3, cv::Scalar(20, 40, 220));
  OwnedFrame frame = paint(red, format_of("I420"), 0, YuvMatrix::Bt709);
  EXPECT_LE(worst_difference(scale_to_bgr(frame.view(), red.size()), red), 3);
  frame.view().matrix = YuvMatrix::Bt601;
  EXPECT_GT(worst_difference(scale_to_bgr(frame.view(), red.size()), red), 15);
}

TEST(Sampling, ResultIsIndependentOfTheFrame) {
  cv::Mat picture = test_picture({20, 20});
  const cv::Mat before = picture.clone();
  const cv::Mat scaled = scale_to_bgr(view_of(picture), picture.size());
  cv::Mat gray = gray_of(picture);
  const cv::Mat scaled_gray = scale_to_gray(view_of(gray), gray.size());
  picture.setTo(0);
  gray.setTo(0);
  EXPECT_EQ(worst_difference(scaled, before), 0);
  EXPECT_EQ(worst_difference(scaled_gray, gray_of(before)), 0);
}
