// SPDX-License-Identifier: LGPL-2.1-or-later

// The Ultra-Light-Fast-Generic-Face-Detector with receptive field blocks (Linzaer, 2019; S. Liu et
// al., "Receptive Field Block Net", ECCV 2018). The frame is stretched to the network's size, as
// in the authors' program; the network returns boxes relative to it.

#include <opencv2/dnn.hpp>

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr float nms_overlap = 0.3F;

class Rfb : public Detector {
 public:
  explicit Rfb(const Model& model)
      : network_(model, {"scores", "boxes"}),
        threshold_(confidence_threshold(model.profile, 0.7F)) {
    run(cv::Mat::zeros(model.profile.input, CV_8UC3));
  }

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  /// Scores, 1xNx2 (no face, face), and boxes, 1xNx4 (left, top, right, bottom, 0..1).
  const std::vector<cv::Mat>& run(const cv::Mat& picture) {
    const std::vector<cv::Mat>& results = network_.run(picture);
    if (results[0].total() * 2 != results[1].total() || results[1].size[results[1].dims - 1] != 4) {
      throw Error(ErrorCode::Mismatch, "the network of '" + network_.profile().name +
                                           "' is no Ultra-Light detector: its outputs have to be "
                                           "1xNx2 scores and 1xNx4 boxes; pass the file that the "
                                           "profile names");
    }
    return results;
  }

  Network network_;
  Sampler sampler_;
  float threshold_;
};

std::vector<Face> Rfb::find(const FrameView& frame, const DetectOptions& options) {
  const std::vector<cv::Mat>& results = run(sampler_.scale_to_bgr(frame, network_.profile().input));
  const auto* score = results[0].ptr<float>();
  const auto* corner = results[1].ptr<float>();
  const int count = static_cast<int>(results[1].total() / 4);

  std::vector<cv::Rect2d> boxes;
  std::vector<float> scores;
  for (int i = 0; i < count; ++i, score += 2, corner += 4) {
    if (!(score[1] >= options.threshold)) continue;
    boxes.emplace_back(cv::Point2d(corner[0] * frame.width, corner[1] * frame.height),
                       cv::Point2d(corner[2] * frame.width, corner[3] * frame.height));
    scores.push_back(score[1]);
  }
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes, scores, 0.F, nms_overlap, kept);
  std::vector<Face> faces;
  faces.reserve(kept.size());
  for (const int index : kept) faces.push_back({cv::Rect2f(boxes[index]), scores[index], {}});
  return faces;
}

}  // namespace

std::unique_ptr<Detector> make_rfb(const Model& model) {
  return std::make_unique<Rfb>(model);
}

}  // namespace facerec
