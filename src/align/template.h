// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "../geometry.h"

namespace facerec {

/// Where landmarks lie in an upright face, in units of the picture's side (0..1).
struct FaceTemplate {
  std::string name;
  std::array<cv::Point2f, 5> five;  ///< for LandmarkScheme::Five
  std::vector<int> anchors;         ///< indices into 68 points that are used where a face has
                                    ///< them; empty = reduce 68 points to five
  std::vector<cv::Point2f> anchor_points;  ///< one for each anchor
};

/// "arcface" (the usual five-point template of 112 pixels), "openface" (outer eyes and nose),
/// "dlib" (the mean face of dlib's face chips) or "none" (the box with a margin). Throws Error
/// (Settings) that lists the names.
const FaceTemplate& find_template(const std::string& name);

/// Names of all templates.
std::vector<std::string> template_names();

}  // namespace facerec
