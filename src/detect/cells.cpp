// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cells.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "../error.h"
#include "../geometry.h"
#include "methods.h"
#include "suppression.h"

namespace facerec {
namespace {

constexpr int points_of_a_face = 5;

/// Small, because it only shows whether the file is the network.
const cv::Size probe_size{64, 64};

/// The faces without the parts of those that are larger than `largest`.
std::vector<Face> without_parts(std::vector<Face> faces, float largest) {
  return suppress(std::move(faces), [&](const Face& surer, const Face& face) {
    return surer.box.area() > largest * largest &&
           shared_part(surer.box, face.box, Overlap::Smaller) > 0.5F;
  });
}

}  // namespace

CellDetector::CellDetector(const Model& model, std::vector<std::string> outputs, float overlap,
                           float threshold, std::optional<float> least_vote,
                           std::optional<float> largest)
    : network_(model, outputs, probe_size),
      file_(model.files.front().string()),
      outputs_(std::move(outputs)),
      standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      overlap_(overlap),
      threshold_(confidence_threshold(model.profile, threshold)),
      least_vote_(least_vote),
      largest_(largest) {}

void CellDetector::probe() {
  const cv::Mat black = cv::Mat::zeros(probe_size, CV_8U);
  run({black, black, black});
}

void CellDetector::refuse(const std::string& method, std::size_t output,
                          const std::string& property) const {
  throw Error(ErrorCode::Mismatch, file_ + " is no " + method + ": its output '" +
                                       outputs_[output] + "' has another " + property +
                                       "; pass the file that the profile names");
}

const std::vector<cv::Mat>& CellDetector::run(const BgrPlanes& picture) {
  const std::vector<cv::Mat>& results = network_.run(picture);
  check(results, picture[0].size());
  return results;
}

void CellDetector::add(float score, int stride, int columns, int cell, const float* box,
                       const float* points) {
  const auto step = static_cast<float>(stride);
  const auto column = static_cast<float>(cell % columns);
  const int line = cell / columns;
  const auto row = static_cast<float>(line);
  const float width = std::exp(box[2]) * step;
  const float height = std::exp(box[3]) * step;
  Face& face = finds_.emplace_back();
  face.box = {(column + box[0]) * step - width / 2, (row + box[1]) * step - height / 2, width,
              height};
  face.confidence = score;
  face.landmarks.scheme = LandmarkScheme::Five;
  for (int point = 0; point < points_of_a_face; ++point, points += 2)
    face.landmarks.points.emplace_back((column + points[0]) * step, (row + points[1]) * step);
}

void CellDetector::vote(Face& face) const {
  const cv::Rect2f best = face.box;
  cv::Point2f corner, extent;
  std::vector<cv::Point2f> points(face.landmarks.points.size());
  float votes = 0;
  for (const Face& find : finds_) {
    const float shared = overlap(best, find.box);
    if (!(shared > overlap_)) continue;
    const float weight = find.confidence * find.confidence * shared;
    votes += weight;
    corner += weight * find.box.tl();
    extent += weight * cv::Point2f(find.box.size());
    for (std::size_t i = 0; i < points.size(); ++i) points[i] += weight * find.landmarks.points[i];
  }
  face.box = {corner.x / votes, corner.y / votes, extent.x / votes, extent.y / votes};
  for (std::size_t i = 0; i < points.size(); ++i) face.landmarks.points[i] = points[i] / votes;
}

std::vector<Face> CellDetector::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Size size = picture_size(frame.size(), standard_size_, options.detect_size);
  // Less than one cell of the finest grid holds no face, and OpenCV 4.10 now and then sees one
  // there.
  if (std::min(size.width, size.height) < strides.front()) return {};
  // The grids need whole cells.
  const cv::Size cells(round_up(size.width, strides.back()), round_up(size.height, strides.back()));
  const std::vector<cv::Mat>& results = run(sampler_.scale_to_planes(frame, size, cells));

  finds_.clear();
  const float least = std::min(options.threshold, least_vote_.value_or(1));
  for (std::size_t grid = 0; grid < strides.size(); ++grid)
    decode(results, grid, cells.width / strides.at(grid), least);
  std::vector<Face> faces = suppress(finds_, overlap_, Overlap::Union);
  while (!faces.empty() && faces.back().confidence < options.threshold) faces.pop_back();

  if (least_vote_) std::for_each(faces.begin(), faces.end(), [this](Face& face) { vote(face); });
  if (largest_) faces = without_parts(std::move(faces), *largest_);

  const float scale_x = static_cast<float>(frame.width) / static_cast<float>(size.width);
  const float scale_y = static_cast<float>(frame.height) / static_cast<float>(size.height);
  for (Face& face : faces) {
    const cv::Rect2f& box = face.box;
    face.box = {box.x * scale_x, box.y * scale_y, box.width * scale_x, box.height * scale_y};
    for (cv::Point2f& point : face.landmarks.points) point = {point.x * scale_x, point.y * scale_y};
  }
  return faces;
}

}  // namespace facerec
