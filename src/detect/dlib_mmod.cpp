// SPDX-License-Identifier: LGPL-2.1-or-later

// A convolutional network trained with the loss of D. King, "Max-Margin Object Detection", 2015:
// dlib's mmod_human_face_detector.dat. It sees faces of 40 pixels and more.

#include <dlib/dnn.h>
#include <dlib/opencv.h>

#include "../dlib_file.h"
#include "../sampling.h"
#include "dlib_score.h"
#include "methods.h"

namespace facerec {
namespace {

// dlib reads a network's file into the type of the network that wrote it.
template <long filters, typename Below>
using Halve = dlib::relu<dlib::affine<dlib::con<filters, 5, 5, 2, 2, Below>>>;
template <typename Below>
using Keep = dlib::relu<dlib::affine<dlib::con<45, 5, 5, 1, 1, Below>>>;
using Input = dlib::input_rgb_image_pyramid<dlib::pyramid_down<6>>;
using MmodNet = dlib::loss_mmod<
    dlib::con<1, 9, 9, 1, 1, Keep<Keep<Keep<Halve<32, Halve<32, Halve<16, Input>>>>>>>>;

constexpr int least_face = 40;  // pixels; dlib's convolutions throw on much smaller pictures

class DlibMmod : public Detector {
 public:
  explicit DlibMmod(const Model& model);

 private:
  std::vector<Face> find(const FrameView& frame, const DetectOptions& options) override;
  float default_threshold() const override { return threshold_; }

  MmodNet network_;
  int standard_size_;
  float threshold_;
  Sampler sampler_;
};

DlibMmod::DlibMmod(const Model& model)
    : standard_size_(std::max(model.profile.input.width, model.profile.input.height)),
      threshold_(confidence_threshold(model.profile, 0.5F)) {
  read_dlib_file(model, "the face detector of dlib's examples", network_);
}

std::vector<Face> DlibMmod::find(const FrameView& frame, const DetectOptions& options) {
  const cv::Mat picture =
      sampler_.scale_to_bgr(frame, doubled_size(frame.size(), options, standard_size_));
  if (std::min(picture.cols, picture.rows) < least_face) return {};
  dlib::matrix<dlib::rgb_pixel> input;
  dlib::assign_image(input, dlib::cv_image<dlib::bgr_pixel>(picture));

  std::vector<Face> faces;
  for (const dlib::mmod_rect& one : network_.process(input, score_of(options.threshold))) {
    faces.push_back(face_of(one.rect, one.detection_confidence, picture.size(), frame.size()));
  }
  return faces;
}

}  // namespace

std::unique_ptr<Detector> make_dlib_mmod(const Model& model) {
  return std::make_unique<DlibMmod>(model);
}

}  // namespace facerec
