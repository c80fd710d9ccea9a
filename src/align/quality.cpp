// SPDX-License-Identifier: LGPL-2.1-or-later

#include "quality.h"

#include <cmath>
#include <cstdint>

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

/// Where eyes, nose and mouth lie in an aligned face of 112x112: no background, little hair. And a
/// pixel more on every side, for the Laplacian.
const cv::Rect seen(25, 37, 62, 68);

Affine to_seen(Affine aligned) {
  aligned(0, 2) -= static_cast<float>(seen.x);
  aligned(1, 2) -= static_cast<float>(seen.y);
  return aligned;
}

class Moments {
 public:
  void add(int value) {
    ++count_;
    sum_ += value;
    squares_ += static_cast<std::int64_t>(value) * value;
  }
  double mean() const { return static_cast<double>(sum_) / count_; }
  double variance() const { return static_cast<double>(squares_) / count_ - mean() * mean(); }

 private:
  int count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t squares_ = 0;
};

struct View {
  double sharpness;
  double brightness;
};

View look(const cv::Mat& luma) {
  Moments edges, shades;
  for (int y = 1; y + 1 < luma.rows; ++y) {
    const auto* above = luma.ptr<std::uint8_t>(y - 1);
    const auto* row = luma.ptr<std::uint8_t>(y);
    const auto* below = luma.ptr<std::uint8_t>(y + 1);
    for (int x = 1; x + 1 < luma.cols; ++x) {
      shades.add(row[x]);
      edges.add(above[x] + below[x] + row[x - 1] + row[x + 1] - 4 * row[x]);
    }
  }
  const double contrast = shades.variance();
  return {contrast == 0 ? 0 : edges.variance() / contrast, shades.mean() / 255};
}

}  // namespace

Quality measure_quality(const FrameView& frame, const Face& face, Sampler& sampler) {
  Quality quality;
  const auto eyes = eye_centres(face.landmarks);
  const auto alignment = align(face, "arcface", {112, 112}, 0);
  if (!eyes || !alignment) return quality;

  const cv::Point2f line = (*eyes)[1] - (*eyes)[0];
  quality.eye_distance = static_cast<float>(cv::norm(line));
  quality.roll = roll_of(face.landmarks);
  if (const auto five = five_points(face.landmarks))
    quality.yaw = static_cast<float>(yaw_of(*five));
  const View view = look(sampler.warp_to_gray(frame, to_seen(alignment->transform), seen.size()));
  quality.sharpness = static_cast<float>(view.sharpness);
  quality.brightness = static_cast<float>(view.brightness);
  return quality;
}

}  // namespace facerec
