// SPDX-License-Identifier: LGPL-2.1-or-later

// Histograms of oriented gradients under a linear classifier: D. King, "Max-Margin Object
// Detection", 2015; the detector that is part of dlib's library. It sees faces of 80 pixels and
// more.

#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv.h>

#include "../sampling.h"
#include "dlib_score.h"
#include "methods.h"

namespace facerec {
namespace {

class DlibHog : public Detector {
 public:
  explicit DlibHog(const Model& model)
      : standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
        threshold_(confidence_threshold(model.profile, 0.5F)) {}

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  int standard_size_;
  float threshold_;
  Sampler sampler_;
  dlib::frontal_face_detector detector_ = dlib::get_frontal_face_detector();
};

std::vector<Face> DlibHog::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Mat picture =
      sampler_.scale_to_gray(frame, doubled_size(frame.size(), options, standard_size_));
  std::vector<dlib::rect_detection> found;
  detector_(dlib::cv_image<unsigned char>(picture), found, score_of(options.threshold));

  std::vector<Face> faces;
  faces.reserve(found.size());
  for (const dlib::rect_detection& one : found) {
    faces.push_back(face_of(one.rect, one.detection_confidence, picture.size(), frame.size()));
  }
  return faces;
}

}  // namespace

std::unique_ptr<Detector> make_dlib_hog(const Model& model) {
  return std::make_unique<DlibHog>(model);
}

}  // namespace facerec
