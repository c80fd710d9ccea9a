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

}  // namespace

double prominence(const cv::Rect2f& box, cv::Size frame) {
  const cv::Point2d centre(box.x + box.width / 2., box.y + box.height / 2.);
  const double half = std::min(frame.width, frame.height) / 2.;
  const double distance =
      cv::norm(centre - cv::Point2d(frame.width / 2., frame.height / 2.)) / half;
  return box.area() * std::exp(-2 * distance * distance);
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
