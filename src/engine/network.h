#pragma once

#include <map>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <string>
#include <vector>

#include "../model/catalog.h"

namespace facerec {

/// A network that cv::dnn runs: Torch, Caffe, TensorFlow, Darknet or ONNX by its file's name.
///
/// cv::dnn plans its memory anew whenever the input's shape changes (OpenFace: 20 ms), so one
/// cv::dnn::Net is kept for each shape. Not for two threads at once.
class Network {
 public:
  /// Loads and runs it once on an empty picture of `probe` (0x0 = the profile's input), so that a
  /// damaged or foreign file shows here. Throws Error: Read, naming the file and the remedy.
  explicit Network(const Model& model, cv::Size probe = {});

  /// Runs pictures of one size (CV_8UC3, BGR) in one batch with the profile's preprocessing.
  /// One Mat per name of `outputs` (empty = the profile's or only output), batch first.
  std::vector<cv::Mat> run(const std::vector<cv::Mat>& pictures,
                           const std::vector<std::string>& outputs = {});

  const Profile& profile() const { return profile_; }

 private:
  cv::dnn::Net& net_for(const std::vector<int>& shape);

  Profile profile_;
  std::vector<std::string> files_;
  std::map<std::vector<int>, cv::dnn::Net> nets_;
};

}  // namespace facerec
