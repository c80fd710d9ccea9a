// SPDX-License-Identifier: LGPL-2.1-or-later

// Linked in place of src/engine/backend.cpp: an engine that runs nothing. It answers at once, from
// memory that it keeps, as this project's own networks would to a picture with one upright face.
// What a program takes then is what everything but the networks takes.

#include "engine/backend.h"

#include <cmath>
#include <map>

#include "align/template.h"

namespace facerec {
namespace {

/// A network's answer to an input of some size.
using Answer = cv::Mat (*)(const std::string& output, cv::Size input);

/// Sides of the face's box in cells of the grid in whose middle it lies.
constexpr float face_side = 5;

cv::Mat detect(const std::string& output, cv::Size input) {
  constexpr int planes = 15;
  const int stride = std::stoi(output.substr(std::string("stride").size()));
  const cv::Size grid = input / stride;
  cv::Mat result(std::vector<int>{1, planes, grid.height, grid.width}, CV_32F, cv::Scalar(-20));
  if (stride != 16) return result;
  std::vector<float> face{4, 0.5F, 0.5F, std::log(face_side), std::log(face_side)};
  for (const cv::Point2f& point : find_template("arcface").five) {
    face.push_back(0.5F + face_side * (point.x - 0.5F));
    face.push_back(0.5F + face_side * (point.y - 0.5F));
  }
  for (int plane = 0; plane < planes; ++plane)
    result.ptr<float>(0, plane, grid.height / 2)[grid.width / 2] = face.at(plane);
  return result;
}

cv::Mat locate(const std::string& output, cv::Size /*input*/) {
  if (output != "points") return cv::Mat(1, 1, CV_32F, cv::Scalar(1));
  return cv::Mat(find_template("arcface").five, true).reshape(1, 1);
}

cv::Mat embed(const std::string& /*output*/, cv::Size /*input*/) {
  cv::Mat result(1, 128, CV_32F);
  for (int i = 0; i < result.cols; ++i) result.at<float>(i) = std::sin(static_cast<float>(i));
  return result;
}

class FakeBackend : public Backend {
 public:
  explicit FakeBackend(Answer answer) : answer_(answer) {}

  std::vector<std::string> output_names() const override { return {"output"}; }
  bool has_output(const std::string& /*name*/) const override { return true; }

  void forward(const cv::Mat& blob, const std::vector<std::string>& outputs,
               std::vector<cv::Mat>& results) override {
    const cv::Size input(blob.size[3], blob.size[2]);
    if (input == input_) return;
    input_ = input;
    results.clear();
    for (const std::string& output : outputs) results.push_back(answer_(output, input));
  }

 private:
  Answer answer_;
  cv::Size input_;
};

}  // namespace

std::vector<std::string> engine_names() {
  return {"fake"};
}

std::unique_ptr<Backend> make_backend(const Model& model) {
  const std::map<std::string, Answer> answers{
      {"facerec-detect", detect}, {"landmarks5", locate}, {"", embed}};
  return std::make_unique<FakeBackend>(answers.at(model.profile.method));
}

}  // namespace facerec
