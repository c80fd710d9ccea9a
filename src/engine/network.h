// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../model/catalog.h"

namespace facerec {

/// A network that cv::dnn runs: Torch, Caffe, TensorFlow, Darknet or ONNX by its file's name.
///
/// cv::dnn plans its memory anew whenever the input's shape changes (OpenFace: 20 ms), so one
/// cv::dnn::Net is kept for each of the shapes, and outputs of it, used last. Not for two threads
/// at once.
class Network {
 public:
  /// Loads and runs it once on an empty picture of `probe` (0x0 = the profile's input), so that a
  /// damaged or foreign file shows here. Throws Error: Read, naming the file and the remedy.
  explicit Network(const Model& model, cv::Size probe = {});

  /// Runs pictures of one size (CV_8UC3, BGR) with the profile's preprocessing, in as few batches
  /// of 8, 4, 2 or 1 as possible; one by one where the network returns no row for each picture.
  /// One Mat per name of `outputs` (empty = the profile's or only output), CV_32F, batch first.
  /// Throws Error: Mismatch where the network has no such output, Read where it cannot run.
  std::vector<cv::Mat> run(const std::vector<cv::Mat>& pictures,
                           const std::vector<std::string>& outputs = {});

  const Profile& profile() const { return profile_; }

 private:
  /// Input shape and outputs that were asked for.
  using Plan = std::pair<std::vector<int>, std::vector<std::string>>;

  cv::dnn::Net& net_for(const Plan& plan);
  /// Empty where the network cannot take so many pictures at once.
  std::vector<cv::Mat> forward(const cv::Mat* pictures, int count,
                               const std::vector<std::string>& outputs);
  void fill_blob(const cv::Mat* pictures, int count);
  void check_unchanged() const;

  Profile profile_;
  std::vector<std::filesystem::path> files_;
  std::vector<std::filesystem::file_time_type> times_;  ///< of files_, when they were checked
  std::vector<std::pair<Plan, cv::dnn::Net>> nets_;     ///< last used first
  bool batches_ = true;
  cv::Mat blob_;
};

}  // namespace facerec
