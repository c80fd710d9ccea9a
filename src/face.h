// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "geometry.h"

namespace facerec {

/// What a detector finds.
struct Face {
  cv::Rect2f box;          ///< pixels of the frame, clipped to it
  float confidence = 0.f;  ///< 0..1
  Landmarks landmarks;     ///< scheme None where the detector gives none
};

/// How a face was turned upright.
struct Alignment {
  Affine transform;                    ///< frame pixels to aligned pixels
  std::string template_name;           ///< see align/template.h
  cv::Size size;                       ///< of the aligned picture
  std::vector<cv::Point2f> mask = {};  ///< convex polygon in aligned pixels, outside of which the
                                       ///< picture is black; empty = all of it shows
};

/// How well a face can be represented. NaN where the landmarks do not tell.
struct Quality {
  float eye_distance = NAN;  ///< pixels of the frame between the eyes
  float sharpness = NAN;     ///< see align/quality.h
  float roll = NAN;          ///< degrees, positive where the head tilts clockwise in the picture
  float yaw = NAN;           ///< degrees, positive where the face looks towards image right
  float brightness = NAN;    ///< mean luma of the inner face, 0 black .. 1 white
};

/// A face as numbers.
struct Embedding {
  std::string model;        ///< profile name, for people
  std::string fingerprint;  ///< of network and preprocessing; only equal ones may be compared
  std::vector<float> values;
  bool unit_length = false;
};

/// Whether all values are finite.
inline bool is_finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(),
                     [](float value) { return std::isfinite(value); });
}

}  // namespace facerec
