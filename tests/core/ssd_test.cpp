// SPDX-License-Identifier: LGPL-2.1-or-later

#include "detector_fixtures.h"

using facerec::ErrorCode;

namespace {

class SsdTest : public DetectorTest {};

TEST_F(SsdTest, FindsTheFaceOfEachPhotograph) {
  const auto detector = make("ssd");
  EXPECT_GE(recall(*detector), 0.98);
  EXPECT_EQ(false_alarms(*detector), 0U);
}

TEST_F(SsdTest, BoxesFitTheFaceInAWideFrame) {
  const auto detector = make("ssd");
  cv::Mat frame(500, 1000, CV_8UC3, cv::Scalar(40, 60, 50));
  cv::resize(photographs_[0], frame(cv::Rect(500, 0, 500, 500)), {500, 500});
  const auto faces = detector->detect(facerec::view_of(frame), {});
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_TRUE(faces[0].box.contains(cv::Point2f(750, 250)));
  EXPECT_GT(faces[0].box.width, 120);
  EXPECT_LT(faces[0].box.width, 330);
  EXPECT_EQ(faces[0].landmarks.scheme, facerec::LandmarkScheme::None);
}

TEST_F(SsdTest, ANetworkOfAnotherShapeIsAMismatch) {
  facerec::Model model = facerec::find_model("ssd", facerec::Role::Detector);
  model.files = {shared_material() / "models/mobilefacenet_y1_128d.onnx"};
  model.profile.input = {112, 112};
  expect_error(ErrorCode::Mismatch, {model.files[0].string(), "1x1xNx7"},
               [&] { facerec::make_detector(model); });
}

}  // namespace
