// SPDX-License-Identifier: LGPL-2.1-or-later

#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

#include "../engine/network.h"
#include "../sampling.h"
#include "detector.h"

namespace facerec {

/// A detector without anchors that is one network: each cell of three grids says whether a face's
/// middle lies near it, where exactly, how large it is and where its five landmarks are.
class CellDetector : public Detector {
 protected:
  static constexpr std::array<int, 3> strides{8, 16, 32};

  /// `outputs` are the network's; of finds that overlap by more than `overlap` the best remains;
  /// `threshold` is what the profile leaves open. With a `least_vote`, the best one's box and
  /// points become the mean of those that overlap it so and have at least that score, by squared
  /// score and overlap (box voting: S. Gidaris and N. Komodakis, "Object detection via a
  /// multi-region and semantic segmentation-aware CNN model", 2015). Faces larger than any that the
  /// network learnt from, `largest` pixels of its picture, are found in parts as well: finds that
  /// lie mostly in such a surer one are dropped. Call probe() once the object is whole.
  CellDetector(const Model& model, std::vector<std::string> outputs, float overlap, float threshold,
               std::optional<float> least_vote = std::nullopt,
               std::optional<float> largest = std::nullopt);

  /// Shows the network a small picture, which tells whether the file is the one that is meant.
  void probe();

  /// Throws that the file is no `method`, by the `property` of an output.
  [[noreturn]] void refuse(const std::string& method, std::size_t output,
                           const std::string& property) const;

  /// Adds what a cell of a grid of so many columns says, in strides: the middle x and y of the box
  /// from the cell's upper left corner, the logarithms of its width and height; from that corner
  /// the five points x, y.
  void add(float score, int stride, int columns, int cell, const float* box, const float* points);

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }
  const std::vector<cv::Mat>& run(const BgrPlanes& picture);
  void vote(Face& face) const;

  /// Refuses outputs that are not the method's for a picture of that size.
  virtual void check(const std::vector<cv::Mat>& outputs, cv::Size picture) const = 0;
  /// Adds what the cells of a grid say with at least that score.
  virtual void decode(const std::vector<cv::Mat>& outputs, std::size_t grid, int columns,
                      float threshold) = 0;

  Network network_;
  Sampler sampler_;
  std::string file_;
  std::vector<std::string> outputs_;
  int standard_size_;
  float overlap_;
  float threshold_;
  std::optional<float> least_vote_;
  std::optional<float> largest_;
  std::vector<Face> finds_;  ///< what was added, in pixels of the network's picture
};

}  // namespace facerec
