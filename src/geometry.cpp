// SPDX-License-Identifier: LGPL-2.1-or-later

#include "geometry.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace facerec {
namespace {

cv::Point2f mean_point(const std::vector<cv::Point2f>& points, int first, int last) {
  cv::Point2f sum;
  for (int i = first; i <= last; ++i) sum += points[i];
  return sum / static_cast<float>(last - first + 1);
}

bool has_all_points(const Landmarks& landmarks) {
  return static_cast<int>(landmarks.points.size()) == point_count(landmarks.scheme);
}

}  // namespace

int point_count(LandmarkScheme scheme) {
  switch (scheme) {
    case LandmarkScheme::None:
      return 0;
    case LandmarkScheme::Eyes:
      return 2;
    case LandmarkScheme::Five:
      return 5;
    case LandmarkScheme::SixtyEight:
      return 68;
  }
  return 0;
}

std::optional<std::array<cv::Point2f, 5>> five_points(const Landmarks& landmarks) {
  if (!has_all_points(landmarks)) return std::nullopt;
  const auto& p = landmarks.points;
  switch (landmarks.scheme) {
    case LandmarkScheme::Five:
      return {{p[0], p[1], p[2], p[3], p[4]}};
    case LandmarkScheme::SixtyEight:
      return {{mean_point(p, 36, 41), mean_point(p, 42, 47), p[30], p[48], p[54]}};
    default:
      return std::nullopt;
  }
}

std::optional<std::array<cv::Point2f, 2>> eye_centres(const Landmarks& landmarks) {
  if (landmarks.scheme == LandmarkScheme::Eyes && has_all_points(landmarks))
    return {{landmarks.points[0], landmarks.points[1]}};
  if (const auto five = five_points(landmarks)) return {{(*five)[0], (*five)[1]}};
  return std::nullopt;
}

float roll_of(const Landmarks& landmarks) {
  const auto eyes = eye_centres(landmarks);
  if (!eyes) return NAN;
  const cv::Point2f line = (*eyes)[1] - (*eyes)[0];
  return static_cast<float>(std::atan2(line.y, line.x) * 180 / CV_PI);
}

std::optional<Affine> estimate_similarity(const std::vector<cv::Point2f>& from,
                                          const std::vector<cv::Point2f>& to) {
  CV_Assert(from.size() == to.size() && from.size() >= 2);
  cv::Point2d from_mean;
  cv::Point2d to_mean;
  for (std::size_t i = 0; i < from.size(); ++i) {
    from_mean += cv::Point2d(from[i]);
    to_mean += cv::Point2d(to[i]);
  }
  from_mean /= static_cast<double>(from.size());
  to_mean /= static_cast<double>(to.size());

  // In the plane the best rotation and scale are one complex number: sum(conj(f) t) / sum(|f|^2).
  double spread = 0;
  double real = 0;
  double imaginary = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const cv::Point2d f = cv::Point2d(from[i]) - from_mean;
    const cv::Point2d t = cv::Point2d(to[i]) - to_mean;
    spread += f.dot(f);
    real += f.dot(t);
    imaginary += f.cross(t);
  }
  real /= spread;
  imaginary /= spread;
  // Far below what landmarks can resolve: points nearer than this coincide.
  constexpr double least_spread = 1e-6;
  if (!(spread > least_spread) || !std::isfinite(real) || !std::isfinite(imaginary) ||
      (real == 0 && imaginary == 0))
    return std::nullopt;

  const double x = to_mean.x - real * from_mean.x + imaginary * from_mean.y;
  const double y = to_mean.y - imaginary * from_mean.x - real * from_mean.y;
  return Affine(static_cast<float>(real), static_cast<float>(-imaginary), static_cast<float>(x),
                static_cast<float>(imaginary), static_cast<float>(real), static_cast<float>(y));
}

Affine after_turning(const Affine& transform, cv::Point2f middle, float roll) {
  const cv::Mat turn = cv::getRotationMatrix2D(middle, roll, 1);
  const cv::Matx33d whole(turn.at<double>(0, 0), turn.at<double>(0, 1), turn.at<double>(0, 2),  //
                          turn.at<double>(1, 0), turn.at<double>(1, 1), turn.at<double>(1, 2),  //
                          0, 0, 1);
  return cv::Matx23d(transform) * whole;
}

cv::Point2f apply(const Affine& transform, cv::Point2f point) {
  const cv::Vec2f mapped = transform * cv::Vec3f(point.x, point.y, 1);
  return {mapped[0], mapped[1]};
}

Affine invert(const Affine& transform) {
  cv::Matx23d inverse;
  cv::invertAffineTransform(cv::Matx23d(transform), inverse);
  return inverse;
}

cv::Point2f middle_of(const cv::Rect2f& box) {
  return {box.x + (box.width - 1) / 2, box.y + (box.height - 1) / 2};
}

/// The length from `begin` on that does not reach beyond `end`, however exactly they are added.
static float length_to(float begin, float end) {
  const float length = end - begin;
  return static_cast<double>(begin) + length > end ? std::nextafter(length, 0.F) : length;
}

cv::Rect2f clip(const cv::Rect2f& box, cv::Size size) {
  const float left = std::max(box.x, 0.f);
  const float top = std::max(box.y, 0.f);
  const float right = std::min(box.x + box.width, static_cast<float>(size.width));
  const float bottom = std::min(box.y + box.height, static_cast<float>(size.height));
  const bool finite = std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
                      std::isfinite(box.height);
  if (!finite || !(right > left) || !(bottom > top)) return {};
  return {left, top, length_to(left, right), length_to(top, bottom)};
}

float overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float shared = (a & b).area();
  const float all = a.area() + b.area() - shared;
  return all > 0 ? shared / all : 0.f;
}

}  // namespace facerec
