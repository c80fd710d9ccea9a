// SPDX-License-Identifier: LGPL-2.1-or-later

// The single shot detector over ResNet-10 that OpenCV trained for faces: W. Liu et al., "SSD:
// Single Shot MultiBox Detector", ECCV 2016. The frame is stretched to a square, as in the
// training; the network suppresses overlapping boxes itself.

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr int row_length = 7;  // picture, class, confidence, left, top, right, bottom

class Ssd : public Detector {
 public:
  explicit Ssd(const Model& model)
      : network_(model),
        file_(model.files.front().string()),
        threshold_(confidence_threshold(model.profile, 0.5F)) {
    run(cv::Mat::zeros(model.profile.input, CV_8UC3));
  }

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  /// The network's rows of boxes, 1x1xNx7, relative to the picture.
  cv::Mat run(const cv::Mat& picture) {
    cv::Mat rows = network_.run(picture).front();
    if (rows.dims != 4 || rows.size[3] != row_length) {
      throw Error(ErrorCode::Mismatch, file_ +
                                           " is no single shot detector: its output has to be "
                                           "1x1xNx7; pass the file that the profile names");
    }
    return rows;
  }

  Network network_;
  Sampler sampler_;
  std::string file_;
  float threshold_;
};

std::vector<Face> Ssd::find(const FrameView& frame, const DetectOptions& options) {
  const int side = options.detect_size;
  const cv::Mat rows =
      run(sampler_.scale_to_bgr(frame, side > 0 ? cv::Size(side, side) : network_.profile().input));
  const auto width = static_cast<float>(frame.width);
  const auto height = static_cast<float>(frame.height);

  std::vector<Face> faces;
  for (int i = 0; i < rows.size[2]; ++i) {
    const auto* row = rows.ptr<float>(0, 0, i);
    if (row[2] < options.threshold) continue;
    Face& face = faces.emplace_back();
    face.confidence = row[2];
    face.box = {cv::Point2f(row[3] * width, row[4] * height),
                cv::Point2f(row[5] * width, row[6] * height)};
  }
  return faces;
}

}  // namespace

std::unique_ptr<Detector> make_ssd(const Model& model) {
  return std::make_unique<Ssd>(model);
}

}  // namespace facerec
