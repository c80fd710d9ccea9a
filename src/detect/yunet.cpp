// SPDX-License-Identifier: LGPL-2.1-or-later

// YuNet: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
// Intelligence Research 20, 2023.

#include <algorithm>
#include <cmath>

#include "cells.h"
#include "methods.h"

namespace facerec {
namespace {

/// Outputs and the numbers that each gives for a cell.
const std::pair<const char*, std::size_t> fields[] = {
    {"cls_", 1}, {"obj_", 1}, {"bbox_", 4}, {"kps_", 10}};

class YuNet : public CellDetector {
 public:
  explicit YuNet(const Model& model) : CellDetector(model, output_names(), 0.3F, 0.6F) { probe(); }

 private:
  static std::vector<std::string> output_names();
  void check(const std::vector<cv::Mat>& outputs, cv::Size picture) const override;
  void decode(const std::vector<cv::Mat>& outputs, std::size_t grid, int columns,
              float threshold) override;
};

std::vector<std::string> YuNet::output_names() {
  std::vector<std::string> names;
  for (const auto& [name, numbers] : fields) {
    for (const int stride : strides) names.push_back(name + std::to_string(stride));
  }
  return names;
}

void YuNet::check(const std::vector<cv::Mat>& outputs, cv::Size picture) const {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const int stride = strides.at(i % strides.size());
    const std::size_t cells =
        static_cast<std::size_t>(picture.area()) / (static_cast<std::size_t>(stride) * stride);
    if (outputs[i].total() != cells * fields[i / strides.size()].second)
      refuse("YuNet", i, "length");
  }
}

void YuNet::decode(const std::vector<cv::Mat>& outputs, std::size_t grid, int columns,
                   float threshold) {
  const auto* face = outputs[grid].ptr<float>();
  const auto* object = outputs[grid + strides.size()].ptr<float>();
  const auto* box = outputs[grid + 2 * strides.size()].ptr<float>();
  const auto* points = outputs[grid + 3 * strides.size()].ptr<float>();
  const int cells = static_cast<int>(outputs[grid].total());
  for (int cell = 0; cell < cells; ++cell, box += 4, points += 10) {
    const float score =
        std::sqrt(std::clamp(face[cell], 0.F, 1.F) * std::clamp(object[cell], 0.F, 1.F));
    if (score >= threshold) add(score, strides.at(grid), columns, cell, box, points);
  }
}

}  // namespace

std::unique_ptr<Detector> make_yunet(const Model& model) {
  return std::make_unique<YuNet>(model);
}

}  // namespace facerec
