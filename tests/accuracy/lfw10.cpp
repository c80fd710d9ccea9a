// SPDX-License-Identifier: LGPL-2.1-or-later

// All 4,950 pairs of the ten photos of each of ten people, decided as `facerec verify` does.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "cli/image.h"
#include "cli/probe.h"
#include "match/metric.h"
#include "shared_material.h"

using namespace facerec;
namespace fs = std::filesystem;

class Lfw10 : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path shared = shared_material();
    if (shared.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
    const std::string models = environment("FACEREC_SOURCE_ROOT") + "/models";
    setenv("FACEREC_MODEL_PATH", (models + ':' + (shared / "models").string()).c_str(), 1);
    for (const auto& entry : fs::recursive_directory_iterator(shared / "media/lfw10")) {
      if (entry.path().extension() == ".jpg") photos.push_back(entry.path());
    }
    std::sort(photos.begin(), photos.end());
    ASSERT_EQ(photos.size(), 100u);
  }

  static RecognizerOptions options(const std::string& detector) {
    RecognizerOptions options;
    options.detector = detector;
    options.model = "mobilefacenet";
    return options;
  }

  std::vector<fs::path> photos;
};

TEST_F(Lfw10, PhotosAreTurnedUprightAndUprightOnesAreLeft) {
  for (const char* detector : {"yunet", "haar-checked"}) {
    Recognizer recognizer(options(detector));
    int left = 0;
    int righted = 0;
    for (std::size_t i = 0; i < photos.size(); ++i) {
      const cv::Mat photo = cli::read_image(photos[i]);
      const std::pair<Orientation, Orientation> turns[] = {{3, 3}, {6, 8}, {8, 6}};
      const auto& [turn, back] = turns[i % 3];
      left += recognizer.detect_upright(photo).turn == 1;
      righted += recognizer.detect_upright(turned(photo, turn)).turn == back;
    }
    std::cout << detector << ": " << left << " of 100 upright photos left, " << righted
              << " of 100 turned ones righted\n";
    EXPECT_EQ(left, 100) << detector;
    EXPECT_GE(righted, 98) << detector;
  }
}

TEST_F(Lfw10, MobileFaceNetDecidesAtLeast98PercentOfThePairs) {
  Recognizer recognizer(options("yunet"));
  std::vector<std::vector<float>> embeddings;
  for (const fs::path& photo : photos) {
    embeddings.push_back(cli::read_probe(recognizer, photo).face.embedding->values);
  }

  for (Metric metric : all_metrics()) {
    const double threshold = default_threshold(recognizer.profile(), metric);
    int right = 0, false_accepts = 0, false_rejects = 0;
    for (std::size_t a = 0; a < photos.size(); ++a) {
      for (std::size_t b = a + 1; b < photos.size(); ++b) {
        const bool same = photos[a].parent_path() == photos[b].parent_path();
        const bool accepted = distance(embeddings[a], embeddings[b], metric) <= threshold;
        right += same == accepted;
        false_accepts += accepted && !same;
        false_rejects += same && !accepted;
      }
    }
    const int pairs = right + false_accepts + false_rejects;
    ASSERT_EQ(pairs, 4950);
    const double percent = 100.0 * right / pairs;
    std::cout << "lfw10 " << to_string(metric) << " <= " << threshold << ": " << percent << " % of "
              << pairs << " pairs right, " << false_accepts << " false accepts, " << false_rejects
              << " false rejects\n";
    EXPECT_GE(percent, 98);
  }
}
