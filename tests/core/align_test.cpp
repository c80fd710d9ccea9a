// SPDX-License-Identifier: LGPL-2.1-or-later

#include "align/align.h"

#include <gtest/gtest.h>

#include "align/template.h"
#include "error.h"

using namespace facerec;

namespace {

/// A face whose landmarks are the template's, turned and scaled in the frame.
Face face_of(const FaceTemplate& face, LandmarkScheme scheme, const Affine& to_frame) {
  Landmarks landmarks{scheme, {}};
  const int count = scheme == LandmarkScheme::Eyes ? 2 : 5;
  for (int i = 0; i < count; ++i) landmarks.points.push_back(apply(to_frame, face.five[i] * 112));
  return {{}, 1, landmarks};
}

const Affine tilted(1.2f, -0.7f, 200, 0.7f, 1.2f, 90);

}  // namespace

TEST(Align, TakesLandmarksToTheTemplate) {
  for (const std::string name : {"arcface", "openface", "dlib"}) {
    const FaceTemplate& target = find_template(name);
    for (const LandmarkScheme scheme : {LandmarkScheme::Five, LandmarkScheme::Eyes}) {
      const Face face = face_of(target, scheme, tilted);
      const auto alignment = align(face, name, {96, 96}, 0);
      ASSERT_TRUE(alignment);
      EXPECT_EQ(alignment->template_name, name);
      EXPECT_EQ(alignment->size, cv::Size(96, 96));
      for (std::size_t i = 0; i < face.landmarks.points.size(); ++i)
        EXPECT_LT(
            cv::norm(apply(alignment->transform, face.landmarks.points[i]) - target.five[i] * 96),
            1e-2);
    }
  }
}

TEST(Align, ArcfaceAt112IsThePublishedTemplate) {
  const FaceTemplate target = find_template("arcface");
  EXPECT_LT(cv::norm(target.five[0] * 112 - cv::Point2f(38.2946f, 51.6963f)), 1e-4);
  EXPECT_LT(cv::norm(target.five[4] * 112 - cv::Point2f(70.7299f, 92.2041f)), 1e-4);
}

TEST(Align, OpenFaceUsesOuterEyesAndNoseOfSixtyEightPoints) {
  const FaceTemplate target = find_template("openface");
  // OpenFace's own numbers, which it scales so that all 68 points fill 0..1.
  const cv::Point2d least(0.0792396913815, 0.182360984545);
  const cv::Point2d most(0.971193274221, 1.06080371126);
  const cv::Point2d raw[] = {{0.252418718401, 0.331052263829},
                             {0.782865376271, 0.321305281656},
                             {0.520712933176, 0.634268222208}};
  Landmarks landmarks{LandmarkScheme::SixtyEight, std::vector<cv::Point2f>(68, {500, 500})};
  for (int i = 0; i < 3; ++i) {
    const cv::Point2f anchor((raw[i].x - least.x) / (most.x - least.x),
                             (raw[i].y - least.y) / (most.y - least.y));
    EXPECT_LT(cv::norm(target.anchor_points[i] - anchor), 1e-5);
    landmarks.points[target.anchors[i]] = apply(tilted, anchor * 96);
  }
  EXPECT_EQ(target.anchors, (std::vector<int>{36, 45, 33}));
  const auto alignment = align({{}, 1, landmarks}, "openface", {96, 96}, 0);
  ASSERT_TRUE(alignment);
  EXPECT_LT(cv::norm(alignment->transform - invert(tilted)), 0.05);
}

TEST(Align, ReducesSixtyEightPointsForTheFivePointTemplate) {
  Landmarks landmarks{LandmarkScheme::SixtyEight, std::vector<cv::Point2f>(68)};
  const FaceTemplate target = find_template("arcface");
  const int owner[] = {30, 48, 54};
  for (int i = 36; i <= 47; ++i)
    landmarks.points[i] = apply(tilted, target.five[i < 42 ? 0 : 1] * 112);
  for (int i = 0; i < 3; ++i) landmarks.points[owner[i]] = apply(tilted, target.five[i + 2] * 112);
  const auto alignment = align({{}, 1, landmarks}, "arcface", {112, 112}, 0);
  ASSERT_TRUE(alignment);
  EXPECT_LT(cv::norm(alignment->transform - invert(tilted)), 0.05);
}

TEST(Align, NoneIsTheSquareAroundTheBox) {
  Face face;
  face.box = {100, 50, 40, 80};
  const auto alignment = align(face, "none", {120, 120}, 0.25);
  ASSERT_TRUE(alignment);
  // A square of 80 * 1.5 pixels around (120, 90): edges 60..180 and 30..150, at equal scale.
  EXPECT_LT(cv::norm(alignment->transform - Affine(1, 0, -60, 0, 1, -30)), 1e-4);
}

TEST(Align, FillsPicturesThatAreNotSquare) {
  Face face;
  face.box = {100, 50, 94, 110};
  const auto whole = align(face, "none", {47, 55}, 0);
  ASSERT_TRUE(whole);
  // Twice as large as the picture: edges 100..194 and 50..160.
  EXPECT_LT(cv::norm(whole->transform - Affine(0.5f, 0, -50.25f, 0, 0.5f, -25.25f)), 1e-4);
  EXPECT_EQ(whole->size, cv::Size(47, 55));
  face.box = {100, 50, 94, 94};
  const auto square = align(face, "none", {47, 55}, 0);
  ASSERT_TRUE(square);
  EXPECT_LT(cv::norm(square->transform - Affine(0.5f, 0, -50.25f, 0, 0.5f, -21.25f)), 1e-4);

  const FaceTemplate target = find_template("arcface");
  const Face upright = face_of(target, LandmarkScheme::Five, tilted);
  const auto tall = align(upright, "arcface", {47, 55}, 0);
  ASSERT_TRUE(tall);
  for (int i = 0; i < 5; ++i) {
    const cv::Point2f expected = target.five[i] * 47 + cv::Point2f(0, 4);
    EXPECT_LT(cv::norm(apply(tall->transform, upright.landmarks.points[i]) - expected), 1e-2);
  }
}

TEST(Align, DlibsChipComesFromItsFivePoints) {
  const FaceTemplate target = find_template("dlib");
  EXPECT_EQ(target.anchors, (std::vector<int>{36, 39, 42, 45, 33}));
  // dlib's own numbers, around which it leaves a quarter.
  const cv::Point2d raw[] = {{0.1205750620789, 0.2137274526848},
                             {0.3340850613712, 0.2290642403242},
                             {0.6460604764104, 0.2289674387677},
                             {0.8595674595992, 0.2134981538014},
                             {0.4901123135679, 0.6277975316475}};
  for (int i = 0; i < 5; ++i) {
    const cv::Point2d chip = (raw[i] + cv::Point2d(0.25, 0.25)) / 1.5;
    EXPECT_LT(cv::norm(cv::Point2d(target.anchor_points[i]) - chip), 1e-5);
  }
}

TEST(Align, IsEmptyWithoutUsableLandmarks) {
  Face face;
  face.box = {10, 10, 50, 50};
  EXPECT_FALSE(align(face, "arcface", {112, 112}, 0));
  face.landmarks = {LandmarkScheme::Five, std::vector<cv::Point2f>(5, {30, 30})};
  EXPECT_FALSE(align(face, "arcface", {112, 112}, 0));
  face.landmarks = {LandmarkScheme::Eyes, {{30, NAN}, {40, 30}}};
  EXPECT_FALSE(align(face, "openface", {96, 96}, 0));
  face.landmarks = {LandmarkScheme::Five, {{1, 2}, {3, 4}}};
  EXPECT_FALSE(align(face, "arcface", {112, 112}, 0));
  face.box = {10, 10, 0, 0};
  EXPECT_FALSE(align(face, "none", {112, 112}, 0));
}

TEST(Templates, AnUnknownNameIsRefusedWithTheKnownOnes) {
  try {
    find_template("nosuch");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Settings);
    for (const std::string& name : template_names())
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos);
  }
}
