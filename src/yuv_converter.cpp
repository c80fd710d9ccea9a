// SPDX-License-Identifier: LGPL-2.1-or-later

#include "yuv_converter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "geometry.h"
#include "yuv_rows.h"

namespace facerec {
namespace {

constexpr int block = YuvRows::block;

RowPair rows_of(const cv::Mat& plane, int first) {
  return {plane.ptr(first), plane.ptr(std::min(first + 1, plane.rows - 1))};
}

/// By Kr and Kb of the standards.
YuvWeights weights_of(const YuvPlanes& planes) {
  const double kr = planes.matrix == YuvMatrix::Bt601   ? 0.299
                    : planes.matrix == YuvMatrix::Bt709 ? 0.2126
                                                        : 0.2627;
  const double kb = planes.matrix == YuvMatrix::Bt601   ? 0.114
                    : planes.matrix == YuvMatrix::Bt709 ? 0.0722
                                                        : 0.0593;
  const double kg = 1 - kr - kb;
  const auto weight = [](double value) {
    return static_cast<std::int16_t>(std::lround(value * (1 << YuvRows::of_matrix)));
  };
  const auto chroma = [&](std::int16_t(&to)[2], double blue, double red) {
    const double scale = planes.full_range ? 1 : 255. / 224;
    to[planes.red_first ? 1 : 0] = weight(blue * scale);
    to[planes.red_first ? 0 : 1] = weight(red * scale);
  };
  YuvWeights weights;
  weights.raise = planes.full_range ? 128 : 128 - 16;
  weights.luma = weight(planes.full_range ? 1 : 255. / 219);
  chroma(weights.blue, 2 * (1 - kb), 0);
  chroma(weights.green, -2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg);
  chroma(weights.red, 0, 2 * (1 - kr));
  return weights;
}

/// A row of a picture, which is written in whole blocks: by way of `spare` where they reach beyond
/// it.
class BlockRow {
 public:
  BlockRow(const cv::Mat& picture, std::uint8_t* spare)
      : picture_(picture), spare_(picture.cols % block == 0 ? nullptr : spare) {}

  std::uint8_t* begin(int y) {
    row_ = picture_.data + y * picture_.step[0];
    return spare_ != nullptr ? spare_ : row_;
  }
  void end() const {
    if (spare_ != nullptr) std::copy_n(spare_, picture_.cols * picture_.elemSize(), row_);
  }

 private:
  const cv::Mat& picture_;
  std::uint8_t* spare_;
  std::uint8_t* row_ = nullptr;
};

}  // namespace

void YuvConverter::HalvedRows::begin(int length) {
  for (std::vector<std::uint8_t>& row : rows) row.resize(length);
  numbers = {-1, -1};
}

const std::uint8_t* YuvConverter::HalvedRows::row(const cv::Mat& plane, int number) {
  std::vector<std::uint8_t>& row = rows.at(number % 2);
  if (numbers.at(number % 2) != number) {
    yuv_rows().halve(rows_of(plane, 2 * number), static_cast<int>(row.size()), row.data());
    numbers.at(number % 2) = number;
  }
  return row.data();
}

bool YuvConverter::halves(const cv::Mat& luma, cv::Size size) {
  return luma.cols % 2 == 0 && luma.rows % 2 == 0 && luma.cols >= 2 * size.width &&
         luma.rows >= 2 * size.height;
}

void YuvConverter::convert(const YuvPlanes& planes, cv::Mat& bgr) {
  const YuvWeights weights = weights_of(planes);
  BlockRow row(bgr, spare_row(bgr.cols));
  convert(planes, bgr.size(), [&](int y, const BlendedRow& luma, const BlendedRow& chroma) {
    yuv_rows().to_bgr(weights, luma, chroma, bgr.cols, row.begin(y));
    row.end();
  });
}

void YuvConverter::convert(const YuvPlanes& planes, const BgrPlanes& bgr) {
  const YuvWeights weights = weights_of(planes);
  const int columns = bgr[0].cols;
  std::uint8_t* spare = spare_row(columns);
  const int length = round_up(columns, block);
  std::array<BlockRow, 3> rows{BlockRow(bgr[0], spare), BlockRow(bgr[1], spare + length),
                               BlockRow(bgr[2], spare + 2 * static_cast<std::ptrdiff_t>(length))};
  convert(planes, bgr[0].size(), [&](int y, const BlendedRow& luma, const BlendedRow& chroma) {
    std::uint8_t* const to[] = {rows[0].begin(y), rows[1].begin(y), rows[2].begin(y)};
    yuv_rows().to_planes(weights, luma, chroma, columns, to);
    for (const BlockRow& row : rows) row.end();
  });
}

std::uint8_t* YuvConverter::spare_row(int columns) {
  spare_.resize(static_cast<std::size_t>(3) * round_up(columns, block));
  return spare_.data();
}

template <typename Write>
void YuvConverter::convert(const YuvPlanes& planes, cv::Size size, Write write) {
  const cv::Mat& chroma = planes.chroma[0];
  const bool pairs = chroma.channels() == 2;
  const bool halved = halves(planes.luma, size);
  const cv::Size luma_size = halved ? planes.luma.size() / 2 : planes.luma.size();
  if (halved) halved_luma_.begin(luma_size.width);
  luma_rows_.fit(luma_size.height, size.height);
  luma_taps_.fit(luma_size.width, size.width, 1);
  chroma_rows_.fit(chroma.rows, size.height);
  chroma_taps_.fit(chroma.cols, size.width, 2);
  luma_.resize(luma_taps_.row_length());
  chroma_.resize(chroma_taps_.row_length());

  const YuvRows& rows = yuv_rows();
  const BlendedRow luma = luma_taps_.row(luma_.data());
  const BlendedRow chroma_row = chroma_taps_.row(chroma_.data());
  for (int y = 0; y < size.height; ++y) {
    const int luma_row = luma_rows_.first[y];
    const RowPair luma_pair =
        halved
            ? RowPair{halved_luma_.row(planes.luma, luma_row),
                      halved_luma_.row(planes.luma, std::min(luma_row + 1, luma_size.height - 1))}
            : rows_of(planes.luma, luma_row);
    rows.blend(luma_pair, luma_rows_.part[y], luma_size.width, 1, luma_.data());
    const int row = chroma_rows_.first[y];
    if (pairs) {
      rows.blend(rows_of(chroma, row), chroma_rows_.part[y], 2 * chroma.cols, 2, chroma_.data());
    } else {
      rows.blend_two(rows_of(chroma, row), rows_of(planes.chroma[1], row), chroma_rows_.part[y],
                     chroma.cols, chroma_.data());
    }
    write(y, luma, chroma_row);
  }
}

}  // namespace facerec
