// SPDX-License-Identifier: LGPL-2.1-or-later

#include "box_motion.h"

#include <algorithm>
#include <cmath>

namespace facerec {
namespace {

// In sides of the face. Chosen by how well the boxes of four of five frames of clips (a talking
// head, two turning heads, a cut scene) were predicted from the fifth.
constexpr double seen_size = 0.03;    ///< deviation of a detector's width and height
constexpr double middle_speed = 0.5;  ///< deviation of the speed of a new face, per second
constexpr double size_speed = 0.1;    ///< and of the change of its size
constexpr double middle_push = 1.5;   ///< what the speed changes by, per root of a second
constexpr double size_push = 0.2;     ///< and that of the size

Motion middle_at(double value, double side) {
  return {value, seen_middle * side, middle_speed * side};
}

Motion size_of(double value, double side) {
  return {value, seen_size * side, size_speed * side};
}

}  // namespace

double side_of(double width, double height) {
  return std::sqrt(std::max(1.0, width) * std::max(1.0, height));
}

BoxMotion::BoxMotion(const cv::Rect2f& box, double time)
    : x_(middle_at(box.x + box.width / 2, side_of(box.width, box.height))),
      y_(middle_at(box.y + box.height / 2, side_of(box.width, box.height))),
      width_(size_of(box.width, side_of(box.width, box.height))),
      height_(size_of(box.height, side_of(box.width, box.height))),
      time_(time) {}

void BoxMotion::advance(double to) {
  const double seconds = std::abs(to - time_);
  const double side = this->side();
  for (Motion* middle : {&x_, &y_}) middle->advance(seconds, middle_push * side);
  for (Motion* size : {&width_, &height_}) size->advance(seconds, size_push * side);
  time_ = to;
}

void BoxMotion::see(const cv::Rect2f& box) {
  const double side = side_of(box.width, box.height);
  x_.see(box.x + box.width / 2, seen_middle * side);
  y_.see(box.y + box.height / 2, seen_middle * side);
  width_.see(box.width, seen_size * side);
  height_.see(box.height, seen_size * side);
}

double BoxMotion::side() const {
  return side_of(width_.value(), height_.value());
}

cv::Rect2f BoxMotion::box() const {
  const double w = std::max(1.0, width_.value());
  const double h = std::max(1.0, height_.value());
  return {static_cast<float>(x_.value() - w / 2), static_cast<float>(y_.value() - h / 2),
          static_cast<float>(w), static_cast<float>(h)};
}

bool is_inside(cv::Point2d point, cv::Size frame) {
  return point.x >= 0 && point.y >= 0 && point.x < frame.width && point.y < frame.height;
}

void move(Face& face, const cv::Rect2f& box) {
  const cv::Rect2f& from = face.box;
  for (cv::Point2f& point : face.landmarks.points) {
    // Landmarks count pixel centres, boxes edges.
    point = {(point.x + 0.5F - from.x) * box.width / from.width + box.x - 0.5F,
             (point.y + 0.5F - from.y) * box.height / from.height + box.y - 0.5F};
  }
  face.box = box;
}

}  // namespace facerec
