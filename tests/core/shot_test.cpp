// SPDX-License-Identifier: LGPL-2.1-or-later

#include "track/shot.h"

#include <gtest/gtest.h>

namespace facerec {
namespace {

TEST(Shot, IsWorthMoreWhereTheViewIsBetter) {
  const Quality good{40, 0.3F, 0, 0};
  EXPECT_DOUBLE_EQ(shot_value(good, false), 1);
  EXPECT_DOUBLE_EQ(shot_value({}, false), 1) << "what is not known takes nothing off";
  EXPECT_DOUBLE_EQ(shot_value({200, 2, 0, 0}, false), 1) << "more than enough is enough";
  EXPECT_DOUBLE_EQ(shot_value(good, true), 0.5);
  for (const Quality& worse : {Quality{20, 0.3F, 0, 0}, Quality{40, 0.1F, 0, 0},
                               Quality{40, 0.3F, 0, 40}, Quality{40, 0.3F, 0, -40}}) {
    EXPECT_LT(shot_value(worse, false), 0.8);
    EXPECT_GT(shot_value(worse, false), 0.3);
  }
  EXPECT_DOUBLE_EQ(shot_value({40, 0.3F, 0, 120}, false), 0);
}

TEST(Shot, IsTakenWhereItIsClearlyBetterOrTheLastOneIsOld) {
  const Shot last{0.5, 10};
  const int many = 9;
  EXPECT_TRUE(is_due(last, many, {0.7, 10.04}, 1));
  EXPECT_FALSE(is_due(last, many, {0.6, 10.04}, 1));
  EXPECT_FALSE(is_due(last, many, {0.5, 10.9}, 1));
  EXPECT_TRUE(is_due(last, many, {0.5, 11}, 1));
  EXPECT_TRUE(is_due(last, many, {0.5, 9}, 1)) << "backwards";
  EXPECT_FALSE(is_due(last, many, {0.3, 14}, 1)) << "a good shot serves longer than a bad one";
  EXPECT_TRUE(is_due(last, many, {0.3, 15}, 1)) << "but not for ever";
}

TEST(Shot, ComesFasterInTheBeginning) {
  const double refresh = 16;
  for (const auto& [taken, age] :
       {std::pair{1, 1.0}, {2, 2.0}, {3, 4.0}, {4, 8.0}, {5, 16.0}, {99, 16.0}}) {
    EXPECT_FALSE(is_due({0.5, 10}, taken, {0.5, 10 + age - 0.1}, refresh)) << taken;
    EXPECT_TRUE(is_due({0.5, 10}, taken, {0.5, 10 + age}, refresh)) << taken;
  }
  EXPECT_FALSE(is_due({0.5, 10}, 1, {0.3, 12}, refresh)) << "but not worse ones";
}

}  // namespace
}  // namespace facerec
