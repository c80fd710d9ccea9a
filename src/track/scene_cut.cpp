// SPDX-License-Identifier: LGPL-2.1-or-later

#include "scene_cut.h"

#include <opencv2/imgproc.hpp>

#include "../sampling.h"

namespace facerec {
namespace {

const cv::Size picked(64, 36);
constexpr double least_correlation = 0.4;
// Of 255:
constexpr double least_deviation = 8;
constexpr double greatest_difference = 6;

double correlation(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat result;
  cv::matchTemplate(a, b, result, cv::TM_CCOEFF_NORMED);
  return result.at<float>(0);
}

double difference_when_sorted(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat sorted_a, sorted_b;
  cv::sort(a, sorted_a, cv::SORT_EVERY_ROW);
  cv::sort(b, sorted_b, cv::SORT_EVERY_ROW);
  return cv::norm(sorted_a, sorted_b, cv::NORM_L1) / static_cast<double>(a.total());
}

}  // namespace

bool SceneCut::is_cut(const FrameView& frame) {
  cv::Mat picture;
  pick_pixels(frame, picked, picture);
  const cv::Mat now = picture.reshape(1, 1);
  cv::Scalar mean, deviation;
  cv::meanStdDev(now, mean, deviation);
  if (deviation[0] < least_deviation) return false;
  const bool cut = !last_.empty() && correlation(now, last_) < least_correlation &&
                   difference_when_sorted(now, last_) > greatest_difference;
  last_ = now;
  return cut;
}

}  // namespace facerec
