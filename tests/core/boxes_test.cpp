// SPDX-License-Identifier: LGPL-2.1-or-later

#include "evaluate/boxes.h"

#include "model_fixtures.h"

namespace facerec {
namespace {

class Boxes : public testing::Test {
 protected:
  std::map<std::string, std::vector<cv::Rect2f>> read(const std::string& text) {
    write_file(file, text);
    return read_boxes(file);
  }

  void expect_refused(const std::string& text, const std::vector<std::string>& words) {
    expect_error(ErrorCode::Read, words, [&] { read(text); });
  }

  TemporaryFolder folder;
  const std::filesystem::path file = folder / "boxes.csv";
};

TEST_F(Boxes, AreReadByPictureFromColumnsInAnyOrder) {
  const auto pictures = read(
      "height,image,width,y,x,note\r\n4,a.jpg,3,2,1,\n\n8.5,b.jpg,7,6,-5,n\n1,a.jpg,1,0,0,n\n");
  ASSERT_EQ(pictures.size(), 2U);
  ASSERT_EQ(pictures.at("a.jpg").size(), 2U);
  EXPECT_EQ(pictures.at("a.jpg")[0], cv::Rect2f(1, 2, 3, 4));
  EXPECT_EQ(pictures.at("b.jpg")[0], cv::Rect2f(-5, 6, 7, 8.5F));
}

TEST_F(Boxes, ProblemsNameFileLineAndRemedy) {
  expect_error(ErrorCode::NotFound, {"absent.csv"}, [&] { read_boxes(folder / "absent.csv"); });
  expect_refused("", {"boxes.csv", "image,x,y,width,height"});
  expect_refused("a.jpg,1,2,3,4\n", {"line 1", "\"image\"", "image,x,y,width,height"});
  expect_refused("image,x,y,width,height\n", {"boxes.csv", "no box"});
  expect_refused("image,x,y,width,height\na.jpg,1,2,3\n", {"line 2", "4 fields", "5"});
  expect_refused("image,x,y,width,height\na.jpg,1,2,wide,4\n", {"line 2", "\"wide\""});
  expect_refused("image,x,y,width,height\na.jpg,1,2,nan,4\n", {"line 2", "\"nan\""});
  expect_refused("image,x,y,width,height\na.jpg,1,2,3,4x\n", {"line 2", "\"4x\""});
}

}  // namespace
}  // namespace facerec
