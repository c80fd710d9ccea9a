// SPDX-License-Identifier: LGPL-2.1-or-later

// A detector whose finds a landmarker looks at again: what it takes for a face gets its landmarks
// and its confidence, the rest is dropped.

#include "../align/landmarker.h"
#include "methods.h"

namespace facerec {
namespace {

class Checked : public Detector {
 public:
  Checked(std::unique_ptr<Detector> finder, std::unique_ptr<Landmarker> landmarker, float threshold)
      : finder_(std::move(finder)), landmarker_(std::move(landmarker)), threshold_(threshold) {}

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  std::unique_ptr<Detector> finder_;
  std::unique_ptr<Landmarker> landmarker_;
  float threshold_;
};

std::vector<Face> Checked::find(const FrameView& frame, const DetectOptions& options) {
  DetectOptions candidates = options;
  candidates.threshold = 0;
  candidates.max_faces = 0;
  std::vector<Face> faces;
  for (Face& face : finder_->detect(frame, candidates)) {
    face.landmarks = landmarker_->locate(frame, face.box);
    if (face.landmarks.scheme == LandmarkScheme::None) continue;
    face.confidence = face.landmarks.confidence;
    faces.push_back(std::move(face));
  }
  return faces;
}

}  // namespace

std::unique_ptr<Detector> make_checked(const Model& model) {
  Model landmarks = find_model(model.profile.landmarks, Role::Landmarker);
  landmarks.engine = model.engine;
  // Every candidate is asked for its confidence; the detector's threshold decides.
  landmarks.profile.thresholds["confidence"].value = 0;
  Model finder = model;
  finder.profile.landmarks.clear();
  auto& thresholds = finder.profile.thresholds;
  thresholds.erase("confidence");
  if (auto candidate = thresholds.extract("candidate")) {
    candidate.key() = "confidence";
    thresholds.insert(std::move(candidate));
  }
  return std::make_unique<Checked>(make_detector(finder), make_landmarker(landmarks),
                                   confidence_threshold(model.profile, 0.5F));
}

}  // namespace facerec
