// SPDX-License-Identifier: LGPL-2.1-or-later

// Eyes by boosted cascades of Haar features, in the form and with the files that OpenCV ships.

#include <algorithm>
#include <cmath>
#include <opencv2/objdetect.hpp>

#include "../error.h"
#include "../sampling.h"
#include "methods.h"

namespace facerec {
namespace {

// In parts of the width of a face's box.
constexpr double least_eye = 0.12;
constexpr double greatest_eye = 0.5;
constexpr double least_distance = 0.25;
constexpr double usual_distance = 0.42;
constexpr double greatest_distance = 0.65;

constexpr double eye_part = 0.6;  ///< of the box's height, from its top
constexpr double scale_step = 1.05;
constexpr int neighbours = 2;

class Eyes : public Landmarker {
 public:
  explicit Eyes(const Model& model);
  LandmarkScheme scheme() const override { return LandmarkScheme::Eyes; }

 private:
  Landmarks look(const FrameView& frame, const cv::Rect2f& box, float roll) override;

  std::vector<cv::CascadeClassifier> cascades_;
  int width_;  ///< pixels to which a face's box is scaled
  Sampler sampler_;
};

Eyes::Eyes(const Model& model) : width_(model.profile.input.width) {
  for (const auto& file : model.files) {
    cv::CascadeClassifier cascade;
    bool loaded = false;
    try {
      loaded = cascade.load(file.string());
    } catch (const cv::Exception&) {
      // OpenCV says so by either way.
    }
    if (!loaded)
      throw Error(ErrorCode::Read, file.string() +
                                       " is not a cascade that OpenCV can read: get it again (" +
                                       model.profile.source + ")");
    cascades_.push_back(std::move(cascade));
  }
}

cv::Point2f centre_of(const cv::Rect& rectangle) {
  return {static_cast<float>(rectangle.x) + static_cast<float>(rectangle.width - 1) / 2,
          static_cast<float>(rectangle.y) + static_cast<float>(rectangle.height - 1) / 2};
}

/// How unlike the eyes of a face of that width two rectangles are, 0 and up; infinite where they
/// cannot be a pair.
double implausibility(const cv::Rect& right, const cv::Rect& left, int face_width) {
  const cv::Point2d line = centre_of(left) - centre_of(right);
  const double distance = line.x / face_width;
  if (distance < least_distance || distance > greatest_distance) return INFINITY;
  const double tilt = std::abs(line.y / line.x);
  const double sizes = std::abs(std::log(static_cast<double>(left.width) / right.width));
  if (tilt > 0.5 || sizes > 0.6) return INFINITY;
  const double middle = (centre_of(left).x + centre_of(right).x) / 2 / face_width;
  return tilt + sizes + 2 * std::abs(middle - 0.5) + 2 * std::abs(distance - usual_distance);
}

/// The two of the candidates that look most like a pair, right eye first; empty where none do.
std::vector<cv::Point2f> best_pair(const std::vector<cv::Rect>& candidates, int face_width) {
  double least = INFINITY;
  std::vector<cv::Point2f> best;
  for (const cv::Rect& right : candidates) {
    for (const cv::Rect& left : candidates) {
      const double cost = implausibility(right, left, face_width);
      if (cost >= least) continue;
      least = cost;
      best = {centre_of(right), centre_of(left)};
    }
  }
  return best;
}

Landmarks Eyes::look(const FrameView& frame, const cv::Rect2f& box, float roll) {
  const float scale = static_cast<float>(width_) / box.width;
  const double height = std::min(box.height * scale, 2.F * width_) * eye_part;
  const int least = cvRound(least_eye * width_);
  const int greatest = cvRound(greatest_eye * width_);
  if (!(height >= least)) return {};
  // Edges lie half a pixel before the centres of pixels.
  const Affine of_box(scale, 0, (0.5F - box.x) * scale - 0.5F,  //
                      0, scale, (0.5F - box.y) * scale - 0.5F);
  const Affine to_picture = after_turning(of_box, middle_of(box), roll);
  const cv::Mat picture = sampler_.warp_to_gray(frame, to_picture, {width_, cvRound(height)});

  std::vector<cv::Rect> candidates;
  for (cv::CascadeClassifier& cascade : cascades_) {
    std::vector<cv::Rect> found;
    cascade.detectMultiScale(picture, found, scale_step, neighbours, 0, {least, least},
                             {greatest, greatest});
    candidates.insert(candidates.end(), found.begin(), found.end());
    const std::vector<cv::Point2f> pair = best_pair(candidates, width_);
    if (pair.empty()) continue;
    const Affine to_frame = invert(to_picture);
    return {LandmarkScheme::Eyes, {apply(to_frame, pair[0]), apply(to_frame, pair[1])}};
  }
  return {};
}

}  // namespace

std::unique_ptr<Landmarker> make_eyes(const Model& model) {
  return std::make_unique<Eyes>(model);
}

}  // namespace facerec
