// SPDX-License-Identifier: LGPL-2.1-or-later

#include "scene_cut.h"

#include <utility>

#include "../sampling.h"

namespace facerec {
namespace {

const cv::Size picked(64, 36);
constexpr double least_correlation = 0.4;
// Of 255:
constexpr double least_deviation = 8;
constexpr double greatest_difference = 6;

double correlation(const SceneCut::Pixels& a, const SceneCut::Pixels& b) {
  const double count = static_cast<double>(a.values.total());
  const double covariance = a.values.dot(b.values) / count - a.mean * b.mean;
  return covariance / (a.deviation * b.deviation);
}

double difference_when_sorted(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat sorted_a, sorted_b;
  cv::sort(a.reshape(1, 1), sorted_a, cv::SORT_EVERY_ROW);
  cv::sort(b.reshape(1, 1), sorted_b, cv::SORT_EVERY_ROW);
  return cv::norm(sorted_a, sorted_b, cv::NORM_L1) / static_cast<double>(a.total());
}

}  // namespace

bool SceneCut::is_cut(const FrameView& frame) {
  pick_pixels(frame, picked, now_.values);
  cv::Scalar mean, deviation;
  cv::meanStdDev(now_.values, mean, deviation);
  now_.mean = mean[0];
  now_.deviation = deviation[0];
  if (now_.deviation < least_deviation) return false;
  const bool cut = is_known_ && correlation(now_, last_) < least_correlation &&
                   difference_when_sorted(now_.values, last_.values) > greatest_difference;
  std::swap(now_, last_);
  is_known_ = true;
  return cut;
}

}  // namespace facerec
