// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/decision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "gallery_fixtures.h"
#include "temporary_folder.h"

using namespace facerec;

namespace {

/// A tenth comes within 0.5, and each 0.03 nearer an e-th of it.
Calibration curve(double tenth = 0.5) {
  return {{{tenth, 0.1}, {tenth + 0.5, 1}}, {0.03, 0}, 1000000};
}

class DecisionTest : public testing::Test {
 protected:
  DecisionTest() {
    profile.name = "test";
    profile.unit_length = true;
    profile.thresholds = {{"cosine", {0.6, ""}}};
    measured = profile;
    measured.curves.insert({"cosine", {curve(), ""}});
  }

  static GallerySize of(int people, std::vector<GallerySize::Several> several = {}) {
    return {people, std::move(several)};
  }
  Decision decide(const GallerySize& size) const { return {asked, size, std::nullopt, &measured}; }

  Profile profile, measured;
  DecisionOptions asked;
};

TEST_F(DecisionTest, ThePairThresholdIsTheOneAskedForOrTheProfiles) {
  EXPECT_EQ(pair_threshold(asked, measured), 0.6);
  asked.threshold = 0.2;
  EXPECT_EQ(pair_threshold(asked, measured), 0.2);
}

TEST_F(DecisionTest, WhatKnowsMoreGoesFirst) {
  const GalleryCalibration calibrated{0.01, 0.3, curve(0.4)};
  EXPECT_LT(Decision(asked, of(1), std::nullopt, &profile).threshold(), 0.6);
  const double by_profile = curve().threshold(1e-3), by_gallery = curve(0.4).threshold(1e-3);
  EXPECT_NEAR(Decision(asked, of(1), std::nullopt, &measured).threshold(), by_profile, 1e-12);
  EXPECT_NEAR(Decision(asked, of(1), calibrated, &measured).threshold(), by_gallery, 1e-12);
  EXPECT_NEAR(Decision(asked, of(1), calibrated, nullptr).threshold(), by_gallery, 1e-12);
  asked.threshold = 0.25;
  EXPECT_EQ(Decision(asked, of(1), calibrated, &measured).threshold(), 0.25);
  EXPECT_EQ(Decision(asked, of(1), std::nullopt, nullptr).threshold(), 0.25);
}

TEST_F(DecisionTest, TheRateIsThatOfTheWholeGallery) {
  for (const int people : {1, 12, 1000}) {
    for (const double rate : {1e-3, 0.1}) {
      asked.false_name_rate = rate;
      const Decision decision = decide(of(people));
      const double of_one = curve().false_accept_rate(decision.threshold());
      EXPECT_NEAR(1 - std::pow(1 - of_one, people), rate, rate * 1e-6) << people;
      EXPECT_NEAR(decision.false_accept_rate(decision.threshold()), of_one, of_one * 1e-9);
      EXPECT_NEAR(decision.false_name_rate(decision.threshold()), rate, rate * 1e-6);
    }
  }
}

TEST_F(DecisionTest, TheCurveOfOneMetricDecidesAlikeInAnother) {
  const double cosine = decide(of(50)).threshold();
  for (Metric metric : {Metric::EuclideanL2, Metric::Euclidean}) {
    asked.metric = metric;
    const Decision decision = decide(of(50));
    EXPECT_NEAR(decision.threshold(), std::sqrt(2 * cosine), 1e-9);
    EXPECT_NEAR(decision.false_name_rate(decision.threshold()), 1e-3, 1e-9);
  }
}

TEST_F(DecisionTest, TemplatesOfOnePersonCountByWhatTheyAdd) {
  const auto comparisons = [](int templates, double spread) {
    return effective_people(of(1, {{templates, spread}}), Metric::Cosine, 1e-3, 1);
  };
  EXPECT_NEAR(comparisons(5, 0), 1, 1e-9) << "the same photo again is nobody new";
  EXPECT_NEAR(comparisons(2, 1), 2, 0.01) << "two that have nothing in common are two";
  EXPECT_EQ(comparisons(2, NAN), 2);
  // Measured on LFW with MobileFaceNet, whose people's photos are .34 to .37 apart.
  EXPECT_NEAR(comparisons(2, 0.34), 1.78, 0.1);
  for (const auto& [templates, measured_there] : {std::pair{5, 3.45}, {10, 6.2}}) {
    EXPECT_GE(comparisons(templates, 0.36), measured_there);
    EXPECT_LE(comparisons(templates, 0.36), measured_there * 1.35);
  }
  EXPECT_NEAR(
      effective_people(of(1, {{3, std::sqrt(2 * 0.3)}}), Metric::EuclideanL2, 1e-3, std::sqrt(2)),
      comparisons(3, 0.3), 1e-9);
  EXPECT_NEAR(effective_people(of(7, {{2, 0}, {2, 0}}), Metric::Cosine, 1e-3, 1), 7, 1e-9);
  EXPECT_LT(decide(of(10, {{10, 0.36}})).threshold(), decide(of(10)).threshold());
}

TEST_F(DecisionTest, WithoutACurveItStaysBelowTheNetworksThatHaveOne) {
  for (const int people : {1, 10, 1000}) {
    const Decision decision(asked, of(people), std::nullopt, &profile);
    EXPECT_NE(decision.caution().find("'test'"), std::string::npos);
    EXPECT_TRUE(std::isnan(decision.false_accept_rate(0.1)));
    EXPECT_TRUE(std::isnan(decision.false_name_rate(0.1)));
    EXPECT_EQ(decide(of(people)).caution(), "");

    // The curves that ship, with their own thresholds.
    const std::string root = std::getenv("FACEREC_SOURCE_ROOT");
    for (const char* name : {"mobilefacenet", "mobilefacenet-caffe", "facerec-embed"}) {
      Profile known = read_profile(root + "/models/" + name + ".json");
      const double told = Decision(asked, of(people), std::nullopt, &known).threshold();
      known.curves.clear();
      const double guessed = Decision(asked, of(people), std::nullopt, &known).threshold();
      EXPECT_LT(guessed, told) << name;
      EXPECT_GT(guessed, told / 2) << name;
    }
  }
}

TEST_F(DecisionTest, ACautionIsForGuessesOnly) {
  EXPECT_EQ(Decision(asked, of(0), std::nullopt, &profile).caution(), "");
  asked.threshold = 0.3;
  EXPECT_EQ(Decision(asked, of(3), std::nullopt, &profile).caution(), "");
}

TEST_F(DecisionTest, TheNearestIsAcceptedUpToTheThreshold) {
  asked.threshold = 0.3;
  const Decision decision = decide(of(2));
  const Verdict near = decision.decide({{7, "Ada", 0.3}, {8, "Grace", 0.31}});
  EXPECT_TRUE(near.accepted);
  EXPECT_EQ(near.nearest.size(), 2u);
  EXPECT_NEAR(near.false_accept_rate, 0.1 * std::exp(-0.2 / 0.03), 1e-9);
  EXPECT_NEAR(near.false_name_rate, 1 - std::pow(1 - near.false_accept_rate, 2), 1e-9);
  EXPECT_FALSE(decision.decide({{8, "Grace", 0.31}}).accepted);
  EXPECT_FALSE(decision.decide({{8, "Grace", NAN}}).accepted);
  const Verdict nobody = decision.decide({});
  EXPECT_FALSE(nobody.accepted);
  EXPECT_TRUE(std::isnan(nobody.false_name_rate));
}

TEST_F(DecisionTest, WithoutAnyThresholdItSaysWhichModelHasNone) {
  const TemporaryFolder folder;
  Gallery gallery(folder / "people.db", Gallery::Mode::Create);
  const auto decide_unknown = [&] {
    const Matcher matcher(gallery, Metric::Cosine);
    return Decision(asked, matcher, nullptr).threshold();
  };
  EXPECT_TRUE(std::isnan(decide_unknown())) << "an empty gallery needs none";
  gallery.enroll("Ada", make_template({1, 0}));
  EXPECT_NE(error_of(ErrorCode::Settings, decide_unknown).find("'test'"), std::string::npos);
}

}  // namespace
