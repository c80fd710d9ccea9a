// SPDX-License-Identifier: LGPL-2.1-or-later

// YuNet: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
// Intelligence Research 20, 2023. Anchor free: each cell of three grids says whether a face's
// centre lies there, where exactly, how large it is and where its five landmarks are.

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
constexpr float nms_overlap = 0.3F;

/// Outputs and the numbers that each gives for a cell.
const std::pair<const char*, std::size_t> fields[] = {
    {"cls_", 1}, {"obj_", 1}, {"bbox_", 4}, {"kps_", 10}};

/// Small, because it only shows whether the file is a YuNet.
const cv::Size probe_size{64, 64};

class YuNet : public Detector {
 public:
  explicit YuNet(const Model& model);

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  /// The network's outputs for a picture of whole cells, each as long as the cells ask for.
  std::vector<cv::Mat> run(const cv::Mat& picture);
  void decode(const std::vector<cv::Mat>& results, std::size_t grid, int columns, float threshold);

  Network network_;
  std::string file_;
  int standard_size_;
  float threshold_;
  std::vector<std::string> outputs_;
  CellFinds finds_;
};

YuNet::YuNet(const Model& model)
    : network_(model, probe_size),
      file_(model.files.front().string()),
      standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      threshold_(confidence_threshold(model.profile, 0.6F)) {
  for (const auto& [name, numbers] : fields) {
    for (const int stride : strides) outputs_.push_back(name + std::to_string(stride));
  }
  run(cv::Mat::zeros(probe_size, CV_8UC3));
}

std::vector<cv::Mat> YuNet::run(const cv::Mat& picture) {
  std::vector<cv::Mat> results = network_.run({picture}, outputs_);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const int stride = strides.at(i % strides.size());
    const std::size_t cells = picture.total() / (static_cast<std::size_t>(stride) * stride);
    if (results[i].total() != cells * fields[i / strides.size()].second) {
      throw Error(ErrorCode::Mismatch, file_ + " is no YuNet: its output '" + outputs_[i] +
                                           "' has another length; pass the file that the profile " +
                                           "names");
    }
  }
  return results;
}

std::vector<Face> YuNet::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Size size = picture_size(frame.size(), standard_size_, options.detect_size);
  // Less than one cell of the finest grid holds no face, and OpenCV 4.10 now and then sees one
  // there.
  if (std::min(size.width, size.height) < strides.front()) return {};
  const PaddedPicture picture = padded_picture(frame, size, strides.back());
  const std::vector<cv::Mat> results = run(picture.pixels);

  finds_.clear();
  for (std::size_t grid = 0; grid < strides.size(); ++grid) {
    decode(results, grid, picture.pixels.cols / strides.at(grid), options.threshold);
  }
  return finds_.best(size, frame.size(), nms_overlap);
}

void YuNet::decode(const std::vector<cv::Mat>& results, std::size_t grid, int columns,
                   float threshold) {
  const auto* face = results[grid].ptr<float>();
  const auto* object = results[grid + strides.size()].ptr<float>();
  const auto* box = results[grid + 2 * strides.size()].ptr<float>();
  const auto* points = results[grid + 3 * strides.size()].ptr<float>();
  const auto stride = static_cast<float>(strides.at(grid));
  const int cells = static_cast<int>(results[grid].total());

  for (int cell = 0; cell < cells; ++cell, box += 4, points += 10) {
    const float score =
        std::sqrt(std::clamp(face[cell], 0.F, 1.F) * std::clamp(object[cell], 0.F, 1.F));
    if (!(score >= threshold)) continue;
    const auto column = static_cast<float>(cell % columns);
    const int line = cell / columns;
    const auto row = static_cast<float>(line);
    const float width = std::exp(box[2]) * stride;
    const float height = std::exp(box[3]) * stride;
    const cv::Rect2d place((column + box[0]) * stride - width / 2,
                           (row + box[1]) * stride - height / 2, width, height);
    Landmarks landmarks;
    landmarks.scheme = LandmarkScheme::Five;
    for (int point = 0; point < 5; ++point) {
      const float* offset = points + static_cast<std::ptrdiff_t>(2) * point;
      landmarks.points.emplace_back((column + offset[0]) * stride, (row + offset[1]) * stride);
    }
    finds_.add(score, place, landmarks);
  }
}

}  // namespace

std::unique_ptr<Detector> make_yunet(const Model& model) {
  return std::make_unique<YuNet>(model);
}

}  // namespace facerec
