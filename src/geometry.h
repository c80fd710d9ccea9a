// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace facerec {

/// 2x3 matrix that maps a point (x, y, 1). Where it describes an aligned face it maps pixels of
/// the frame to pixels of the aligned picture. Pixel centres lie at integer coordinates.
using Affine = cv::Matx23f;

enum class LandmarkScheme {
  None,
  Eyes,        ///< 2 points: right eye, left eye (the subject's, so image left comes first)
  Five,        ///< right eye, left eye, nose tip, right mouth corner, left mouth corner
  SixtyEight,  ///< iBUG 300-W order
};

struct Landmarks {
  LandmarkScheme scheme = LandmarkScheme::None;
  std::vector<cv::Point2f> points;  ///< pixels of the frame
  float confidence = 1;  ///< 0..1, how surely there is a face; 1 where the method does not say
};

/// The number of points of a scheme: 0, 2, 5 or 68.
int point_count(LandmarkScheme scheme);

/// Eyes and mouth corners of a 68-point face as five points; five points as they are.
std::optional<std::array<cv::Point2f, 5>> five_points(const Landmarks& landmarks);

/// Centres of both eyes, right eye first, from any scheme that has them.
std::optional<std::array<cv::Point2f, 2>> eye_centres(const Landmarks& landmarks);

/// Angle of the line between the eyes, degrees, positive where the head tilts clockwise in the
/// picture; NaN where the scheme has no eyes.
float roll_of(const Landmarks& landmarks);

/// The similarity (rotation, one scale, translation, no mirroring) that takes `from` to `to` with
/// the least sum of squared distances; Umeyama, "Least-squares estimation of transformation
/// parameters between two point patterns", PAMI 13(4), 1991, in its closed form for the plane.
/// Empty where the points coincide. Both have the same size of at least two.
std::optional<Affine> estimate_similarity(const std::vector<cv::Point2f>& from,
                                          const std::vector<cv::Point2f>& to);

/// `transform` of the frame after it was turned about `middle`, `roll` degrees against the clock,
/// so that what is tilted by so much stands upright.
Affine after_turning(const Affine& transform, cv::Point2f middle, float roll);

cv::Point2f apply(const Affine& transform, cv::Point2f point);
Affine invert(const Affine& transform);

/// The box clipped to a frame of `size`; empty (width or height 0) where nothing remains or where a
/// coordinate is not finite.
cv::Rect2f clip(const cv::Rect2f& box, cv::Size size);

/// The middle of a box as a point, so half a pixel before the mean of its edges.
cv::Point2f middle_of(const cv::Rect2f& box);

/// Intersection over union, 0..1.
float overlap(const cv::Rect2f& a, const cv::Rect2f& b);

/// The least multiple of `step` that is not below `value`, for both above 0.
constexpr int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

}  // namespace facerec
