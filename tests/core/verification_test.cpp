// SPDX-License-Identifier: LGPL-2.1-or-later

#include "evaluate/verification.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "error.h"

namespace facerec {
namespace {

PairDistance same(double distance, int fold = 1) {
  return {distance, true, fold};
}
PairDistance different(double distance, int fold = 1) {
  return {distance, false, fold};
}

TEST(Proportion, WilsonIntervalOfAPublishedCase) {
  // Newcombe, "Two-sided confidence intervals for the single proportion", 1998: 81 of 263.
  const Proportion p = proportion(81, 263);
  EXPECT_NEAR(p.rate, 0.3080, 1e-4);
  EXPECT_NEAR(p.low, 0.2553, 1e-4);
  EXPECT_NEAR(p.high, 0.3662, 1e-4);
}

TEST(Proportion, StaysInsideZeroAndOne) {
  EXPECT_EQ(proportion(0, 10).low, 0);
  EXPECT_NEAR(proportion(10, 10).high, 1, 1e-12);
  EXPECT_EQ(proportion(0, 0).rate, 0);
}

TEST(Roc, AreaIsTheShareOfOrderedPairs) {
  const std::vector<PairDistance> pairs{same(0.1), same(0.3), same(0.5), different(0.3),
                                        different(0.4)};
  // Of six couples three are in order and one is a tie: (3 + 0.5) / 6.
  EXPECT_NEAR(area_under_curve(roc_curve(pairs)), 3.5 / 6, 1e-12);
}

TEST(Roc, PairsWithoutAFaceAreNeverAccepted) {
  const auto curve = roc_curve({same(0.1), same(NAN), different(0.9)});
  EXPECT_DOUBLE_EQ(curve.back().true_accept_rate, 0.5);
  EXPECT_DOUBLE_EQ(curve.back().false_accept_rate, 1);
}

TEST(Roc, NeedsBothKinds) {
  EXPECT_THROW(roc_curve({same(0.1)}), Error);
  EXPECT_THROW(roc_curve({different(0.1)}), Error);
}

TEST(Roc, EqualErrorRateOfTwoNormals) {
  std::mt19937 random(7);
  std::normal_distribution<double> near(0, 1), far(2, 1);
  std::vector<PairDistance> pairs;
  for (int i = 0; i < 40000; ++i) {
    pairs.push_back(same(near(random)));
    pairs.push_back(different(far(random)));
  }
  EXPECT_NEAR(equal_error_rate(roc_curve(pairs)), 0.1587, 0.004);  // normal tail beyond 1
  EXPECT_NEAR(area_under_curve(roc_curve(pairs)), 0.9214, 0.003);  // normal cdf of 2/sqrt(2)
}

TEST(Operating, TakesTheLargestThresholdWithinTheAim) {
  std::vector<PairDistance> pairs;
  for (int i = 1; i <= 100; ++i) pairs.push_back(different(0.5 + i / 1000.0));
  for (int i = 1; i <= 10; ++i) pairs.push_back(same(i / 10.0));
  const Operating point = operating_point(pairs, 0.05);
  EXPECT_DOUBLE_EQ(point.rates.false_accepts.rate, 0.05);
  EXPECT_DOUBLE_EQ(point.rates.true_accepts.rate, 0.5);
  EXPECT_TRUE(point.is_told());
  EXPECT_GE(point.threshold, 0.505);
  EXPECT_LT(point.threshold, 0.506);
}

TEST(Operating, ARateOfLessThanOnePairIsNotTold) {
  std::vector<PairDistance> pairs{same(0.1)};
  for (int i = 1; i <= 100; ++i) pairs.push_back(different(0.5 + i / 1000.0));
  EXPECT_TRUE(operating_point(pairs, 0.01).is_told());
  EXPECT_FALSE(operating_point(pairs, 0.009).is_told());
}

TEST(Rates, CountTheAcceptedOfEachKind) {
  const AcceptRates rates =
      rates_at({same(0.1), same(0.5), same(NAN), different(0.5), different(0.6)}, 0.5);
  EXPECT_EQ(rates.true_accepts.hits, 2);
  EXPECT_EQ(rates.true_accepts.trials, 3);
  EXPECT_EQ(rates.false_accepts.hits, 1);
  EXPECT_EQ(rates.false_accepts.trials, 2);
}

TEST(Accuracy, APairWithoutAFaceIsWrongWhateverItIs) {
  EXPECT_DOUBLE_EQ(accuracy_at({same(0.1), different(0.9), same(NAN), different(NAN)}, 0.5).rate,
                   0.5);
}

TEST(Accuracy, ThresholdComesFromTheOtherFolds) {
  // Fold 2 alone would choose 0.85; fold 1 alone 0.5. Each is judged by the other's.
  const std::vector<PairDistance> pairs{same(0.4, 1), different(0.6, 1), same(0.8, 2),
                                        different(0.9, 2)};
  const FoldAccuracy result = fold_accuracy(pairs);
  ASSERT_EQ(result.thresholds.size(), 2u);
  EXPECT_NEAR(result.thresholds[0], 0.85, 1e-9);
  EXPECT_NEAR(result.thresholds[1], 0.5, 1e-9);
  EXPECT_DOUBLE_EQ(result.folds[0], 0.5);
  EXPECT_DOUBLE_EQ(result.folds[1], 0.5);
  EXPECT_DOUBLE_EQ(result.deviation, 0);
  EXPECT_THROW(fold_accuracy({same(0.1), different(0.2)}), Error);
}

}  // namespace
}  // namespace facerec
