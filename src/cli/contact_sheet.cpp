// SPDX-License-Identifier: LGPL-2.1-or-later

#include "contact_sheet.h"

#include <algorithm>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "../error.h"
#include "image.h"

namespace facerec::cli {

namespace fs = std::filesystem;

namespace {

constexpr int tile = 160;
constexpr int text_height = 24;
constexpr int pairs_in_a_row = 4;
constexpr int gap = 12;

void paste(const fs::path& file, const cv::Mat& into) {
  const cv::Mat picture = read_image(file.string());
  const double scale = static_cast<double>(tile) / std::max(picture.cols, picture.rows);
  cv::Mat small;
  cv::resize(picture, small, {}, scale, scale, cv::INTER_AREA);
  const cv::Rect fitting = cv::Rect({}, small.size()) & cv::Rect({}, into.size());
  small(fitting).copyTo(into(fitting));
}

[[noreturn]] void fail(const fs::path& path) {
  throw Error(ErrorCode::Write, "'" + path.string() +
                                    "' cannot be written; check that the folder may be written and "
                                    "that the disk has room");
}

}  // namespace

void write_contact_sheet(const fs::path& file, const std::vector<SheetRow>& rows) {
  const int count = static_cast<int>(rows.size());
  const int lines = std::max(1, (count + pairs_in_a_row - 1) / pairs_in_a_row);
  const cv::Size cell(2 * tile + gap, tile + text_height + gap);
  cv::Mat sheet(lines * cell.height, pairs_in_a_row * cell.width, CV_8UC3, cv::Scalar::all(255));
  for (int i = 0; i < count; ++i) {
    const cv::Point at(i % pairs_in_a_row * cell.width, i / pairs_in_a_row * cell.height);
    paste(rows[i].a, sheet(cv::Rect(at, cv::Size(tile, tile))));
    paste(rows[i].b, sheet(cv::Rect(at + cv::Point(tile, 0), cv::Size(tile, tile))));
    cv::putText(sheet, rows[i].text, at + cv::Point(4, tile + 17), cv::FONT_HERSHEY_SIMPLEX, 0.45,
                cv::Scalar::all(0), 1, cv::LINE_AA);
  }
  std::vector<unsigned char> png;
  cv::imencode(".png", sheet, png);
  write_text(file, {png.begin(), png.end()});
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) fail(file);
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) fail(folder);
}

}  // namespace facerec::cli
