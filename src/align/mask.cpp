// SPDX-License-Identifier: LGPL-2.1-or-later

#include "mask.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "../error.h"

namespace facerec {

std::optional<Alignment> masked(Alignment alignment, const Landmarks& landmarks) {
  if (landmarks.scheme != LandmarkScheme::SixtyEight || landmarks.points.size() != 68)
    return std::nullopt;
  std::vector<cv::Point2f> aligned;
  aligned.reserve(landmarks.points.size());
  for (const cv::Point2f& point : landmarks.points)
    aligned.push_back(apply(alignment.transform, point));
  cv::convexHull(aligned, alignment.mask);
  return alignment;
}

void apply_mask(cv::Mat& picture, const std::vector<cv::Point2f>& mask) {
  if (mask.empty()) return;
  constexpr int bits = 8;          // after the point, of the polygon's coordinates
  constexpr float farthest = 1e5;  // pixels, so that they fit
  std::vector<cv::Point> polygon;
  polygon.reserve(mask.size());
  for (const cv::Point2f& point : mask) {
    polygon.emplace_back(cvRound(std::clamp(point.x, -farthest, farthest) * (1 << bits)),
                         cvRound(std::clamp(point.y, -farthest, farthest) * (1 << bits)));
  }
  cv::Mat outside(picture.size(), CV_8UC1, cv::Scalar(1));
  cv::fillConvexPoly(outside, polygon, cv::Scalar(0), cv::LINE_8, bits);
  picture.setTo(cv::Scalar::all(0), outside);
}

void require_mask_landmarks(LandmarkScheme found, const std::string& name) {
  if (found == LandmarkScheme::SixtyEight) return;
  throw Error(ErrorCode::Settings, "a mask needs 68 landmarks of a face and '" + name + "' gives " +
                                       std::to_string(point_count(found)) +
                                       ": set landmarks to pfld or dlib-68 (facerec models list "
                                       "shows which are there), or leave out the mask");
}

}  // namespace facerec
