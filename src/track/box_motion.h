// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>

#include "../face.h"
#include "motion.h"

namespace facerec {

/// Deviation of where a detector puts a box's middle, in sides of the face.
constexpr double seen_middle = 0.03;

/// Where a face's box is, by those that were seen: its middle and its size, each followed by a
/// Kalman filter. Times are seconds and may run backwards.
class BoxMotion {
 public:
  BoxMotion(const cv::Rect2f& box, double time);

  /// What the box is taken to be at that time.
  void advance(double to);
  /// Seen there, at the time of the last advance().
  void see(const cv::Rect2f& box);

  cv::Rect2f box() const;
  cv::Point2d middle() const { return {x_.value(), y_.value()}; }
  /// Of the middle, pixels squared.
  cv::Point2d variance() const { return {x_.variance(), y_.variance()}; }
  /// Geometric mean of width and height.
  double side() const;
  double time() const { return time_; }

 private:
  Motion x_, y_, width_, height_;
  double time_;
};

/// Of a box, geometric mean of width and height, each at least a pixel.
double side_of(double width, double height);

bool is_inside(cv::Point2d point, cv::Size frame);

/// The face with its landmarks moved and scaled as its box becomes `box`.
void move(Face& face, const cv::Rect2f& box);

}  // namespace facerec
