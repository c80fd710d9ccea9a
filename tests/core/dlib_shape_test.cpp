// SPDX-License-Identifier: LGPL-2.1-or-later

// dlib's shape predictors as landmarkers. The published files are large, so predictors of the same
// shape are trained here, on discs.

#include <gtest/gtest.h>

#include "align/landmarker.h"
#include "error.h"
#include "frame_painter.h"
#include "refusals.h"

#ifdef HAVE_DLIB
#include <dlib/image_processing/shape_predictor_trainer.h>
#include <dlib/image_transforms/assign_image.h>
#include <dlib/opencv.h>
#endif

using namespace facerec;

namespace {

Model model_of(const std::string& method, const std::filesystem::path& file) {
  Model model;
  model.profile.name = method;
  model.profile.role = Role::Landmarker;
  model.profile.method = method;
  model.profile.input = {300, 300};
  model.files = {file};
  return model;
}

#ifdef HAVE_DLIB

using Pixels = dlib::array2d<unsigned char>;

/// A dark disc on light ground, blurred.
cv::Mat disc(cv::Size size, cv::Point centre, int radius) {
  cv::Mat picture(size, CV_8UC1, cv::Scalar(200));
  cv::circle(picture, centre, radius, cv::Scalar(40), cv::FILLED);
  cv::GaussianBlur(picture, picture, {}, radius / 6.);
  return picture;
}

/// Where the points of a disc lie: around its centre, what stands for the eyes on one level.
cv::Point2d on_disc(cv::Point centre, int radius, int part, int parts) {
  const double angle = 2 * CV_PI * part / parts + (parts == 5 ? -0.1 : 0.27943) * CV_PI;
  return cv::Point2d(centre) + radius * cv::Point2d(std::cos(angle), std::sin(angle));
}

/// Learns to find discs of a quarter of the box's side near its middle.
dlib::shape_predictor trained(int parts) {
  constexpr int side = 80;
  constexpr int border = 40;
  constexpr int count = 25;
  const dlib::rectangle box(border, border, border + side - 1, border + side - 1);
  dlib::array<Pixels> pictures(count);
  std::vector<std::vector<dlib::full_object_detection>> objects;
  cv::RNG random(3);
  for (int i = 0; i < count; ++i) {
    const cv::Point centre(80 + random.uniform(-10, 11), 80 + random.uniform(-10, 11));
    const cv::Mat picture = disc({160, 160}, centre, side / 4);
    dlib::assign_image(pictures[i], dlib::cv_image<unsigned char>(picture));
    std::vector<dlib::point> points;
    for (int part = 0; part < parts; ++part) {
      const cv::Point2d point = on_disc(centre, side / 4, part, parts);
      points.emplace_back(std::lround(point.x), std::lround(point.y));
    }
    objects.push_back({{box, points}});
  }
  dlib::shape_predictor_trainer trainer;
  trainer.set_cascade_depth(6);
  trainer.set_tree_depth(3);
  trainer.set_num_trees_per_cascade_level(40);
  trainer.set_feature_pool_size(100);
  trainer.set_oversampling_amount(20);
  trainer.set_nu(0.2);
  return trainer.train(pictures, objects);
}

class DlibShape : public testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() { predictors_ = new Predictors{{5, trained(5)}, {68, trained(68)}}; }
  static void TearDownTestSuite() { delete predictors_; }

  DlibShape() : model_(model_of("dlib-" + std::to_string(GetParam()), folder_ / "predictor.dat")) {
    dlib::serialize(model_.files[0].string()) << predictor();
  }

  static const dlib::shape_predictor& predictor() { return predictors_->at(GetParam()); }

  /// What the landmarker makes of that many points.
  static Landmarks reduced(const std::vector<cv::Point2f>& points) {
    if (points.size() == 68) return {LandmarkScheme::SixtyEight, points};
    return {LandmarkScheme::Eyes, {(points[2] + points[3]) / 2, (points[0] + points[1]) / 2}};
  }

  static void expect_near(const Landmarks& found, const Landmarks& expected, double most) {
    EXPECT_EQ(found.scheme, expected.scheme);
    ASSERT_EQ(found.points.size(), expected.points.size());
    for (std::size_t i = 0; i < found.points.size(); ++i) {
      EXPECT_LE(cv::norm(found.points[i] - expected.points[i]), most)
          << i << ": " << found.points[i] << " instead of " << expected.points[i];
    }
  }

  TemporaryFolder folder_;
  Model model_;

 private:
  using Predictors = std::map<int, dlib::shape_predictor>;
  static Predictors* predictors_;
};

DlibShape::Predictors* DlibShape::predictors_ = nullptr;

TEST_P(DlibShape, IsWhatDlibSaysOfTheSquareOnTheBoxsBase) {
  const cv::Mat frame = test::test_picture({900, 800}, 60);
  const auto landmarker = make_landmarker(model_);
  // Squares of the size that the landmarker works in, so that no pixel is scaled.
  const std::pair<cv::Rect2f, dlib::rectangle> boxes[] = {
      {{200, 210, 300, 300}, {200, 210, 499, 509}},
      {{330, 160, 240, 375}, {300, 235, 599, 534}},
      {{-50, 600, 300, 300}, {-50, 600, 249, 899}}};  // beyond the frame
  for (const auto& [box, square] : boxes) {
    const auto shape = predictor()(dlib::cv_image<dlib::bgr_pixel>(frame), square);
    std::vector<cv::Point2f> points;
    for (unsigned long i = 0; i < shape.num_parts(); ++i) {
      points.emplace_back(static_cast<float>(shape.part(i).x()),
                          static_cast<float>(shape.part(i).y()));
    }
    expect_near(landmarker->locate(view_of(frame), box), reduced(points), 1e-3);
  }
}

TEST_P(DlibShape, LieOnDiscsOfAnySizeInAnyFormat) {
  const auto landmarker = make_landmarker(model_);
  for (const int side : {60, 200, 640}) {
    const cv::Point centre(2 * side + side / 20, side - side / 15);
    cv::Mat picture;
    cv::cvtColor(disc({4 * side, 2 * side}, centre, side / 4), picture, cv::COLOR_GRAY2BGR);
    std::vector<cv::Point2f> points(GetParam());
    for (int part = 0; part < GetParam(); ++part)
      points[part] = on_disc(centre, side / 4, part, GetParam());
    const cv::Rect2f box(1.5F * side, 0.5F * side, side, side);
    for (const char* format : {"BGR", "NV12", "GRAY8"}) {
      SCOPED_TRACE(std::to_string(side) + ' ' + format);
      const auto frame = test::paint(picture, test::format_of(format));
      expect_near(landmarker->locate(frame.view(), box), reduced(points), 0.03 * side);
    }
  }
}

TEST_P(DlibShape, IsNoneForABoxWithoutArea) {
  const cv::Mat frame = test::test_picture({100, 100});
  const auto landmarker = make_landmarker(model_);
  for (const cv::Rect2f& box : {cv::Rect2f(5, 5, 0, 0), cv::Rect2f(5, 5, NAN, 50)})
    EXPECT_EQ(landmarker->locate(view_of(frame), box).scheme, LandmarkScheme::None) << box;
}

TEST_P(DlibShape, WhatIsNotItsFileIsRefused) {
  const auto make = [](const Model& other) { make_landmarker(other); };
  const std::string whole = read_file(model_.files[0]);
  expect_refusals(model_, make);
  for (int tenth = 1; tenth < 10; ++tenth) {
    write_file(model_.files[0], whole.substr(0, whole.size() * tenth / 10));
    expect_refused(model_, make, std::to_string(tenth) + " tenths of its file");
  }
  dlib::serialize(model_.files[0].string()) << std::vector<int>{1, 2, 3};
  expect_refused(model_, make, "another object of dlib");
}

TEST_P(DlibShape, AnotherNumberOfPointsIsRefused) {
  const Model other = model_of(GetParam() == 5 ? "dlib-68" : "dlib-5", model_.files[0]);
  expect_error(ErrorCode::Mismatch, {other.files[0].string(), "5", "68", "points"},
               [&] { make_landmarker(other); });
}

INSTANTIATE_TEST_SUITE_P(, DlibShape, testing::Values(5, 68));

#else

TEST(DlibShape, SaysWhatToInstallWithoutDlib) {
  for (const char* method : {"dlib-68", "dlib-5"}) {
    expect_error(ErrorCode::Settings, {method, "libdlib-dev"},
                 [&] { make_landmarker(model_of(method, "predictor.dat")); });
  }
}

#endif

}  // namespace
