// Networks that return 68 landmarks relative to their input, 0..1, x and y in turn.

#include <cmath>

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "align.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr std::size_t landmark_count = 68;

class Landmarks68 : public Landmarker {
 public:
  explicit Landmarks68(const Model& model);
  Landmarks locate(const FrameView& frame, const cv::Rect2f& box) override;

 private:
  Network network_;
};

Landmarks68::Landmarks68(const Model& model) : network_(model) {
  const cv::Mat output = network_.run({cv::Mat::zeros(model.profile.input, CV_8UC3)})[0];
  if (output.total() != 2 * landmark_count)
    throw Error(
        ErrorCode::Mismatch,
        model.files.front().string() + " gives " + std::to_string(output.total()) +
            " numbers instead of the 136 of 68 landmarks: pass the file that the profile '" +
            model.profile.name + "' describes");
}

Landmarks Landmarks68::locate(const FrameView& frame, const cv::Rect2f& box) {
  const Profile& profile = network_.profile();
  Face face;
  face.box = box;
  const auto crop = align(face, "none", profile.input, profile.margin);
  if (!crop) return {};
  const cv::Mat output = network_.run({warp_to_bgr(frame, crop->transform, profile.input)})[0];

  const Affine to_frame = invert(crop->transform);
  const auto* numbers = output.ptr<float>();
  Landmarks landmarks{LandmarkScheme::SixtyEight, {}};
  for (std::size_t i = 0; i < landmark_count; ++i) {
    // 0..1 runs from edge to edge, and edges lie half a pixel before the centres of pixels.
    const cv::Point2f point(numbers[2 * i] * static_cast<float>(profile.input.width) - 0.5F,
                            numbers[2 * i + 1] * static_cast<float>(profile.input.height) - 0.5F);
    landmarks.points.push_back(apply(to_frame, point));
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) return {};
  }
  return landmarks;
}

}  // namespace

std::unique_ptr<Landmarker> make_landmarks68(const Model& model) {
  return std::make_unique<Landmarks68>(model);
}

}  // namespace facerec
