// SPDX-License-Identifier: LGPL-2.1-or-later

#include "detector.h"

#include <algorithm>
#include <cmath>

#include "../error.h"
#include "methods.h"
#include "tiles.h"

namespace facerec {
namespace {

struct Method {
  const char* name;
  std::unique_ptr<Detector> (*make)(const Model& model);
};

constexpr Method methods[] = {
    {"yunet", make_yunet},       {"facerec-detect", make_facerec_detect},
    {"ssd", make_ssd},           {"mtcnn", make_mtcnn},
    {"rfb", make_rfb},           {"dlib-mmod", make_dlib_mmod},
    {"dlib-hog", make_dlib_hog}, {"haar", make_haar},
};

bool is_finite(const Landmarks& landmarks) {
  return std::all_of(
      landmarks.points.begin(), landmarks.points.end(),
      [](const cv::Point2f& point) { return std::isfinite(point.x) && std::isfinite(point.y); });
}

std::unique_ptr<Detector> make_method(const Model& model) {
  const std::string& name = model.profile.method;
  std::string known;
  for (const Method& method : methods) {
    if (name == method.name) return method.make(model);
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  }
  throw Error(ErrorCode::Settings, "model '" + model.profile.name + "' asks for the detector '" +
                                       name + "', choose one of " + known);
}

}  // namespace

std::vector<Face> Detector::detect(const FrameView& frame, const DetectOptions& options) {
  if (frame.size().empty()) return {};
  DetectOptions resolved = options;
  if (resolved.threshold == 0) resolved.threshold = default_threshold();

  resolved.tiles = 1;
  const int picture = options.detect_size > 0 ? options.detect_size : picture_side_;
  const int tiles = picture > 0 ? useful_tiles(frame.size(), options.tiles, picture) : 1;
  const auto look = [&](const FrameView& view) { return find(view, resolved); };
  std::vector<Face> faces;
  for (Face& face : tiles > 1 ? find_in_tiles(frame, tile_grid(frame.size(), tiles, picture), look)
                              : look(frame)) {
    face.box = clip(face.box, frame.size());
    const float side = std::min(face.box.width, face.box.height);
    // Negated, so that a confidence that is not a number is dropped.
    if (!(face.confidence >= resolved.threshold) ||
        side < static_cast<float>(std::max(resolved.min_size, 1))) {
      continue;
    }
    face.confidence = std::min(face.confidence, 1.F);
    if (!is_finite(face.landmarks)) face.landmarks = {};
    faces.push_back(std::move(face));
  }

  const auto most = static_cast<std::size_t>(std::max(resolved.max_faces, 0));
  if (most > 0 && faces.size() > most) {
    std::stable_sort(faces.begin(), faces.end(),
                     [](const Face& a, const Face& b) { return a.box.area() > b.box.area(); });
    faces.resize(most);
  }
  std::stable_sort(faces.begin(), faces.end(),
                   [](const Face& a, const Face& b) { return a.confidence > b.confidence; });
  return faces;
}

std::unique_ptr<Detector> make_detector(const Model& model) {
  auto detector = model.profile.landmarks.empty() ? make_method(model) : make_checked(model);
  detector->picture_side_ = std::max(model.profile.input.width, model.profile.input.height);
  return detector;
}

std::vector<std::string> detector_methods() {
  std::vector<std::string> names;
  for (const Method& method : methods) names.emplace_back(method.name);
  return names;
}

cv::Size picture_size(cv::Size frame, int standard, int detect_size) {
  const int longer = std::max(frame.width, frame.height);
  const int side = detect_size > 0 ? detect_size : std::min(standard, longer);
  const double scale = static_cast<double>(side) / longer;
  return {std::max(1, cvRound(frame.width * scale)), std::max(1, cvRound(frame.height * scale))};
}

}  // namespace facerec
