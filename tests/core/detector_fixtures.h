// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "../../src/detect/detector.h"
#include "model_fixtures.h"
#include "shared_material.h"

/// Detectors of shipped profiles on photographs of one person each, 250x250, the face in the
/// middle.
class DetectorTest : public testing::Test {
 protected:
  void SetUp() override {
    if (shared_material().empty()) GTEST_SKIP() << "no reference material, see FACEREC_SHARED";
    const char* root = std::getenv("FACEREC_SOURCE_ROOT");
    ASSERT_NE(root, nullptr) << "set by meson test";
    const std::string models = (shared_material() / "models").string();
    setenv("FACEREC_MODEL_PATH", (std::string(root) + "/models:" + models).c_str(), 1);
    const auto people = shared_material() / "media/lfw10";
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(people)) {
      if (entry.path().extension() == ".jpg") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (std::size_t i = 0; i < files.size(); i += 4) photographs_.push_back(cv::imread(files[i]));
    ASSERT_GE(photographs_.size(), 20U);
  }

  static std::unique_ptr<facerec::Detector> make(const std::string& name) {
    return facerec::make_detector(facerec::find_model(name, facerec::Role::Detector));
  }

  /// In how many of every `step`th photograph a face covers the middle.
  double recall(facerec::Detector& detector, std::size_t step = 1) const {
    int found = 0;
    int seen = 0;
    for (std::size_t i = 0; i < photographs_.size(); i += step) {
      const cv::Mat& photograph = photographs_[i];
      ++seen;
      const cv::Point2f middle(photograph.cols / 2.F, photograph.rows / 2.F);
      for (const auto& face : detector.detect(facerec::view_of(photograph), {})) {
        if (!face.box.contains(middle)) continue;
        ++found;
        break;
      }
    }
    return static_cast<double>(found) / seen;
  }

  /// Faces of a picture with nothing in it.
  static std::size_t false_alarms(facerec::Detector& detector) {
    const cv::Mat grey(240, 320, CV_8UC3, cv::Scalar::all(128));
    return detector.detect(facerec::view_of(grey), {}).size();
  }

  std::vector<cv::Mat> photographs_;
};
