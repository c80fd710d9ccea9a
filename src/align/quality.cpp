// SPDX-License-Identifier: LGPL-2.1-or-later

#include "quality.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

#include "../sampling.h"
#include "align.h"

namespace facerec {
namespace {

/// How far the nose tip lies before the eyes, in distances between the eyes. Measured with YuNet's
/// points on LFW photos: as heads turn, the offset of the nose and the eyes' distance as a part of
/// the face's height change together, and how fast gives this number.
constexpr double nose_depth = 0.42;
constexpr double degrees = 180 / CV_PI;

/// The yaw at which a nose tip that lies before the middle between the eyes is seen so far beside
/// it: the distance between the eyes shrinks with the yaw's cosine, the offset grows with its sine.
double yaw_of(const std::array<cv::Point2f, 5>& five) {
  const cv::Point2d eyes = five[1] - five[0];
  const cv::Point2d nose = cv::Point2d(five[2]) - 0.5 * cv::Point2d(five[0] + five[1]);
  return std::atan(nose.dot(eyes) / eyes.dot(eyes) / nose_depth) * degrees;
}

/// Where eyes, nose and mouth lie in an aligned face of 112x112: no background, little hair.
const cv::Rect inner_face(26, 38, 60, 66);

double sharpness_of(const cv::Mat& luma) {
  cv::Mat edges;
  cv::Laplacian(luma, edges, CV_16S);
  cv::Scalar mean;
  cv::Scalar edge_deviation;
  cv::Scalar luma_deviation;
  cv::meanStdDev(edges(inner_face), mean, edge_deviation);
  cv::meanStdDev(luma(inner_face), mean, luma_deviation);
  if (luma_deviation[0] == 0) return 0;
  const double ratio = edge_deviation[0] / luma_deviation[0];
  return ratio * ratio;
}

}  // namespace

Quality measure_quality(const FrameView& frame, const Face& face) {
  Quality quality;
  const auto eyes = eye_centres(face.landmarks);
  const auto alignment = align(face, "arcface", {112, 112}, 0);
  if (!eyes || !alignment) return quality;

  const cv::Point2f line = (*eyes)[1] - (*eyes)[0];
  quality.eye_distance = static_cast<float>(cv::norm(line));
  quality.roll = roll_of(face.landmarks);
  if (const auto five = five_points(face.landmarks))
    quality.yaw = static_cast<float>(yaw_of(*five));
  const cv::Mat luma = warp_to_gray(frame, alignment->transform, alignment->size);
  quality.sharpness = static_cast<float>(sharpness_of(luma));
  quality.brightness = static_cast<float>(cv::mean(luma(inner_face))[0] / 255);
  return quality;
}

}  // namespace facerec
