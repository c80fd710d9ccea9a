// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/embed/embedder.h"

#include <cmath>
#include <limits>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include "model_fixtures.h"
#include "shared_material.h"

using facerec::Alignment;
using facerec::Embedder;
using facerec::Embedding;
using facerec::ErrorCode;
using facerec::Model;
using facerec::Profile;

namespace {

/// A picture whose top left part is the aligned face already.
Alignment as_it_is(const Profile& profile, float left = 0) {
  return {facerec::Affine(1, 0, -left, 0, 1, 0), profile.template_name, profile.input};
}

cv::Mat smooth_picture(cv::Size size) {
  cv::Mat picture(size, CV_8UC3);
  cv::RNG random(5);
  random.fill(picture, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(picture, picture, {}, 4);
  cv::normalize(picture, picture, 0, 255, cv::NORM_MINMAX);
  return picture;
}

double length(const std::vector<float>& values) {
  return cv::norm(values, cv::NORM_L2);
}

TEST(Embedder, KnownWeightsGiveKnownNumbers) {
  const TemporaryFolder folder;
  Model model = write_convolution(folder, {1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 1, 1}, {1, 1});
  Embedder embedder(model);
  EXPECT_EQ(embedder.profile().dimension, 4);
  const cv::Mat picture(8, 8, CV_8UC3, cv::Scalar(10, 20, 30));
  const auto embeddings = embedder.embed(facerec::view_of(picture),
                                         {as_it_is(model.profile), as_it_is(model.profile, 3)});
  ASSERT_EQ(embeddings.size(), 2U);
  for (const Embedding& embedding : embeddings) {
    EXPECT_EQ(embedding.values, (std::vector<float>{10, 40, 90, 60}));
    EXPECT_EQ(embedding.model, "net");
    EXPECT_EQ(embedding.fingerprint, "f");
    EXPECT_FALSE(embedding.unit_length);
  }
  EXPECT_TRUE(embedder.embed(facerec::view_of(picture), {}).empty());

  model.profile.unit_length = true;
  const auto unit = Embedder(model).embed(facerec::view_of(picture), {as_it_is(model.profile)});
  EXPECT_TRUE(unit[0].unit_length);
  EXPECT_NEAR(length(unit[0].values), 1, 1e-6);
}

TEST(Embedder, AMaskedFaceIsBlackOutsideAndOfAnotherFingerprint) {
  const TemporaryFolder folder;
  const Model model = write_convolution(folder, {1, 0, 0}, {6, 4});
  Embedder embedder(model);
  const cv::Mat picture(4, 6, CV_8UC3, cv::Scalar(10, 20, 30));
  Alignment left_half = as_it_is(model.profile);
  left_half.mask = {{0, 0}, {2, 0}, {2, 3}, {0, 3}};
  const auto embeddings =
      embedder.embed(facerec::view_of(picture), {as_it_is(model.profile), left_half});
  ASSERT_EQ(embeddings.size(), 2U);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_EQ(embeddings[0].values[i], 10);
    EXPECT_EQ(embeddings[1].values[i], i % 6 < 3 ? 10 : 0) << i;
  }
  EXPECT_EQ(embeddings[0].fingerprint, embedder.fingerprint());
  EXPECT_EQ(embeddings[1].fingerprint, embedder.fingerprint(true));
  EXPECT_NE(embedder.fingerprint(), embedder.fingerprint(true));
}

TEST(Embedder, AnotherDimensionIsAMismatch) {
  const TemporaryFolder folder;
  Model model = write_convolution(folder, {1, 0, 0, 0, 1, 0}, {1, 1});
  model.profile.dimension = 128;
  expect_error(ErrorCode::Mismatch, {model.files[0].string(), "2 numbers instead of 128"},
               [&] { Embedder embedder(model); });
}

TEST(Embedder, NumbersThatAreNotFiniteAreRefused) {
  const TemporaryFolder folder;
  const Model model =
      write_convolution(folder, {std::numeric_limits<float>::infinity(), 0, 0}, {1, 1});
  Embedder embedder(model);
  const cv::Mat picture(8, 8, CV_8UC3, cv::Scalar::all(9));
  expect_error(ErrorCode::Mismatch, {"'net'", "not finite"},
               [&] { embedder.embed(facerec::view_of(picture), {as_it_is(model.profile)}); });
}

TEST(Embedder, OpenFaceEqualsTheReferenceRecipe) {
  if (shared_material().empty()) GTEST_SKIP() << "no reference material, see FACEREC_SHARED";
  const auto file = shared_material() / "models/openface_nn4small2_partial.t7";
  Profile custom;
  custom.input = {96, 96};
  custom.rgb = true;
  custom.scale = 1 / 255.;
  custom.template_name = "openface";
  custom.unit_length = true;
  Embedder embedder(facerec::find_model(file.string(), facerec::Role::Embedder, &custom));
  EXPECT_EQ(embedder.profile().dimension, 128);

  const cv::Mat picture = smooth_picture({9 * 96, 96});
  cv::dnn::Net reference = cv::dnn::readNetFromTorch(file.string());
  std::vector<Alignment> faces;
  std::vector<cv::Mat> expected;
  for (int i = 0; i < 9; ++i) {
    faces.push_back(as_it_is(custom, 96.F * static_cast<float>(i)));
    const cv::Mat crop = picture(cv::Rect(96 * i, 0, 96, 96)).clone();
    reference.setInput(cv::dnn::blobFromImage(crop, 1 / 255., {96, 96}, {}, true));
    const cv::Mat output = reference.forward().clone();
    expected.push_back(output / cv::norm(output));
  }
  for (std::size_t count = 1; count <= faces.size(); ++count) {
    const auto embeddings = embedder.embed(
        facerec::view_of(picture), {faces.begin(), faces.begin() + static_cast<long>(count)});
    ASSERT_EQ(embeddings.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(length(embeddings[i].values), 1, 1e-5);
      EXPECT_LT(cv::norm(cv::Mat(embeddings[i].values).t(), expected[i], cv::NORM_INF), 1e-4)
          << "face " << i << " of " << count;
    }
  }
}

}  // namespace
