// SPDX-License-Identifier: LGPL-2.1-or-later

// facerec-detect, this project's own (models/facerec-detect.md): each cell of three grids says
// whether a face's middle lies near it, where exactly, how large it is and where its five landmarks
// are.

#include <algorithm>
#include <array>
#include <cmath>

#include "../engine/network.h"
#include "../error.h"
#include "cells.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr std::array<int, 3> strides{8, 16, 32};
constexpr float nms_overlap = 0.4F;
constexpr int points = 5;

/// Planes of an output; coordinates are in strides from the cell's upper left corner.
enum Plane {
  Logit,
  MiddleX,
  MiddleY,
  LogWidth,
  LogHeight,
  FirstPoint,
  Planes = FirstPoint + 2 * points
};

/// Small, because it only shows whether the file is the network.
const cv::Size probe_size{64, 64};

class FacerecDetect : public Detector {
 public:
  explicit FacerecDetect(const Model& model);

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  /// The network's outputs for a picture of whole cells, each of as many cells.
  std::vector<cv::Mat> run(const cv::Mat& picture);
  void decode(const cv::Mat& output, int stride, float threshold);

  Network network_;
  std::string file_;
  int standard_size_;
  float threshold_;
  std::vector<std::string> outputs_;
  CellFinds finds_;
};

FacerecDetect::FacerecDetect(const Model& model)
    : network_(model, probe_size),
      file_(model.files.front().string()),
      standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      threshold_(confidence_threshold(model.profile, 0.5F)) {
  for (const int stride : strides) outputs_.push_back("stride" + std::to_string(stride));
  run(cv::Mat::zeros(probe_size, CV_8UC3));
}

std::vector<cv::Mat> FacerecDetect::run(const cv::Mat& picture) {
  std::vector<cv::Mat> results = network_.run({picture}, outputs_);
  for (std::size_t grid = 0; grid < strides.size(); ++grid) {
    const cv::Mat& result = results[grid];
    if (result.dims == 4 && result.size[1] == Planes &&
        result.size[2] == picture.rows / strides.at(grid) &&
        result.size[3] == picture.cols / strides.at(grid)) {
      continue;
    }
    throw Error(ErrorCode::Mismatch, file_ + " is no facerec-detect: its output '" +
                                         outputs_[grid] +
                                         "' has another shape; pass the file that the profile "
                                         "names");
  }
  return results;
}

std::vector<Face> FacerecDetect::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Size size = picture_size(frame.size(), standard_size_, options.detect_size);
  // Less than one cell of the finest grid holds no face.
  if (std::min(size.width, size.height) < strides.front()) return {};
  const PaddedPicture picture = padded_picture(frame, size, strides.back());
  const std::vector<cv::Mat> results = run(picture.pixels);
  finds_.clear();
  for (std::size_t grid = 0; grid < strides.size(); ++grid) {
    decode(results[grid], strides.at(grid), options.threshold);
  }
  return finds_.best(size, frame.size(), nms_overlap);
}

void FacerecDetect::decode(const cv::Mat& output, int stride, float threshold) {
  const int columns = output.size[3];
  const int cells = output.size[2] * columns;
  const auto step = static_cast<float>(stride);
  const float least = std::log(threshold / (1 - std::min(threshold, 0.9999999F)));
  const auto* values = output.ptr<float>();
  for (int cell = 0; cell < cells; ++cell, ++values) {
    const auto plane = [&](int index) {
      return values[static_cast<std::ptrdiff_t>(index) * cells];
    };
    if (!(plane(Logit) >= least)) continue;
    const auto column = static_cast<float>(cell % columns);
    const int line = cell / columns;
    const auto row = static_cast<float>(line);
    const float width = std::exp(plane(LogWidth)) * step;
    const float height = std::exp(plane(LogHeight)) * step;
    const cv::Rect2d box((column + plane(MiddleX)) * step - width / 2,
                         (row + plane(MiddleY)) * step - height / 2, width, height);
    Landmarks landmarks;
    landmarks.scheme = LandmarkScheme::Five;
    for (int point = 0; point < points; ++point) {
      landmarks.points.emplace_back((column + plane(FirstPoint + 2 * point)) * step,
                                    (row + plane(FirstPoint + 2 * point + 1)) * step);
    }
    finds_.add(1 / (1 + std::exp(-plane(Logit))), box, landmarks);
  }
}

}  // namespace

std::unique_ptr<Detector> make_facerec_detect(const Model& model) {
  return std::make_unique<FacerecDetect>(model);
}

}  // namespace facerec
