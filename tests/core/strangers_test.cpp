// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/strangers.h"

#include <gtest/gtest.h>

#include "track_fixtures.h"

using namespace facerec;

namespace {

class StrangersTest : public testing::Test {
 protected:
  StrangersTest() {
    profile.name = "test";
    profile.unit_length = true;
    // A tenth comes within 0.5, and each 0.03 nearer an e-th of it: 1e-4 within 0.293.
    const Calibration curve({{0.5, 0.1}, {1, 1}}, {0.03, 0}, 1000000);
    profile.curves.insert({"cosine", {curve, ""}});
  }

  int number_of(const Embedding& mean, const std::vector<int>& others = {}) {
    return strangers.number_of(mean, asked, std::nullopt, &profile, others);
  }

  Strangers strangers;
  DecisionOptions asked;
  Profile profile;
};

TEST_F(StrangersTest, AreNumberedInTheOrderInWhichTheyCame) {
  EXPECT_EQ(number_of(view(0, 1, 10)), 1);
  EXPECT_EQ(number_of(view(1, 1, 10)), 2);
  EXPECT_EQ(number_of(view(0, 0.8, 11)), 1);
  EXPECT_EQ(number_of(view(1, 0.8, 11)), 2);
  EXPECT_EQ(number_of(view(0, 0.5, 12)), 3);
  EXPECT_EQ(strangers.size(), 3u);
}

TEST_F(StrangersTest, OfOneFrameAreDifferentPeople) {
  EXPECT_EQ(number_of(view(0, 1, 10)), 1);
  EXPECT_EQ(number_of(view(0, 1, 10), {1}), 2);
}

TEST_F(StrangersTest, ComeNearerTheMoreThereAre) {
  EXPECT_EQ(number_of(view(0, 1, 10)), 1);
  for (int i = 1; i < 50; ++i) number_of(view(i, 1, 50));
  EXPECT_EQ(number_of(view(0, 0.75, 50)), 51) << "one stranger alone would be that near";
  EXPECT_EQ(number_of(view(0, 0.85, 51)), 1);
}

TEST_F(StrangersTest, AreTheMeanOfTheirTracks) {
  asked.threshold = 0.2;
  const int number = number_of(view(0, 1, 10));
  strangers.see(number, view(0, 1, 10));
  strangers.see(number, view(1, 1, 10));
  EXPECT_EQ(number_of(view(1, 1, 0)), 2) << "45 degrees from each";
  Embedding between = view(0, 1, 10);
  between.values[1] = 1;
  EXPECT_EQ(number_of(between), number);
  strangers.see(99, between);
  EXPECT_EQ(strangers.size(), 2u);
}

TEST_F(StrangersTest, AreForgottenUnlessTheyWereSeenBefore) {
  number_of(view(0, 1, 10));
  strangers.forget(1);
  EXPECT_EQ(strangers.size(), 0u);
  EXPECT_EQ(number_of(view(0, 1, 10)), 2) << "no number comes twice";
  strangers.see(2, view(0, 1, 10));
  strangers.forget(2);
  EXPECT_EQ(number_of(view(0, 1, 10)), 2);
}

TEST_F(StrangersTest, AThresholdIsHeededWhereItIsStricter) {
  asked.threshold = 0.1;
  EXPECT_EQ(number_of(view(0, 1, 10)), 1);
  EXPECT_EQ(number_of(view(0, 0.8, 10)), 2);
  EXPECT_EQ(number_of(view(0, 0.95, 11)), 1);
  asked.threshold = 0.9;
  EXPECT_EQ(number_of(view(0, 0.5, 12)), 3);
  EXPECT_EQ(strangers.number_of(view(0, 0.5, 13), asked, std::nullopt, nullptr, {}), 1)
      << "where nothing else tells";
}

TEST_F(StrangersTest, WithoutAnyThresholdAllAreNew) {
  EXPECT_EQ(strangers.number_of(view(0, 1, 10), asked, std::nullopt, nullptr, {}), 1);
  EXPECT_EQ(strangers.number_of(view(0, 1, 10), asked, std::nullopt, nullptr, {}), 2);
}

TEST_F(StrangersTest, OfAnotherModelAreOthers) {
  EXPECT_EQ(number_of(view(0, 1, 10)), 1);
  EXPECT_EQ(number_of(view(0, 1, 10, "beef")), 2);
}

TEST_F(StrangersTest, OfZerosAreLikeNobody) {
  const Embedding zeros{"test", "f00d", std::vector<float>(dimension), true};
  EXPECT_EQ(number_of(zeros), 1);
  strangers.see(1, zeros);
  EXPECT_EQ(number_of(zeros), 2);
}

TEST_F(StrangersTest, KeepTheirLengthInEuclidean) {
  asked.metric = Metric::Euclidean;
  asked.threshold = 3;
  Embedding one = view(0, 1, 10), other = view(1, 1, 10);
  for (Embedding* embedding : {&one, &other}) {
    for (float& value : embedding->values) value *= 10;
  }
  const auto number = [&](const Embedding& mean) {
    return strangers.number_of(mean, asked, std::nullopt, nullptr, {});
  };
  EXPECT_EQ(number(one), 1);
  strangers.see(1, one);
  strangers.see(1, one);
  EXPECT_EQ(number(other), 2);
  EXPECT_EQ(number(one), 1);
}

TEST_F(StrangersTest, TheThousandWhoCameLastAreKept) {
  asked.threshold = 0.1;
  const auto numbered = [&](int i) { return number_of(view(i % 32, 0.7, 32 + i / 32)); };
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(numbered(i), i + 1);
  EXPECT_EQ(numbered(0), 1);
  EXPECT_EQ(numbered(1000), 1001);
  EXPECT_EQ(strangers.size(), 1000u);
  EXPECT_EQ(numbered(0), 1) << "came again";
  EXPECT_EQ(numbered(1), 1002) << "was the one who had not come for longest";
}

}  // namespace
