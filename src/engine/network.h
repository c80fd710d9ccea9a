// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "../bgr_planes.h"
#include "shared_backend.h"

namespace facerec {

/// A network with its profile's preprocessing. The process reads it once, when the first is made,
/// and all memory that a run takes is kept for the next one. Not for two threads at once; two of
/// the same model are.
class Network {
 public:
  /// Loads the model, of which `outputs` will be asked (empty = the profile's or only one), and
  /// runs it once on an empty picture of `probe` (0x0 = the profile's input), so that a damaged or
  /// foreign file shows here. Throws Error: Read, naming the file and the remedy; Mismatch where
  /// the network has no such output; Settings as make_backend() does.
  explicit Network(const Model& model, std::vector<std::string> outputs = {}, cv::Size probe = {});

  /// One Mat an output, CV_32F, batch first, for pictures of one size (CV_8UC3, BGR); they hold
  /// until the next run. Several pictures at once gain nothing on any engine and network that was
  /// measured (`facerec benchmark`), and not every network takes them. Throws Error (Read) where
  /// the network does not run on them.
  const std::vector<cv::Mat>& run(const std::vector<cv::Mat>& pictures);
  const std::vector<cv::Mat>& run(const cv::Mat& picture);
  const std::vector<cv::Mat>& run(const BgrPlanes& picture);

  const Profile& profile() const { return profile_; }

 private:
  const std::vector<cv::Mat>& forward(const cv::Mat* pictures, std::size_t count);
  const std::vector<cv::Mat>& forward();
  void make_blob(int count, cv::Size size);
  void fill_blob(int number, const BgrPlanes& picture);
  void require_outputs() const;

  Profile profile_;
  std::string file_;
  std::vector<std::string> outputs_;
  std::shared_ptr<SharedBackend> backend_;
  BgrPlanes planes_;  ///< of a picture
  cv::Mat blob_;
  std::vector<cv::Mat> results_;
};

}  // namespace facerec
