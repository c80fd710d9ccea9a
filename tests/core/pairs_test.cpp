// SPDX-License-Identifier: LGPL-2.1-or-later

#include "evaluate/pairs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "error.h"

namespace facerec {
namespace {

namespace fs = std::filesystem;

class Pairs : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pairs-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::string problem(const fs::path& file) {
    try {
      read_pairs(file, {}, 10);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(Pairs, CsvWithColumnsInAnyOrder) {
  const auto pairs = read_pairs(
      write("p.csv", "same,image_b,image_a,fold\r\n1,b.jpg,a.jpg,3\r\n0,d,c,4\r\n"), {}, 10);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].a, folder_ / "images" / "a.jpg");
  EXPECT_EQ(pairs[0].b, folder_ / "images" / "b.jpg");
  EXPECT_TRUE(pairs[0].same);
  EXPECT_EQ(pairs[0].fold, 3);
  EXPECT_FALSE(pairs[1].same);
}

TEST_F(Pairs, LfwNumbersFilesAndFolds) {
  const auto pairs = read_pairs(
      write("pairs.txt", "2\t1\nA_B\t1\t4\nA_B\t2\tC\t12\nD\t1\t2\nD\t1\tC\t3\n"), "/lfw", 10);
  ASSERT_EQ(pairs.size(), 4u);
  EXPECT_EQ(pairs[0].a, "/lfw/A_B/A_B_0001.jpg");
  EXPECT_EQ(pairs[0].b, "/lfw/A_B/A_B_0004.jpg");
  EXPECT_EQ(pairs[1].b, "/lfw/C/C_0012.jpg");
  EXPECT_FALSE(pairs[1].same);
  EXPECT_EQ(pairs[1].fold, 1);
  EXPECT_EQ(pairs[2].fold, 2);
}

TEST_F(Pairs, FoldersOfPeopleGiveAllPairs) {
  for (const char* name : {"ann/1.jpg", "ann/2.jpg", "bob/1.jpg"}) write(name, "");
  const auto pairs = read_pairs(folder_, {}, 10);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_TRUE(pairs[0].same);
  EXPECT_FALSE(pairs[1].same);
  EXPECT_FALSE(pairs[2].same);
}

TEST_F(Pairs, ProblemsNameFileLineAndRemedy) {
  EXPECT_NE(problem(folder_ / "absent.csv").find("absent.csv"), std::string::npos);
  EXPECT_NE(problem(write("a.csv", "x,y\n")).find("image_a"), std::string::npos);
  EXPECT_NE(problem(write("b.csv", "image_a,image_b,same\na,b,2\n")).find("line 2"),
            std::string::npos);
  EXPECT_NE(problem(write("c.csv", "image_a,image_b,same\na,b\n")).find("2 fields"),
            std::string::npos);
  EXPECT_NE(problem(write("d.csv", "image_a,image_b,same\n")).find("no pair"), std::string::npos);
  EXPECT_NE(problem(write("e.txt", "10\t300\nA\tx\t2\n")).find("whole number"), std::string::npos);
}

}  // namespace
}  // namespace facerec
