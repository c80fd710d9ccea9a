// SPDX-License-Identifier: LGPL-2.1-or-later

// Of every GoogleTest program: where each case was skipped, Meson shall say so of the program.

#include <gtest/gtest.h>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  const testing::UnitTest& tests = *testing::UnitTest::GetInstance();
  const bool none_ran =
      tests.skipped_test_count() > 0 && tests.skipped_test_count() == tests.test_to_run_count();
  return result == 0 && none_ran ? 77 : result;
}
