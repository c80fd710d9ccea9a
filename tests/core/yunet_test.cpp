// SPDX-License-Identifier: LGPL-2.1-or-later

#include <opencv2/objdetect.hpp>

#include "detector_fixtures.h"

using facerec::DetectOptions;
using facerec::ErrorCode;
using facerec::Face;
using facerec::view_of;

namespace {

class YuNetTest : public DetectorTest {};

TEST_F(YuNetTest, FindsTheFaceOfEachPhotograph) {
  const auto detector = make("yunet");
  EXPECT_GE(recall(*detector), 0.99);
  EXPECT_EQ(false_alarms(*detector), 0U);
}

TEST_F(YuNetTest, LandmarksLieWhereAFaceHasThem) {
  const auto detector = make("yunet");
  for (const cv::Mat& photograph : photographs_) {
    DetectOptions options;
    options.max_faces = 1;
    for (const Face& face : detector->detect(view_of(photograph), options)) {
      ASSERT_EQ(face.landmarks.scheme, facerec::LandmarkScheme::Five);
      const auto& points = face.landmarks.points;
      ASSERT_EQ(points.size(), 5U);
      for (const cv::Point2f& point : points) EXPECT_TRUE(face.box.contains(point));
      EXPECT_LT(points[0].x, points[1].x);
      EXPECT_LT(points[3].x, points[4].x);
      EXPECT_LT(points[0].y, points[2].y);
      EXPECT_LT(points[2].y, points[3].y);
    }
  }
}

// The network itself places a landmark some 4 % of the box's width elsewhere at another scale.
TEST_F(YuNetTest, APlaceInTheFrameMapsBack) {
  const auto detector = make("yunet");
  const Face small = detector->detect(view_of(photographs_[0]), {}).at(0);
  // The same photograph in frames of other sizes and aspect ratios.
  for (const cv::Rect place : {cv::Rect(0, 0, 500, 500), cv::Rect(777, 99, 500, 500),
                               cv::Rect(10, 200, 250, 250), cv::Rect(1000, 300, 375, 375)}) {
    cv::Mat frame(719, 1403, CV_8UC3, cv::Scalar(40, 60, 50));
    cv::resize(photographs_[0], frame(place), place.size());
    const float scale = static_cast<float>(place.width) / 250.F;
    const cv::Rect2f expected(static_cast<float>(place.x) + small.box.x * scale,
                              static_cast<float>(place.y) + small.box.y * scale,
                              small.box.width * scale, small.box.height * scale);
    const auto faces = detector->detect(view_of(frame), {});
    ASSERT_EQ(faces.size(), 1U) << place;
    EXPECT_GT(facerec::overlap(faces[0].box, expected), 0.8F) << place;
    for (int i = 0; i < 5; ++i) {
      const cv::Point2f point = small.landmarks.points[i] * scale;
      EXPECT_LT(cv::norm(faces[0].landmarks.points[i] - point - cv::Point2f(place.tl())),
                0.1 * expected.width)
          << place << " landmark " << i;
    }
  }
}

TEST_F(YuNetTest, DetectSizeDecidesHowSmallAFaceIsFound) {
  const auto detector = make("yunet");
  cv::Mat frame(1440, 2560, CV_8UC3, cv::Scalar::all(90));
  cv::resize(photographs_[0], frame(cv::Rect(1200, 700, 70, 70)), {70, 70}, 0, 0, cv::INTER_AREA);
  DetectOptions options;
  options.detect_size = 320;
  EXPECT_TRUE(detector->detect(view_of(frame), options).empty());
  options.detect_size = 1920;
  EXPECT_EQ(detector->detect(view_of(frame), options).size(), 1U);
}

TEST_F(YuNetTest, FramesOfAnySizeAreTaken) {
  const auto detector = make("yunet");
  for (const cv::Size size :
       {cv::Size(1, 1), cv::Size(2, 900), cv::Size(1900, 3), cv::Size(31, 33)}) {
    const cv::Mat frame(size, CV_8UC3, cv::Scalar::all(100));
    EXPECT_TRUE(detector->detect(view_of(frame), {}).empty()) << size;
  }
}

TEST_F(YuNetTest, AgreesWithOpenCvsOwnDecoding) {
  cv::Ptr<cv::FaceDetectorYN> reference;
  for (const char* file :
       {"face_detection_yunet_2023mar.onnx", "face_detection_yunet_2022mar.onnx"}) {
    try {
      reference = cv::FaceDetectorYN::create((shared_material() / "models" / file).string(), "",
                                             {256, 256}, 0.6F);
      cv::Mat ignored;
      reference->detect(cv::Mat::zeros(256, 256, CV_8UC3), ignored);
      break;
    } catch (const cv::Exception&) {
      reference.reset();  // Each version of OpenCV decodes only one of the files.
    }
  }
  ASSERT_TRUE(reference);
  const auto detector = make("yunet");
  double sum = 0;
  for (const cv::Mat& photograph : photographs_) {
    cv::Mat padded;
    cv::copyMakeBorder(photograph, padded, 0, 6, 0, 6, cv::BORDER_CONSTANT);
    cv::Mat rows;
    reference->detect(padded, rows);
    const auto faces = detector->detect(view_of(photograph), {});
    ASSERT_FALSE(rows.empty());
    ASSERT_FALSE(faces.empty());
    float best = 0;
    for (int i = 0; i < rows.rows; ++i) {
      const auto* row = rows.ptr<float>(i);
      best = std::max(best, facerec::overlap(faces[0].box, {row[0], row[1], row[2], row[3]}));
    }
    sum += best;
  }
  EXPECT_GT(sum / static_cast<double>(photographs_.size()), 0.8);
}

TEST_F(YuNetTest, OtherNetworksAreRefused) {
  facerec::Model model = facerec::find_model("yunet", facerec::Role::Detector);
  for (const char* other : {"pfld_cunjian.onnx", "mobilefacenet_y1_128d.onnx"}) {
    model.files = {shared_material() / "models" / other};
    try {
      facerec::make_detector(model);
      ADD_FAILURE() << other << " was taken";
    } catch (const facerec::Error& error) {
      EXPECT_NE(std::string(error.what()).find(other), std::string::npos) << error.what();
    }
  }
}

}  // namespace
