// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <dlib/geometry/rectangle.h>
#include <algorithm>
#include <cmath>

#include "detector.h"
#include "methods.h"
#include "picture.h"

namespace facerec {

// dlib's scores are distances from the decision boundary: a logistic function makes 0..1 of them,
// with 0.5 on the boundary.

inline float confidence_of(double score) {
  return static_cast<float>(1 / (1 + std::exp(-score)));
}

inline double score_of(float confidence) {
  constexpr double least = 1e-6;
  const double part = std::clamp<double>(confidence, least, 1 - least);
  return std::log(part / (1 - part));
}

/// The size of the picture in which dlib looks for faces: small frames are doubled, as its examples
/// do, since it finds no small faces; `standard` pixels are the longer side of large ones.
inline cv::Size doubled_size(cv::Size frame, const DetectOptions& options, int standard) {
  const int doubled = 2 * std::max(frame.width, frame.height);
  return picture_size(frame, 0,
                      options.detect_size > 0 ? options.detect_size : std::min(standard, doubled));
}

/// A rectangle that dlib found in a picture of size `from`, as a face of a frame of size `to`.
inline Face face_of(const dlib::rectangle& found, double score, cv::Size from, cv::Size to) {
  const cv::Rect box(static_cast<int>(found.left()), static_cast<int>(found.top()),
                     static_cast<int>(found.width()), static_cast<int>(found.height()));
  return {rescale(cv::Rect2f(box), from, to), confidence_of(score), {}};
}

}  // namespace facerec
