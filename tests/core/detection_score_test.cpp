// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>

#include "evaluate/detection.h"

namespace facerec {
namespace {

Face face(float x, float confidence, float side = 40) {
  return {{x, 0, side, side}, confidence, {}};
}

TEST(DetectionScore, PerfectDetector) {
  const auto score = score_detections(
      {{{face(0, .9f), face(100, .8f)}, {{0, 0, 40, 40}, {100, 0, 40, 40}}}}, .5, 0);
  EXPECT_DOUBLE_EQ(score.average_precision, 1);
  EXPECT_DOUBLE_EQ(score.recall.rate, 1);
  EXPECT_DOUBLE_EQ(score.precision.rate, 1);
}

TEST(DetectionScore, AverageByHand) {
  // By confidence: right, wrong, right; three true boxes.
  const auto score = score_detections({{{face(0, .9f), face(300, .8f), face(100, .7f)},
                                        {{0, 0, 40, 40}, {100, 0, 40, 40}, {200, 0, 40, 40}}}},
                                      .5, 0);
  EXPECT_NEAR(score.average_precision, 1. / 3 * 1 + 1. / 3 * (2. / 3), 1e-9);
  EXPECT_NEAR(score.recall.rate, 2. / 3, 1e-9);
  EXPECT_NEAR(score.precision.rate, 2. / 3, 1e-9);
}

TEST(DetectionScore, ASecondHitOnOneBoxIsFalse) {
  const auto score = score_detections({{{face(0, .9f), face(2, .8f)}, {{0, 0, 40, 40}}}}, .5, 0);
  EXPECT_DOUBLE_EQ(score.precision.rate, .5);
}

TEST(DetectionScore, BoxesBelowTheLeastSizeCountNeitherWay) {
  const auto score = score_detections(
      {{{face(0, .9f, 20), face(100, .8f)}, {{0, 0, 20, 20}, {100, 0, 40, 40}, {200, 0, 10, 10}}}},
      .5, 32);
  EXPECT_DOUBLE_EQ(score.recall.rate, 1);
  EXPECT_DOUBLE_EQ(score.precision.rate, 1);
  EXPECT_EQ(score.recall.trials, 1);
}

}  // namespace
}  // namespace facerec
