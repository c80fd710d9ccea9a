// SPDX-License-Identifier: LGPL-2.1-or-later

#include "boxes.h"

#include "../error.h"
#include "table.h"

namespace facerec {

std::map<std::string, std::vector<cv::Rect2f>> read_boxes(const std::filesystem::path& file) {
  Table table(file, {"image", "x", "y", "width", "height"}, "image,x,y,width,height");
  std::map<std::string, std::vector<cv::Rect2f>> pictures;
  while (table.next()) {
    pictures[table["image"]].emplace_back(table.number("x"), table.number("y"),
                                          table.number("width"), table.number("height"));
  }
  if (pictures.empty()) throw Error(ErrorCode::Read, file.string() + " holds no box");
  return pictures;
}

}  // namespace facerec
