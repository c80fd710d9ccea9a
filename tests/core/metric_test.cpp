// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/metric.h"

#include <gtest/gtest.h>

#include <cmath>

#include "error.h"

using namespace facerec;

TEST(Metric, DistancesOfKnownVectors) {
  const std::vector<float> a{3, 0}, b{0, 4};
  EXPECT_DOUBLE_EQ(distance(a, b, Metric::Cosine), 1);
  EXPECT_DOUBLE_EQ(distance(a, b, Metric::Euclidean), 5);
  EXPECT_DOUBLE_EQ(distance(a, b, Metric::EuclideanL2), std::sqrt(2));
  EXPECT_DOUBLE_EQ(distance(a, {-7, 0}, Metric::Cosine), 2);
}

TEST(Metric, OnlyEuclideanSeesTheLength) {
  const std::vector<float> a{1, 2, 3}, twice{2, 4, 6};
  EXPECT_NEAR(distance(a, twice, Metric::Cosine), 0, 1e-15);
  EXPECT_NEAR(distance(a, twice, Metric::EuclideanL2), 0, 1e-7);
  EXPECT_DOUBLE_EQ(distance(a, twice, Metric::Euclidean), std::sqrt(14));
}

TEST(Metric, KeepsTheDigitsOfSmallDistances) {
  const std::vector<float> a{1, 0}, b{1, 1e-6f};
  EXPECT_NEAR(distance(a, b, Metric::Cosine) / 5e-13, 1, 1e-5);
}

TEST(Metric, ZeroVectorHasNoDirection) {
  EXPECT_TRUE(std::isnan(distance({0, 0}, {1, 0}, Metric::Cosine)));
  EXPECT_TRUE(std::isnan(distance({1, 0}, {0, 0}, Metric::EuclideanL2)));
  EXPECT_DOUBLE_EQ(distance({0, 0}, {1, 0}, Metric::Euclidean), 1);
}

TEST(Metric, RefusesDifferentLengths) {
  try {
    distance({1, 2}, {1, 2, 3}, Metric::Cosine);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Mismatch);
  }
}

TEST(Metric, NamesGoBothWays) {
  for (Metric metric : all_metrics()) EXPECT_EQ(parse_metric(to_string(metric)), metric);
  try {
    parse_metric("cosinus");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Settings);
    EXPECT_NE(std::string(error.what()).find("euclidean-l2"), std::string::npos);
  }
}

TEST(Metric, OfUnitVectorsEachTellsTheOthers) {
  const std::vector<float> a{1, 0}, b{0.6f, 0.8f};
  for (Metric wanted : all_metrics()) {
    EXPECT_EQ(metrics_that_tell(wanted, true).size(), 3u);
    for (Metric stated : metrics_that_tell(wanted, true)) {
      EXPECT_NEAR(convert(distance(a, b, stated), stated, wanted), distance(a, b, wanted), 1e-7);
    }
  }
  EXPECT_EQ(metrics_that_tell(Metric::Euclidean, false), std::vector{Metric::Euclidean});
  EXPECT_EQ(metrics_that_tell(Metric::Cosine, false),
            (std::vector{Metric::Cosine, Metric::EuclideanL2}));
}

TEST(DefaultThreshold, TakesTheProfilesOwnBeforeAConvertedOne) {
  Profile profile;
  profile.unit_length = true;
  profile.thresholds = {{"cosine", {0.25, ""}}, {"euclidean", {0.6, ""}}};
  EXPECT_DOUBLE_EQ(default_threshold(profile, Metric::Cosine), 0.25);
  EXPECT_DOUBLE_EQ(default_threshold(profile, Metric::Euclidean), 0.6);
  EXPECT_DOUBLE_EQ(default_threshold(profile, Metric::EuclideanL2), std::sqrt(0.5));
}

TEST(DefaultThreshold, ConvertedOneDecidesAlike) {
  Profile profile;
  profile.thresholds = {{"cosine", {0.7, ""}}};
  const double euclidean = default_threshold(profile, Metric::EuclideanL2);
  for (int degrees = 0; degrees <= 180; ++degrees) {
    const double angle = degrees * CV_PI / 180;
    const std::vector<float> a{1, 0};
    const std::vector<float> b{float(std::cos(angle)), float(std::sin(angle))};
    EXPECT_EQ(distance(a, b, Metric::Cosine) <= 0.7,
              distance(a, b, Metric::EuclideanL2) <= euclidean);
  }
  profile.thresholds = {{"euclidean-l2", {euclidean, ""}}};
  EXPECT_NEAR(default_threshold(profile, Metric::Cosine), 0.7, 1e-12);
}

TEST(DefaultThreshold, DoesNotConvertWhereTheLengthCounts) {
  Profile profile;
  profile.name = "long";
  profile.thresholds = {{"cosine", {0.7, ""}}};
  try {
    default_threshold(profile, Metric::Euclidean);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::Settings);
    EXPECT_NE(std::string(error.what()).find("'long'"), std::string::npos);
  }
  profile.thresholds = {{"euclidean", {3, ""}}};
  EXPECT_THROW(default_threshold(profile, Metric::Cosine), Error);
}
