// SPDX-License-Identifier: LGPL-2.1-or-later

#include "detector_fixtures.h"

using facerec::DetectOptions;
using facerec::ErrorCode;
using facerec::view_of;

namespace {

class HaarTest : public DetectorTest {
 protected:
  void SetUp() override {
    DetectorTest::SetUp();
    if (IsSkipped()) return;
    const auto profiles = facerec::list_profiles();
    for (const auto& profile : profiles) {
      if (profile.name == "haar" && !facerec::is_present(profile)) {
        GTEST_SKIP() << "opencv-data is not installed";
      }
    }
  }
};

TEST_F(HaarTest, FindsTheFaceOfEachPhotograph) {
  const auto detector = make("haar");
  EXPECT_GE(recall(*detector), 0.95);
  EXPECT_EQ(false_alarms(*detector), 0U);
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
