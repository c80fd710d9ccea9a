// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/decision.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gallery_fixtures.h"
#include "temporary_folder.h"

using namespace facerec;

class DecisionTest : public testing::Test {
 protected:
  DecisionTest() {
    profile.name = "test";
    profile.thresholds = {{"cosine", {0.3, ""}}};
    gallery.enroll("Ada", make_template({1, 0}));
  }

  static Calibration curve() { return {{{0.5, 0.1}, {1, 1}}, {0.1, 0}, 1000}; }
  Matcher matcher() const { return {gallery, Metric::Cosine}; }
  double threshold(const DecisionOptions& options, const Profile* of_model) const {
    const Matcher people = matcher();
    return Decision(options, people, of_model).threshold();
  }

  TemporaryFolder folder;
  Gallery gallery{folder / "people.db", Gallery::Mode::Create};
  Profile profile;
  DecisionOptions asked;
};

TEST_F(DecisionTest, AcceptsUpToTheThreshold) {
  const Matcher people = matcher();
  const Decision decision(asked, people, &profile);
  const auto verdict = [&](float degrees) {
    const float angle = degrees * static_cast<float>(CV_PI) / 180;
    return decision.decide({"test", "f00d", {std::cos(angle), std::sin(angle)}, true}, 1);
  };
  EXPECT_TRUE(verdict(45).accepted);  // at a distance of 0.29
  EXPECT_FALSE(verdict(46).accepted);
  EXPECT_EQ(verdict(46).nearest.at(0).name, "Ada");
  EXPECT_TRUE(std::isnan(verdict(46).false_accept_rate));
  EXPECT_FALSE(decision.accepts(NAN));
}

TEST_F(DecisionTest, WithoutAnyThresholdItSaysWhichModelHasNone) {
  EXPECT_NE(error_of(ErrorCode::Settings, [&] { threshold(asked, nullptr); }).find("'test'"),
            std::string::npos);
}
