// SPDX-License-Identifier: LGPL-2.1-or-later

// facerec-detect, this project's own (models/facerec-detect.md).

#include <algorithm>
#include <array>
#include <cmath>

#include "cells.h"
#include "methods.h"

namespace facerec {
namespace {

/// Planes of an output: a logit, then what CellDetector::add() takes.
constexpr std::size_t box_numbers = 4;
constexpr std::size_t numbers = box_numbers + 10;
constexpr int planes = 1 + static_cast<int>(numbers);

class FacerecDetect : public CellDetector {
 public:
  explicit FacerecDetect(const Model& model)
      : CellDetector(model, output_names(), 0.4F, 0.5F, 0.1F, 240.F) {
    probe();
  }

 private:
  static std::vector<std::string> output_names();
  void check(const std::vector<cv::Mat>& outputs, cv::Size picture) const override;
  void decode(const std::vector<cv::Mat>& outputs, std::size_t grid, int columns,
              float threshold) override;
};

std::vector<std::string> FacerecDetect::output_names() {
  std::vector<std::string> names;
  names.reserve(strides.size());
  for (const int stride : strides) names.push_back("stride" + std::to_string(stride));
  return names;
}

void FacerecDetect::check(const std::vector<cv::Mat>& outputs, cv::Size picture) const {
  for (std::size_t grid = 0; grid < strides.size(); ++grid) {
    const cv::Mat& output = outputs[grid];
    const bool fits = output.dims == 4 && output.size[1] == planes &&
                      output.size[2] == picture.height / strides.at(grid) &&
                      output.size[3] == picture.width / strides.at(grid);
    if (!fits) refuse("facerec-detect", grid, "shape");
  }
}

void FacerecDetect::decode(const std::vector<cv::Mat>& outputs, std::size_t grid, int columns,
                           float threshold) {
  const int cells = outputs[grid].size[2] * columns;
  const float least = std::log(threshold / (1 - std::min(threshold, 0.9999999F)));
  const auto* logit = outputs[grid].ptr<float>();
  for (int cell = 0; cell < cells; ++cell, ++logit) {
    if (!(*logit >= least)) continue;
    std::array<float, numbers> values;
    for (std::size_t i = 0; i < numbers; ++i)
      values.at(i) = logit[static_cast<std::ptrdiff_t>(i + 1) * cells];
    add(1 / (1 + std::exp(-*logit)), strides.at(grid), columns, cell, values.data(),
        values.data() + box_numbers);
  }
}

}  // namespace

std::unique_ptr<Detector> make_facerec_detect(const Model& model) {
  return std::make_unique<FacerecDetect>(model);
}

}  // namespace facerec
