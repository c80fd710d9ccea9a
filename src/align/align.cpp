// SPDX-License-Identifier: LGPL-2.1-or-later

#include "align.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "mask.h"
#include "template.h"

namespace facerec {
namespace {

struct Pairs {
  std::vector<cv::Point2f> face;     ///< pixels of the frame
  std::vector<cv::Point2f> upright;  ///< units of the picture's side
};

Pairs pair_up(const Landmarks& landmarks, const FaceTemplate& target) {
  if (landmarks.scheme == LandmarkScheme::SixtyEight && !target.anchors.empty() &&
      five_points(landmarks)) {
    Pairs pairs{{}, target.anchor_points};
    for (const int index : target.anchors) pairs.face.push_back(landmarks.points[index]);
    return pairs;
  }
  if (const auto five = five_points(landmarks))
    return {{five->begin(), five->end()}, {target.five.begin(), target.five.end()}};
  if (const auto eyes = eye_centres(landmarks))
    return {{eyes->begin(), eyes->end()}, {target.five[0], target.five[1]}};
  return {};
}

/// The enlarged box to the middle of `size`, as large as fits.
std::optional<Affine> frame_box(const cv::Rect2f& box, cv::Size size, double margin) {
  const double border = 2 * margin * std::max(box.width, box.height);
  const double scale =
      std::min(size.width / (box.width + border), size.height / (box.height + border));
  // Edges lie half a pixel before the centres of pixels.
  const double x = size.width / 2. - 0.5 - scale * (box.x + box.width / 2. - 0.5);
  const double y = size.height / 2. - 0.5 - scale * (box.y + box.height / 2. - 0.5);
  if (!(scale > 0) || !std::isfinite(x) || !std::isfinite(y)) return std::nullopt;
  return Affine(cv::Matx23d(scale, 0, x, 0, scale, y));
}

}  // namespace

std::optional<Alignment> align(const Face& face, const std::string& template_name, cv::Size size,
                               double margin, bool mask) {
  const FaceTemplate& target = find_template(template_name);
  std::optional<Affine> transform;
  if (template_name == "none") {
    transform = frame_box(face.box, size, margin);
  } else {
    Pairs pairs = pair_up(face.landmarks, target);
    if (pairs.face.empty()) return std::nullopt;
    const auto side = static_cast<float>(std::min(size.width, size.height));
    const cv::Point2f corner((static_cast<float>(size.width) - side) / 2,
                             (static_cast<float>(size.height) - side) / 2);
    for (cv::Point2f& point : pairs.upright) point = corner + point * side;
    transform = estimate_similarity(pairs.face, pairs.upright);
  }
  if (!transform) return std::nullopt;
  Alignment alignment{*transform, template_name, size};
  return mask ? masked(std::move(alignment), face.landmarks) : alignment;
}

}  // namespace facerec
