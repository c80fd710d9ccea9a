// SPDX-License-Identifier: LGPL-2.1-or-later

// A boosted cascade of Haar features: P. Viola, M. Jones, "Robust Real-Time Face Detection", IJCV
// 57(2), 2004, in the form and with the files that OpenCV ships.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <opencv2/objdetect.hpp>

#include "../error.h"
#include "../sampling.h"
#include "methods.h"
#include "suppression.h"

namespace facerec {
namespace {

constexpr double scale_step = 1.1;

// The cascade evens out the contrast of each window itself, so that only a curve of tones changes
// what it sees. Lightening the dark ones a little finds more on WIDER FACE than none (average
// precision .427 to .424), and than equalising the histogram (.424), which takes two to three times
// as long in dark scenes, whose noise it makes visible.
constexpr double tone_exponent = 0.8;

cv::Mat tone_curve() {
  cv::Mat curve(1, 256, CV_8U);
  for (int tone = 0; tone < curve.cols; ++tone)
    curve.at<std::uint8_t>(tone) =
        cv::saturate_cast<std::uint8_t>(255 * std::pow(tone / 255., tone_exponent));
  return curve;
}

// A face is found at several places and scales that lie close together; n of them give the
// confidence n / (n + 4). On WIDER FACE n orders detections as well as the sum of the last stage
// does (average precision 0.44), and it means the same for every cascade.
constexpr float half_confident = 4;

float confidence_of(int neighbours) {
  const auto n = static_cast<float>(neighbours);
  return n / (n + half_confident);
}

/// OpenCV keeps what has more neighbours than this.
int too_few_neighbours(float confidence) {
  constexpr float rounding = 0.01F;  // of a confidence that was computed from neighbours
  const float least = std::min(confidence, 0.99F);
  return std::max(1, cvCeil(half_confident * least / (1 - least) - rounding) - 1);
}

/// Of two boxes that share more than this part of the smaller one, one is on the other's head.
constexpr float same_head = 0.5F;

class Haar : public Detector {
 public:
  explicit Haar(const Model& model);

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  const cv::Mat tone_curve_ = tone_curve();
  cv::CascadeClassifier cascade_;
  int standard_size_;
  float threshold_;
  Sampler sampler_;
};

Haar::Haar(const Model& model)
    : standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      threshold_(confidence_threshold(model.profile, 0.5F)) {
  bool loaded = false;
  try {
    loaded = cascade_.load(model.files.front().string());
  } catch (const cv::Exception&) {
    // OpenCV reports some damage this way and the rest by returning false.
  }
  if (!loaded) {
    throw Error(ErrorCode::Read, model.files.front().string() +
                                     " is not a cascade that OpenCV can read: get it again (" +
                                     model.profile.source + ")");
  }
}

std::vector<Face> Haar::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Size size = picture_size(frame.size(), standard_size_, options.detect_size);
  const double scale =
      static_cast<double>(std::max(size.width, size.height)) / std::max(frame.width, frame.height);
  cv::Mat picture = sampler_.scale_to_gray(frame, size);
  cv::LUT(picture, tone_curve_, picture);

  const int least = cvRound(options.min_size * scale);
  std::vector<cv::Rect> boxes;
  std::vector<int> neighbours;
  cascade_.detectMultiScale(picture, boxes, neighbours, scale_step,
                            too_few_neighbours(options.threshold), 0, {least, least});
  std::vector<Face> faces;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    Face& face = faces.emplace_back();
    const cv::Rect2d box = boxes[i];
    face.box = cv::Rect2d(box.x / scale, box.y / scale, box.width / scale, box.height / scale);
    face.confidence = confidence_of(neighbours[i]);
  }
  return suppress(std::move(faces), same_head, Overlap::Smaller);
}

}  // namespace

std::unique_ptr<Detector> make_haar(const Model& model) {
  return std::make_unique<Haar>(model);
}

}  // namespace facerec
