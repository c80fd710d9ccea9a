// SPDX-License-Identifier: LGPL-2.1-or-later

// Networks that return landmarks relative to their input, 0..1, x and y in turn.

#include <cmath>

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "align.h"
#include "methods.h"

namespace facerec {
namespace {

class LandmarkNetwork : public Landmarker {
 public:
  /// `outputs`: names of the network's outputs, first the points, then where it has one the
  /// probability of a face; empty = the only one.
  LandmarkNetwork(const Model& model, LandmarkScheme scheme, std::vector<std::string> outputs);
  LandmarkScheme scheme() const override { return scheme_; }

 private:
  Landmarks look(const FrameView& frame, const cv::Rect2f& box, float roll) override;
  const std::vector<cv::Mat>& run(const cv::Mat& picture);

  Network network_;
  Sampler sampler_;
  std::string file_;
  LandmarkScheme scheme_;
  float least_confidence_;
};

LandmarkNetwork::LandmarkNetwork(const Model& model, LandmarkScheme scheme,
                                 std::vector<std::string> outputs)
    : network_(model, std::move(outputs)),
      file_(model.files.front().string()),
      scheme_(scheme),
      least_confidence_(confidence_threshold(model.profile, 0.5F)) {
  run(cv::Mat::zeros(model.profile.input, CV_8UC3));
}

const std::vector<cv::Mat>& LandmarkNetwork::run(const cv::Mat& picture) {
  const std::vector<cv::Mat>& result = network_.run(picture);
  const auto points = static_cast<std::size_t>(point_count(scheme_));
  if (result[0].total() != 2 * points || (result.size() > 1 && result[1].total() != 1)) {
    throw Error(ErrorCode::Mismatch, file_ + " gives " + std::to_string(result[0].total()) +
                                         " numbers instead of the " + std::to_string(2 * points) +
                                         " of " + std::to_string(points) +
                                         " landmarks: pass the file that the profile '" +
                                         network_.profile().name + "' describes");
  }
  return result;
}

Landmarks LandmarkNetwork::look(const FrameView& frame, const cv::Rect2f& box, float roll) {
  const Profile& profile = network_.profile();
  Face face;
  face.box = box;
  const auto crop = align(face, "none", profile.input, profile.margin);
  if (!crop) return {};
  const Affine transform = after_turning(crop->transform, middle_of(box), roll);
  const std::vector<cv::Mat>& result = run(sampler_.warp_to_bgr(frame, transform, profile.input));

  Landmarks landmarks{scheme_, {}};
  if (result.size() > 1) landmarks.confidence = *result[1].ptr<float>();
  // Negated, so that what is not a number is no face.
  if (!(landmarks.confidence >= least_confidence_)) return {};
  const Affine to_frame = invert(transform);
  const auto* numbers = result[0].ptr<float>();
  const auto points = static_cast<std::size_t>(point_count(scheme_));
  for (std::size_t i = 0; i < points; ++i) {
    // 0..1 runs from edge to edge, and edges lie half a pixel before the centres of pixels.
    const cv::Point2f point(numbers[2 * i] * static_cast<float>(profile.input.width) - 0.5F,
                            numbers[2 * i + 1] * static_cast<float>(profile.input.height) - 0.5F);
    const cv::Point2f in_frame = apply(to_frame, point);
    if (!std::isfinite(in_frame.x) || !std::isfinite(in_frame.y)) return {};
    landmarks.points.push_back(in_frame);
  }
  return landmarks;
}

}  // namespace

std::unique_ptr<Landmarker> make_landmarks68(const Model& model) {
  return std::make_unique<LandmarkNetwork>(model, LandmarkScheme::SixtyEight,
                                           std::vector<std::string>{});
}

std::unique_ptr<Landmarker> make_landmarks5(const Model& model) {
  return std::make_unique<LandmarkNetwork>(model, LandmarkScheme::Five,
                                           std::vector<std::string>{"points", "score"});
}

}  // namespace facerec
