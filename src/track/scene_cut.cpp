// SPDX-License-Identifier: LGPL-2.1-or-later

#include "scene_cut.h"

#include <cmath>

#include "../sampling.h"

namespace facerec {
namespace {

const cv::Size picked(64, 36);
constexpr double least_correlation = 0.4;
constexpr double least_deviation = 8;  ///< of the pixels, of 255

}  // namespace

bool SceneCut::is_cut(const FrameView& frame) {
  cv::Mat now;
  pick_pixels(frame, picked).reshape(1, 1).convertTo(now, CV_32F);
  now -= cv::mean(now);
  now /= std::sqrt(picked.area());
  if (cv::norm(now) < least_deviation) return false;
  now /= cv::norm(now);
  const bool cut = !last_.empty() && now.dot(last_) < least_correlation;
  last_ = now;
  return cut;
}

}  // namespace facerec
