// SPDX-License-Identifier: LGPL-2.1-or-later

#include "align/landmark_stage.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "error.h"
#include "refusals.h"
#include "shared_material.h"

using namespace facerec;
namespace fs = std::filesystem;

namespace {

Model model_of(const std::string& method, cv::Size input, std::vector<fs::path> files) {
  Model model;
  model.profile.name = method;
  model.profile.role = Role::Landmarker;
  model.profile.method = method;
  model.profile.source = "the test";
  model.profile.input = input;
  model.profile.scale = 1 / 255.;
  model.profile.margin = 0.15;
  model.files = std::move(files);
  return model;
}

Model pfld() {
  return model_of("landmarks68", {112, 112}, {shared_material() / "models/pfld_cunjian.onnx"});
}

Model landmarks5() {
  return find_model(environment("FACEREC_SOURCE_ROOT") + "/models/facerec-landmarks.json",
                    Role::Landmarker);
}

Model eyes() {
  const fs::path folder = "/usr/share/opencv4/haarcascades";
  return model_of("eyes", {160, 160},
                  {folder / "haarcascade_eye_tree_eyeglasses.xml", folder / "haarcascade_eye.xml"});
}

/// LFW's photos show the face in their middle, at always the same size.
const cv::Rect2f face_box(70, 65, 110, 120);
const cv::Point2f right_eye(104, 113);
const cv::Point2f left_eye(146, 113);

/// The photo turned clockwise about the middle of the face.
cv::Mat turned(const cv::Mat& photo, const cv::Mat& rotation) {
  cv::Mat result;
  cv::warpAffine(photo, result, rotation, photo.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return result;
}

/// Mean distance of the eyes found from where LFW has them, in distances between the eyes, over
/// those photos where any are found. Every photo is turned clockwise by `degrees`.
std::pair<double, int> eye_error(Landmarker& landmarker, float degrees = 0) {
  const cv::Mat rotation = cv::getRotationMatrix2D(middle_of(face_box), -degrees, 1);
  const Affine turn{cv::Matx23d(rotation)};
  double sum = 0;
  int found = 0;
  for (const char* person : {"Tony_Blair", "Colin_Powell", "Hugo_Chavez", "Gerhard_Schroeder"}) {
    for (const char* number : {"_0001.jpg", "_0003.jpg", "_0006.jpg", "_0008.jpg", "_0010.jpg"}) {
      const fs::path file =
          shared_material() / "media/lfw10" / person / (std::string(person) + number);
      const cv::Mat photo = cv::imread(file.string());
      EXPECT_FALSE(photo.empty()) << file;
      if (photo.empty()) continue;
      const auto seen = eye_centres(landmarker.locate(view_of(turned(photo, rotation)), face_box));
      if (!seen) continue;
      ++found;
      sum += (cv::norm((*seen)[0] - apply(turn, right_eye)) +
              cv::norm((*seen)[1] - apply(turn, left_eye))) /
             2 / cv::norm(left_eye - right_eye);
    }
  }
  return {sum / found, found};
}

ErrorCode refusal(const Model& model) {
  try {
    make_landmarker(model);
  } catch (const Error& error) {
    const std::string file = model.files.empty() ? "" : model.files[0].filename().string();
    EXPECT_NE(std::string(error.what()).find(file), std::string::npos) << error.what();
    return error.code();
  }
  ADD_FAILURE() << "was accepted";
  return ErrorCode::Write;
}

}  // namespace

TEST(Landmarks68, LieOnRealFaces) {
  if (!fs::exists(pfld().files[0])) GTEST_SKIP() << pfld().files[0] << " is absent";
  const auto landmarker = make_landmarker(pfld());
  const auto [error, found] = eye_error(*landmarker);
  EXPECT_EQ(found, 20);
  EXPECT_LT(error, 0.15);
}

TEST(Landmarks68, AreNoneForAnEmptyBox) {
  if (!fs::exists(pfld().files[0])) GTEST_SKIP() << pfld().files[0] << " is absent";
  const cv::Mat photo = cv::Mat::zeros(100, 100, CV_8UC3);
  EXPECT_EQ(make_landmarker(pfld())->locate(view_of(photo), {5, 5, 0, 0}).scheme,
            LandmarkScheme::None);
}

TEST(Landmarks68, WhatIsNotItsFileIsRefused) {
  const TemporaryFolder folder;
  const fs::path network = folder / "random.onnx";
  RandomNetwork({112, 112}, 136).write(network);
  const Model model = model_of("landmarks68", {112, 112}, {network});
  const auto make = [](const Model& other) { make_landmarker(other); };
  make(model);
  expect_refusals(model, make);
  if (fs::exists(pfld().files[0])) expect_refusals(pfld(), make);
}

TEST(Landmarks5, LieOnRealFaces) {
  if (!fs::exists(shared_material() / "media/lfw10")) GTEST_SKIP() << "photos are absent";
  const auto landmarker = make_landmarker(landmarks5());
  const auto [error, found] = eye_error(*landmarker);
  EXPECT_EQ(found, 20);
  EXPECT_LT(error, 0.15);
}

TEST(Landmarks5, FollowAFaceThatIsTurned) {
  if (!fs::exists(shared_material() / "media/lfw10")) GTEST_SKIP() << "photos are absent";
  const auto landmarker = make_landmarker(landmarks5());
  for (const float degrees : {-40.F, -20.F, 20.F, 40.F}) {
    const auto [error, found] = eye_error(*landmarker, degrees);
    EXPECT_GE(found, 19) << degrees;
    EXPECT_LT(error, 0.15) << degrees;
  }
}

TEST(LandmarkStage, ReplacesTheDetectorsOnlyWhereTheFaceIsTurned) {
  const fs::path file = shared_material() / "media/lfw10/Tony_Blair/Tony_Blair_0001.jpg";
  if (!fs::exists(file)) GTEST_SKIP() << "photos are absent";
  const std::string models = environment("FACEREC_SOURCE_ROOT") + "/models:";
  setenv("FACEREC_MODEL_PATH", (models + (shared_material() / "models").string()).c_str(), 1);
  LandmarkStage automatic("auto", false), none("none", false), named("facerec-landmarks", false);
  EXPECT_EQ(automatic.model(), "pfld");
  const cv::Mat photo = cv::imread(file.string());
  Face detected;
  detected.box = face_box;
  detected.landmarks = {LandmarkScheme::Five,
                        {right_eye, left_eye, {125, 140}, {108, 160}, {142, 160}}};
  for (const float degrees : {0.F, 30.F}) {
    const cv::Mat rotation = cv::getRotationMatrix2D(middle_of(face_box), -degrees, 1);
    const cv::Mat turned_photo = turned(photo, rotation);
    const FrameView view = view_of(turned_photo);
    Face face = detected;
    EXPECT_EQ(automatic.place(view, face), degrees != 0);
    EXPECT_EQ(face.landmarks.points == detected.landmarks.points, degrees == 0);
    EXPECT_NEAR(roll_of(face.landmarks), degrees, 8);

    EXPECT_FALSE(none.place(view, face = detected));
    EXPECT_EQ(face.landmarks.points, detected.landmarks.points);
    EXPECT_TRUE(named.place(view, face));
    EXPECT_NE(face.landmarks.points, detected.landmarks.points);

    face.landmarks = {};
    EXPECT_TRUE(automatic.place(view, face));
    EXPECT_EQ(face.landmarks.scheme, LandmarkScheme::SixtyEight);
  }
}

TEST(Landmarks5, AreNoneWhereThereIsNoFace) {
  const auto landmarker = make_landmarker(landmarks5());
  const cv::Mat flat(200, 200, CV_8UC3, cv::Scalar::all(120));
  for (const cv::Rect2f& box : {cv::Rect2f(20, 20, 150, 150), cv::Rect2f(5, 5, 0, 0)}) {
    EXPECT_EQ(landmarker->locate(view_of(flat), box).scheme, LandmarkScheme::None) << box;
  }
}

TEST(Landmarks5, WhatIsNotItsFileIsRefused) {
  const Model model = landmarks5();
  expect_refusals(model, [](const Model& other) { make_landmarker(other); });
}

TEST(Eyes, LieOnRealFaces) {
  if (!fs::exists(shared_material() / "media/lfw10") || !fs::exists(eyes().files[0]))
    GTEST_SKIP() << "photos or " << eyes().files[0] << " are absent";
  const auto landmarker = make_landmarker(eyes());
  const auto [error, found] = eye_error(*landmarker);
  EXPECT_GE(found, 15);
  EXPECT_LT(error, 0.15);
}

TEST(Eyes, AreNoneWhereThereIsNoFace) {
  if (!fs::exists(eyes().files[0])) GTEST_SKIP() << eyes().files[0] << " is absent";
  const auto landmarker = make_landmarker(eyes());
  const cv::Mat flat(200, 200, CV_8UC3, cv::Scalar::all(120));
  for (const cv::Rect2f& box :
       {cv::Rect2f(20, 20, 150, 150), cv::Rect2f(-500, 0, 50, 50), cv::Rect2f(5, 5, 0, 0),
        cv::Rect2f(5, 5, 100, 1), cv::Rect2f(NAN, 5, 100, 100)}) {
    EXPECT_EQ(landmarker->locate(view_of(flat), box).scheme, LandmarkScheme::None) << box;
  }
}

TEST(Eyes, WhatIsNotTheirFileIsRefused) {
  if (!fs::exists(eyes().files[0])) GTEST_SKIP() << eyes().files[0] << " is absent";
  expect_refusals(eyes(), [](const Model& other) { make_landmarker(other); });
}

TEST(LandmarkStage, OnlyTheModelOfAutoMayBeAbsent) {
  const TemporaryFolder empty;
  setenv("FACEREC_MODEL_PATH", empty.path().c_str(), 1);
  EXPECT_EQ(LandmarkStage("none", false).model(), "");
  EXPECT_EQ(LandmarkStage("auto", false).model(), "");
  EXPECT_THROW(LandmarkStage("pfld", false), Error);
  EXPECT_THROW(LandmarkStage("auto", true), Error);
}

TEST(Landmarker, AnUnknownMethodIsRefused) {
  EXPECT_EQ(refusal(model_of("five", {112, 112}, {})), ErrorCode::Settings);
}
