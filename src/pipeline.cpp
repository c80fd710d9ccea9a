// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pipeline.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "align/align.h"
#include "align/mask.h"
#include "align/quality.h"
#include "embed/find_embedder.h"

namespace facerec {

namespace {

Model embedder_of(const RecognizerOptions& options) {
  if (options.model == "auto" && options.preferred) {
    return with_template(*options.preferred, options.template_name);
  }
  const auto custom = custom_profile(options.network, Role::Embedder);
  return find_embedder(options.model, options.template_name, custom ? &*custom : nullptr);
}

// Of 120 photos of LFW with YuNet, confidence times that of facerec-landmarks is at least 0.90 in
// the right turn and 0.05 to 0.9 less in the others (0.03 by confidence alone).
constexpr double clear_lead = 0.03;
constexpr double least_surest = 0.5;
constexpr std::size_t most_judged = 5;

// By the shorter side. A box at the frame's edge is that of a face that it cuts.
constexpr float rival_size = 0.7F;
constexpr float edge = 1;

}  // namespace

double prominence(const cv::Rect2f& box, cv::Size frame) {
  const cv::Point2d centre(box.x + box.width / 2., box.y + box.height / 2.);
  const double half = std::min(frame.width, frame.height) / 2.;
  const double distance =
      cv::norm(centre - cv::Point2d(frame.width / 2., frame.height / 2.)) / half;
  return box.area() * std::exp(-2 * distance * distance);
}

bool has_clear_main_face(const std::vector<Face>& faces, cv::Size frame) {
  const auto shorter_side = [](const Face& face) {
    return std::min(face.box.width, face.box.height);
  };
  return std::none_of(faces.begin() + (faces.empty() ? 0 : 1), faces.end(), [&](const Face& face) {
    const bool whole = face.box.x > edge && face.box.y > edge &&
                       face.box.br().x < static_cast<float>(frame.width) - edge &&
                       face.box.br().y < static_cast<float>(frame.height) - edge;
    return whole && shorter_side(face) >= rival_size * shorter_side(faces.front());
  });
}

Recognizer::Recognizer(const RecognizerOptions& options)
    : options_(options), landmarks_(options.landmarks, options.mask) {
  const Model detector = find_model(options.detector, Role::Detector);
  detector_profile_ = detector.profile;
  detector_ = make_detector(detector);
  Model embedder = embedder_of(options);
  if (options.mask) embedder.profile.curves.clear();  // of whole faces
  embedder_ = std::make_unique<Embedder>(embedder);
}

std::vector<Face> Recognizer::detect(const FrameView& frame) {
  std::vector<Face> faces = detector_->detect(frame, options_.detect);
  std::stable_sort(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
    return prominence(a.box, frame.size()) > prominence(b.box, frame.size());
  });
  return faces;
}

double Recognizer::surest_face(const FrameView& frame, const std::vector<Face>& faces) {
  double surest = 0;
  for (std::size_t i = 0; i < std::min(faces.size(), most_judged); ++i) {
    const Landmarks landmarks = judge_->locate(frame, faces[i].box);
    const bool seen = landmarks.scheme != LandmarkScheme::None;
    surest = std::max<double>(surest, seen ? faces[i].confidence * landmarks.confidence : 0);
  }
  return surest;
}

UprightPhoto Recognizer::detect_upright(const cv::Mat& photo) {
  UprightPhoto best{photo, 1, detect(view_of(photo))};
  if (!judge_) {
    Model model = find_model(fast_landmarks, Role::Landmarker);
    model.profile.thresholds["confidence"].value = 0;  // it says how sure it is, of everything
    judge_ = make_landmarker(model);
  }
  double least = std::max(surest_face(view_of(photo), best.faces) + clear_lead, least_surest);
  for (const Orientation turn : {3, 6, 8}) {
    const cv::Mat picture = turned(photo, turn);
    auto faces = detect(view_of(picture));
    const double surest = surest_face(view_of(picture), faces);
    if (surest <= least) continue;
    best = {picture, turn, std::move(faces)};
    least = surest;
  }
  return best;
}

std::vector<RecognizedFace> Recognizer::represent(const FrameView& frame, std::vector<Face> faces) {
  std::vector<RecognizedFace> result;
  std::vector<Alignment> alignments;
  result.reserve(faces.size());
  for (Face& face : faces) {
    landmarks_.place(frame, face);
    const Quality quality = measure_quality(frame, face);
    auto alignment = align(face, profile().template_name, profile().input, profile().margin);
    if (alignment && options_.mask) alignment = masked(*alignment, face.landmarks);
    if (alignment) alignments.push_back(*alignment);
    result.push_back({std::move(face), quality, alignment, std::nullopt});
  }

  auto embeddings = embedder_->embed(frame, alignments);
  auto next = embeddings.begin();
  for (RecognizedFace& face : result) {
    if (face.alignment) face.embedding = std::move(*next++);
  }
  return result;
}

}  // namespace facerec
