// SPDX-License-Identifier: LGPL-2.1-or-later

// An ensemble of regression trees: V. Kazemi and J. Sullivan, "One Millisecond Face Alignment with
// an Ensemble of Regression Trees", CVPR 2014; dlib's shape_predictor and its files.

#include <dlib/image_processing/shape_predictor.h>
#include <dlib/opencv.h>

#include <cmath>

#include "../dlib_file.h"
#include "../sampling.h"
#include "../shared.h"
#include "align.h"
#include "methods.h"

namespace facerec {
namespace {

/// dlib's five points are the corners of the left eye, those of the right eye and the base of the
/// nose; no LandmarkScheme has these.
std::vector<cv::Point2f> eyes_of(const std::vector<cv::Point2f>& corners_and_nose) {
  const auto& p = corners_and_nose;
  return {(p[2] + p[3]) / 2, (p[0] + p[1]) / 2};
}

/// The box as dlib's HOG detector, with whose boxes the predictors were trained, would draw it:
/// from the eyebrows to the chin. Other detectors' boxes begin higher, so it is the square of the
/// same area on the same base. On LFW it overlaps dlib's own by 0.82 (YuNet, MTCNN), 0.79 (SSD),
/// 0.78 (Haar, RFB) and 0.76 (MMOD), intersection over union, median.
cv::Rect2f square_of(const cv::Rect2f& box) {
  const float side = std::sqrt(box.area());
  return {box.x + (box.width - side) / 2, box.y + box.height - side, side, side};
}

/// The model's predictor, whose 60 to 100 MB the process keeps once.
std::shared_ptr<const dlib::shape_predictor> shared_predictor(const Model& model) {
  static Shared<dlib::shape_predictor> all;
  return all.get(model.fingerprint, [&] {
    auto predictor = std::make_unique<dlib::shape_predictor>();
    read_dlib_file(model, "a shape predictor of dlib", *predictor);
    return predictor;
  });
}

class DlibShape : public Landmarker {
 public:
  DlibShape(const Model& model, unsigned long parts);
  LandmarkScheme scheme() const override {
    return predictor_->num_parts() == 5 ? LandmarkScheme::Eyes : LandmarkScheme::SixtyEight;
  }

 private:
  Landmarks look(const FrameView& frame, const cv::Rect2f& box, float roll) override;

  std::shared_ptr<const dlib::shape_predictor> predictor_;
  int side_;  ///< pixels of the square that the predictor takes for the face
  Sampler sampler_;
  double margin_;
};

DlibShape::DlibShape(const Model& model, unsigned long parts)
    : predictor_(shared_predictor(model)),
      side_(model.profile.input.width),
      margin_(model.profile.margin) {
  if (predictor_->num_parts() != parts) {
    throw Error(ErrorCode::Mismatch, model.files.front().string() + " predicts " +
                                         std::to_string(predictor_->num_parts()) +
                                         " points instead of " + std::to_string(parts) +
                                         ": pass the file that the profile '" + model.profile.name +
                                         "' describes");
  }
}

Landmarks DlibShape::look(const FrameView& frame, const cv::Rect2f& box, float roll) {
  // The trees look beyond the face too: half of its side all around.
  const int border = side_ / 2;
  const cv::Size size(side_ + 2 * border, side_ + 2 * border);
  const double surroundings = (1 + 2 * margin_) * border / side_;
  Face face;
  face.box = square_of(box);
  const auto crop = align(face, "none", size, margin_ + surroundings);
  if (!crop) return {};
  const Affine transform = after_turning(crop->transform, middle_of(box), roll);
  const cv::Mat picture = sampler_.warp_to_bgr(frame, transform, size);
  const dlib::rectangle square(border, border, border + side_ - 1, border + side_ - 1);
  const auto shape = (*predictor_)(dlib::cv_image<dlib::bgr_pixel>(picture), square);

  const Affine to_frame = invert(transform);
  std::vector<cv::Point2f> points;
  for (unsigned long i = 0; i < shape.num_parts(); ++i) {
    const cv::Point2f point(static_cast<float>(shape.part(i).x()),
                            static_cast<float>(shape.part(i).y()));
    points.push_back(apply(to_frame, point));
  }
  return {scheme(), points.size() == 5 ? eyes_of(points) : points};
}

}  // namespace

std::unique_ptr<Landmarker> make_dlib68(const Model& model) {
  return std::make_unique<DlibShape>(model, 68);
}

std::unique_ptr<Landmarker> make_dlib5(const Model& model) {
  return std::make_unique<DlibShape>(model, 5);
}

}  // namespace facerec
