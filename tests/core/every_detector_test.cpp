// SPDX-License-Identifier: LGPL-2.1-or-later

// What every detector promises, a row each.

#include "detector_fixtures.h"
#include "refusals.h"

using facerec::LandmarkScheme;
using facerec::Model;
using facerec::Role;

namespace {

struct Row {
  const char* name;
  double recall;  ///< least, on photographs of one face each
  LandmarkScheme landmarks;
  bool has_file;
  std::size_t step;  ///< every which photograph, for slow ones
};

const Row rows[] = {
    {"facerec-detect", 0.98, LandmarkScheme::Five, true, 1},
    {"yunet", 0.98, LandmarkScheme::Five, true, 1},
    {"mtcnn", 0.98, LandmarkScheme::Five, true, 1},
    {"rfb", 0.98, LandmarkScheme::None, true, 1},
    {"ssd", 0.98, LandmarkScheme::None, true, 1},
    {"haar-checked", 0.90, LandmarkScheme::Five, true, 1},
    {"haar", 0.90, LandmarkScheme::None, true, 1},
#ifdef HAVE_DLIB
    {"dlib-mmod", 0.90, LandmarkScheme::None, true, 8},
    {"dlib-hog", 0.90, LandmarkScheme::None, false, 2},
#endif
};

class EveryDetector : public DetectorTest, public testing::WithParamInterface<Row> {
 protected:
  void SetUp() override {
    DetectorTest::SetUp();
    if (IsSkipped()) return;
    const std::string path = std::getenv("FACEREC_MODEL_PATH");
    setenv("FACEREC_MODEL_PATH",
           (path + ":" + (shared_material() / "models/mtcnn").string()).c_str(), 1);
  }
};

TEST_P(EveryDetector, FindsTheFaceOfAPhotographAndNothingInGrey) {
  const auto detector = make(GetParam().name);
  EXPECT_GE(recall(*detector, GetParam().step), GetParam().recall);
  EXPECT_EQ(false_alarms(*detector), 0U);
}

TEST_P(EveryDetector, GivesTheLandmarksThatItSays) {
  const auto detector = make(GetParam().name);
  for (const auto& face : detector->detect(facerec::view_of(photographs_[0]), {})) {
    EXPECT_EQ(face.landmarks.scheme, GetParam().landmarks);
    const auto five = facerec::five_points(face.landmarks);
    if (!five) continue;
    EXPECT_LT((*five)[0].x, (*five)[1].x) << "the right eye is to the left in the picture";
    EXPECT_LT((*five)[3].x, (*five)[4].x);
    EXPECT_LT((*five)[0].y, (*five)[3].y) << "eyes lie above the mouth";
  }
}

TEST_P(EveryDetector, TakesAnySize) {
  const auto detector = make(GetParam().name);
  for (const cv::Size size :
       {cv::Size(1, 1), cv::Size(3, 5), cv::Size(641, 7), cv::Size(33, 479)}) {
    const cv::Mat picture(size, CV_8UC3, cv::Scalar::all(90));
    EXPECT_TRUE(detector->detect(facerec::view_of(picture), {}).empty()) << size;
  }
}

TEST_P(EveryDetector, NeverSeesMoreAtAHigherThreshold) {
  const auto detector = make(GetParam().name);
  std::size_t before = SIZE_MAX;
  for (const float threshold : {0.1F, 0.5F, 0.9F, 0.999F}) {
    facerec::DetectOptions options;
    options.threshold = threshold;
    std::size_t count = 0;
    for (std::size_t i = 0; i < 8; i += GetParam().step) {
      count += detector->detect(facerec::view_of(photographs_[i]), options).size();
    }
    EXPECT_LE(count, before) << threshold;
    before = count;
  }
}

TEST_P(EveryDetector, RefusesWhatIsNotItsFile) {
  if (!GetParam().has_file) GTEST_SKIP() << "it has no file";
  const Model model = facerec::find_model(GetParam().name, Role::Detector);
  expect_refusals(model, [](const Model& other) { facerec::make_detector(other); });
}

INSTANTIATE_TEST_SUITE_P(, EveryDetector, testing::ValuesIn(rows), [](const auto& row) {
  std::string name = row.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
