// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/shot_schedule.h"

#include <gtest/gtest.h>

namespace facerec {
namespace {

const Embedding ada{"test", "f00d", {1, 0}, true}, grace{"test", "f00d", {0, 1}, true};

TEST(ShotSchedule, TakesTheFirstViewAndThenMoreAndMoreSeldom) {
  ShotSchedule schedule;
  EXPECT_TRUE(schedule.is_due({0.5, 0}, 1));
  schedule.took({0.5, 0}, ada);
  EXPECT_EQ(schedule.last().time, 0);
  EXPECT_FALSE(schedule.is_due({0.5, 0.05}, 1));
  EXPECT_TRUE(schedule.is_due({0.5, 0.07}, 1));
  schedule.took({0.5, 0.07}, ada);
  EXPECT_FALSE(schedule.is_due({0.5, 0.17}, 1));
  EXPECT_TRUE(schedule.is_due({0.5, 0.2}, 1));
}

TEST(ShotSchedule, BeginsAnewWithAnotherPerson) {
  ShotSchedule schedule;
  for (int i = 0; i < 5; ++i) schedule.took({0.5, static_cast<double>(i)}, ada);
  EXPECT_FALSE(schedule.is_due({0.5, 4.5}, 1));
  schedule.took({0.5, 5}, grace);
  EXPECT_TRUE(schedule.is_due({0.5, 5.07}, 1));
}

}  // namespace
}  // namespace facerec
