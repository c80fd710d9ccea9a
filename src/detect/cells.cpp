// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cells.h"

#include <algorithm>
#include <cmath>
#include <opencv2/dnn.hpp>
#include <utility>

#include "../error.h"
#include "../sampling.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr int points_of_a_face = 5;

/// Small, because it only shows whether the file is the network.
const cv::Size probe_size{64, 64};

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

/// The frame scaled to `content`; right and below black up to multiples of `coarsest`, because the
/// grids need whole cells.
cv::Mat padded_picture(const FrameView& frame, cv::Size content, int coarsest) {
  const cv::Size whole{round_up(content.width, coarsest), round_up(content.height, coarsest)};
  if (content == whole) return scale_to_bgr(frame, content);
  cv::Mat picture = cv::Mat::zeros(whole, CV_8UC3);
  scale_to_bgr(frame, content).copyTo(picture(cv::Rect({}, content)));
  return picture;
}

}  // namespace

CellDetector::CellDetector(const Model& model, std::vector<std::string> outputs, float overlap,
                           float threshold)
    : network_(model, probe_size),
      file_(model.files.front().string()),
      outputs_(std::move(outputs)),
      standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      overlap_(overlap),
      threshold_(confidence_threshold(model.profile, threshold)) {}

void CellDetector::probe() {
  run(cv::Mat::zeros(probe_size, CV_8UC3));
}

void CellDetector::refuse(const std::string& method, std::size_t output,
                          const std::string& property) const {
  throw Error(ErrorCode::Mismatch, file_ + " is no " + method + ": its output '" +
                                       outputs_[output] + "' has another " + property +
                                       "; pass the file that the profile names");
}

std::vector<cv::Mat> CellDetector::run(const cv::Mat& picture) {
  std::vector<cv::Mat> results = network_.run({picture}, outputs_);
  check(results, picture.size());
  return results;
}

void CellDetector::add(float score, int stride, int columns, int cell, const float* box,
                       const float* points) {
  const auto step = static_cast<float>(stride);
  const auto column = static_cast<float>(cell % columns);
  const int line = cell / columns;
  const auto row = static_cast<float>(line);
  const float width = std::exp(box[2]) * step;
  const float height = std::exp(box[3]) * step;
  boxes_.emplace_back((column + box[0]) * step - width / 2, (row + box[1]) * step - height / 2,
                      width, height);
  scores_.push_back(score);
  Landmarks& landmarks = landmarks_.emplace_back();
  landmarks.scheme = LandmarkScheme::Five;
  for (int point = 0; point < points_of_a_face; ++point, points += 2)
    landmarks.points.emplace_back((column + points[0]) * step, (row + points[1]) * step);
}

std::vector<Face> CellDetector::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Size size = picture_size(frame.size(), standard_size_, options.detect_size);
  // Less than one cell of the finest grid holds no face, and OpenCV 4.10 now and then sees one
  // there.
  if (std::min(size.width, size.height) < strides.front()) return {};
  const cv::Mat picture = padded_picture(frame, size, strides.back());
  const std::vector<cv::Mat> results = run(picture);

  boxes_.clear();
  scores_.clear();
  landmarks_.clear();
  for (std::size_t grid = 0; grid < strides.size(); ++grid)
    decode(results, grid, picture.cols / strides.at(grid), options.threshold);
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes_, scores_, 0.F, overlap_, kept);

  const float scale_x = static_cast<float>(frame.width) / static_cast<float>(size.width);
  const float scale_y = static_cast<float>(frame.height) / static_cast<float>(size.height);
  std::vector<Face> faces;
  for (const int index : kept) {
    const cv::Rect2f box = boxes_[index];
    faces.push_back({{box.x * scale_x, box.y * scale_y, box.width * scale_x, box.height * scale_y},
                     scores_[index],
                     landmarks_[index]});
    for (cv::Point2f& point : faces.back().landmarks.points)
      point = {point.x * scale_x, point.y * scale_y};
  }
  return faces;
}

}  // namespace facerec
