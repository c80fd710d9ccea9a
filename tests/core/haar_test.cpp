// SPDX-License-Identifier: LGPL-2.1-or-later

#include "detect/suppression.h"
#include "detector_fixtures.h"

using facerec::DetectOptions;
using facerec::ErrorCode;
using facerec::view_of;

namespace {

bool cascade_is_present() {
  const auto profiles = facerec::list_profiles();
  return std::any_of(profiles.begin(), profiles.end(), [](const facerec::Profile& profile) {
    return profile.name == "haar" && facerec::is_present(profile);
  });
}

class HaarTest : public DetectorTest {
 protected:
  void SetUp() override {
    DetectorTest::SetUp();
    if (IsSkipped()) return;
    if (!cascade_is_present()) GTEST_SKIP() << "opencv-data is not installed";
  }
};

TEST_F(HaarTest, FindsTheFaceOfEachPhotograph) {
  const auto detector = make("haar");
  EXPECT_GE(recall(*detector), 0.95);
  EXPECT_EQ(false_alarms(*detector), 0U);
}

TEST(Suppression, DropsWhatSharesMoreThanItsPartWithASurerOne) {
  using facerec::Face;
  const std::vector<Face> faces{{{40, 40, 20, 20}, 0.5F, {}},  // inside of the next
                                {{0, 0, 100, 100}, 0.9F, {}},
                                {{49, 0, 100, 100}, 0.8F, {}},  // shares 0.51 of each
                                {{49, 60, 100, 100}, 0.7F, {}}};
  const auto apart = facerec::suppress(faces, 0.5F, facerec::Overlap::Smaller);
  ASSERT_EQ(apart.size(), 2U);
  EXPECT_EQ(apart[0].confidence, 0.9F);
  EXPECT_EQ(apart[1].confidence, 0.7F);
  EXPECT_EQ(facerec::suppress(faces, 0.5F, facerec::Overlap::Union).size(), 4U);
}

TEST(Haar, AHeadHasOneBox) {
  const cv::Mat photograph =
      cv::imread("/usr/share/doc/opencv-doc/opencv4/html/227943776_1.jpg", cv::IMREAD_GRAYSCALE);
  if (photograph.empty()) GTEST_SKIP() << "opencv-doc is not installed";
  if (!cascade_is_present()) GTEST_SKIP() << "opencv-data is not installed";
  const auto detector =
      facerec::make_detector(facerec::find_model("haar", facerec::Role::Detector));
  // In these the cascade finds a chin and a cheek beside the face.
  for (const auto& [side, degrees] : {std::pair{200, -12}, {368, -20}, {440, -20}}) {
    cv::Mat turned;
    cv::resize(photograph, turned, {side, side}, 0, 0, cv::INTER_AREA);
    const auto half = static_cast<float>(side) / 2;
    cv::warpAffine(turned, turned, cv::getRotationMatrix2D({half, half}, degrees, 1),
                   turned.size());
    DetectOptions options;
    options.threshold = 0.01F;
    EXPECT_EQ(detector->detect(view_of(turned), options).size(), 1U) << side << ' ' << degrees;
  }
}

TEST_F(HaarTest, MinSizeLeavesOutSmallFaces) {
  const auto detector = make("haar");
  DetectOptions options;
  ASSERT_FALSE(detector->detect(view_of(photographs_[0]), options).empty());
  options.min_size = 200;
  EXPECT_TRUE(detector->detect(view_of(photographs_[0]), options).empty());
}

TEST_F(HaarTest, AHigherThresholdKeepsTheSurestOnly) {
  const auto detector = make("haar");
  DetectOptions options;
  options.threshold = 0.3F;
  const auto many = detector->detect(view_of(photographs_[0]), options);
  ASSERT_FALSE(many.empty());
  options.threshold = many.front().confidence;
  const auto surest = detector->detect(view_of(photographs_[0]), options);
  ASSERT_FALSE(surest.empty());
  EXPECT_EQ(surest.front().confidence, many.front().confidence);
  options.threshold = 1;
  EXPECT_TRUE(detector->detect(view_of(photographs_[0]), options).empty());
}

TEST_F(HaarTest, WhatIsNoCascadeIsRefused) {
  const TemporaryFolder folder;
  facerec::Model model = facerec::find_model("haar", facerec::Role::Detector);
  const std::string whole = read_file(model.files[0]);
  model.files[0] = folder / "cascade.xml";
  for (const std::string& content :
       {std::string(), std::string("hello"), whole.substr(0, whole.size() / 2),
        std::string("<?xml version=\"1.0\"?>\n<opencv_storage><a>1</a></opencv_storage>\n")}) {
    write_file(model.files[0], content);
    expect_error(ErrorCode::Read, {model.files[0].string(), "opencv-data"},
                 [&] { facerec::make_detector(model); });
  }
}

}  // namespace
