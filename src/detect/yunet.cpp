// SPDX-License-Identifier: LGPL-2.1-or-later

// YuNet: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector", Machine
// Intelligence Research 20, 2023. Anchor free: each cell of three grids says whether a face's
// centre lies there, where exactly, how large it is and where its five landmarks are.

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/dnn.hpp>

#include "../engine/network.h"
#include "../error.h"
#include "../sampling.h"
#include "methods.h"

namespace facerec {
namespace {

constexpr std::array<int, 3> strides{8, 16, 32};
constexpr int coarsest = 32;
constexpr float nms_overlap = 0.3F;

/// Outputs and the numbers that each gives for a cell.
const std::pair<const char*, std::size_t> fields[] = {
    {"cls_", 1}, {"obj_", 1}, {"bbox_", 4}, {"kps_", 10}};

/// Small, because it only shows whether the file is a YuNet.
const cv::Size probe_size{64, 64};

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

cv::Size padded(cv::Size size) {
  return {round_up(size.width, coarsest), round_up(size.height, coarsest)};
}

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
  cv::Mat picture_;

  // Candidates of one frame, in pixels of the picture.
  std::vector<cv::Rect2d> boxes_;
  std::vector<float> scores_;
  std::vector<std::vector<cv::Point2f>> points_;
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
  const cv::Size whole = padded(size);
  if (size == whole) {
    picture_ = scale_to_bgr(frame, size);
  } else {
    picture_ = cv::Mat::zeros(whole, CV_8UC3);
    scale_to_bgr(frame, size).copyTo(picture_(cv::Rect({}, size)));
  }
  const std::vector<cv::Mat> results = run(picture_);

  boxes_.clear();
  scores_.clear();
  points_.clear();
  for (std::size_t grid = 0; grid < strides.size(); ++grid) {
    decode(results, grid, whole.width / strides.at(grid), options.threshold);
  }
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes_, scores_, 0.F, nms_overlap, kept);

  const float scale_x = static_cast<float>(frame.width) / static_cast<float>(size.width);
  const float scale_y = static_cast<float>(frame.height) / static_cast<float>(size.height);
  std::vector<Face> faces;
  for (const int index : kept) {
    Face& face = faces.emplace_back();
    const cv::Rect2f box = boxes_[index];
    face.box = {box.x * scale_x, box.y * scale_y, box.width * scale_x, box.height * scale_y};
    face.confidence = scores_[index];
    face.landmarks.scheme = LandmarkScheme::Five;
    for (const cv::Point2f& point : points_[index]) {
      face.landmarks.points.emplace_back(point.x * scale_x, point.y * scale_y);
    }
  }
  return faces;
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
    boxes_.emplace_back((column + box[0]) * stride - width / 2,
                        (row + box[1]) * stride - height / 2, width, height);
    scores_.push_back(score);
    auto& five = points_.emplace_back();
    for (int point = 0; point < 5; ++point) {
      const float* offset = points + static_cast<std::ptrdiff_t>(2) * point;
      five.emplace_back((column + offset[0]) * stride, (row + offset[1]) * stride);
    }
  }
}

}  // namespace

std::unique_ptr<Detector> make_yunet(const Model& model) {
  return std::make_unique<YuNet>(model);
}

}  // namespace facerec
