// SPDX-License-Identifier: LGPL-2.1-or-later

#include "yuv_converter.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <opencv2/core/hal/intrin.hpp>

#include "geometry.h"

// Of OpenCV's universal intrinsics, those that 4.6 and later releases have alike: vectors of 128
// bits, and functions in place of operators.

namespace facerec {
namespace {

// Bits after the point.
constexpr int between_rows = 8;  // of values that are lowered by 128, so that they fill 16 bits
constexpr int between_columns = 14;
constexpr int of_matrix = 13;

constexpr int lanes = 8;
constexpr int block = 2 * lanes;  // pixels that are converted at once
constexpr int zero = 128;         // of chroma, and what luma is lowered by

std::int16_t fixed(double value, int bits) {
  return static_cast<std::int16_t>(std::lround(value * (1 << bits)));
}

/// Between two rows of bytes, at `part` of the way.
class RowBlend {
 public:
  explicit RowBlend(double part)
      : second_(fixed(part, between_rows)), first_((1 << between_rows) - second_) {}

  std::int16_t operator()(int a, int b) const {
    return static_cast<std::int16_t>((a - zero) * first_ + (b - zero) * second_);
  }
  cv::v_int16x8 operator()(const cv::v_uint16x8& a, const cv::v_uint16x8& b) const {
    const cv::v_uint16x8 sum = cv::v_add_wrap(cv::v_mul_wrap(a, cv::v_setall_u16(first_)),
                                              cv::v_mul_wrap(b, cv::v_setall_u16(second_)));
    constexpr int lowered_by = zero << between_rows;
    return cv::v_reinterpret_as_s16(cv::v_sub_wrap(sum, cv::v_setall_u16(lowered_by)));
  }

 private:
  std::uint16_t second_;
  std::uint16_t first_;
};

struct Blended {
  cv::v_int16x8 low, high;
};

Blended blend(const RowBlend& rows, const std::uint8_t* a, const std::uint8_t* b) {
  cv::v_uint16x8 a_low, a_high, b_low, b_high;
  cv::v_expand(cv::v_load(a), a_low, a_high);
  cv::v_expand(cv::v_load(b), b_low, b_high);
  return {rows(a_low, b_low), rows(a_high, b_high)};
}

/// Means of two by two values.
void halve_rows(const std::uint8_t* a, const std::uint8_t* b, int count, std::uint8_t* to) {
  const auto sums = [&](std::ptrdiff_t i) {
    const auto pairs_of = [](const std::uint8_t* row) {
      const cv::v_uint16x8 pairs = cv::v_reinterpret_as_u16(cv::v_load(row));
      return cv::v_add_wrap(cv::v_shr<8>(cv::v_shl<8>(pairs)), cv::v_shr<8>(pairs));
    };
    const cv::v_uint16x8 four = cv::v_add_wrap(pairs_of(a + 2 * i), pairs_of(b + 2 * i));
    return cv::v_shr<2>(cv::v_add_wrap(four, cv::v_setall_u16(2)));
  };
  std::ptrdiff_t i = 0;
  for (; i + block <= count; i += block) cv::v_store(to + i, cv::v_pack(sums(i), sums(i + lanes)));
  for (; i < count; ++i)
    to[i] = static_cast<std::uint8_t>((a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1] + 2) / 4);
}

/// Two rows of a plane, a pixel lies between.
struct RowPair {
  const std::uint8_t* first;
  const std::uint8_t* second;
};

RowPair rows_of(const cv::Mat& plane, int first) {
  return {plane.ptr(first), plane.ptr(std::min(first + 1, plane.rows - 1))};
}

/// `count` values, then once more the last pixel of `channels` values.
void blend_row(const RowPair& rows, double part, int count, int channels, std::int16_t* to) {
  const RowBlend between(part);
  int i = 0;
  for (; i + block <= count; i += block) {
    const Blended values = blend(between, rows.first + i, rows.second + i);
    cv::v_store(to + i, values.low);
    cv::v_store(to + i + lanes, values.high);
  }
  for (; i < count; ++i) to[i] = between(rows.first[i], rows.second[i]);
  for (int channel = 0; channel < channels; ++channel, ++i) to[i] = to[i - channels];
}

/// The same of two planes, a value of each in turn.
void blend_row(const std::array<RowPair, 2>& rows, double part, int count, std::int16_t* to) {
  const RowBlend between(part);
  std::ptrdiff_t i = 0;
  for (; i + block <= count; i += block) {
    const Blended first = blend(between, rows[0].first + i, rows[0].second + i);
    const Blended second = blend(between, rows[1].first + i, rows[1].second + i);
    cv::v_store_interleave(to + 2 * i, first.low, second.low);
    cv::v_store_interleave(to + 2 * i + block, first.high, second.high);
  }
  for (; i < count; ++i) {
    to[2 * i] = between(rows[0].first[i], rows[0].second[i]);
    to[2 * i + 1] = between(rows[1].first[i], rows[1].second[i]);
  }
  std::copy_n(to + 2 * i - 2, 2, to + 2 * i);
}

template <typename T>
T load(const std::int16_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

cv::v_int32x4 weigh(const cv::v_int16x8& values, const std::int16_t* weights) {
  constexpr int shift = between_rows + between_columns;
  return cv::v_shr<shift>(
      cv::v_dotprod(values, cv::v_load(weights), cv::v_setall_s32(1 << (shift - 1))));
}

/// Four pixels between two neighbours of a row.
cv::v_int32x4 interpolate(const std::int16_t* row, const int* offsets,
                          const std::int16_t* weights) {
  const cv::v_int32x4 pairs(load<int>(row + offsets[0]), load<int>(row + offsets[1]),
                            load<int>(row + offsets[2]), load<int>(row + offsets[3]));
  return weigh(cv::v_reinterpret_as_s16(pairs), weights);
}

/// Two pixels of two channels.
cv::v_int32x4 interpolate_pairs(const std::int16_t* row, const int* offsets,
                                const std::int16_t* weights) {
  const cv::v_int64x2 quads(load<std::int64_t>(row + offsets[0]),
                            load<std::int64_t>(row + offsets[1]));
  return weigh(cv::v_interleave_pairs(cv::v_reinterpret_as_s16(quads)), weights);
}

/// From Y' Cb Cr, Kr and Kb of the standards.
class Matrix {
 public:
  explicit Matrix(const YuvPlanes& planes) {
    const double kr = planes.matrix == YuvMatrix::Bt601   ? 0.299
                      : planes.matrix == YuvMatrix::Bt709 ? 0.2126
                                                          : 0.2627;
    const double kb = planes.matrix == YuvMatrix::Bt601   ? 0.114
                      : planes.matrix == YuvMatrix::Bt709 ? 0.0722
                                                          : 0.0593;
    const double kg = 1 - kr - kb;
    const double y = planes.full_range ? 1 : 255. / 219;
    const double c = planes.full_range ? 1 : 255. / 224;
    const auto chroma = [&](double blue, double red) {
      if (planes.red_first) std::swap(blue, red);
      const auto low = static_cast<std::uint16_t>(fixed(blue * c, of_matrix));
      const auto high = static_cast<std::uint16_t>(fixed(red * c, of_matrix));
      return cv::v_reinterpret_as_s16(
          cv::v_setall_u32(low | static_cast<std::uint32_t>(high) << 16));
    };
    raise_ = cv::v_setall_s16(static_cast<std::int16_t>(planes.full_range ? zero : zero - 16));
    const auto low = static_cast<std::uint16_t>(fixed(y, of_matrix));
    luma_ =
        cv::v_reinterpret_as_s16(cv::v_setall_u32(low | std::uint32_t{1} << (of_matrix - 1) << 16));
    blue_ = chroma(2 * (1 - kb), 0);
    green_ = chroma(-2 * kb * (1 - kb) / kg, -2 * kr * (1 - kr) / kg);
    red_ = chroma(0, 2 * (1 - kr));
  }

  /// Eight pixels of Y', and of Cb and Cr in turn, lowered by 128, to B, G and R.
  std::array<cv::v_int16x8, 3> bgr(const cv::v_int16x8& luma, const cv::v_int16x8& chroma_low,
                                   const cv::v_int16x8& chroma_high) const {
    cv::v_int16x8 low, high;
    cv::v_zip(cv::v_add_wrap(luma, raise_), cv::v_setall_s16(1), low, high);
    const cv::v_int32x4 luma_low = cv::v_dotprod(low, luma_);
    const cv::v_int32x4 luma_high = cv::v_dotprod(high, luma_);
    const auto colour = [&](const cv::v_int16x8& weights) {
      return cv::v_pack(cv::v_shr<of_matrix>(cv::v_dotprod(chroma_low, weights, luma_low)),
                        cv::v_shr<of_matrix>(cv::v_dotprod(chroma_high, weights, luma_high)));
    };
    return {colour(blue_), colour(green_), colour(red_)};
  }

 private:
  cv::v_int16x8 raise_;  ///< from what luma was lowered by to what is black
  cv::v_int16x8 luma_;   ///< and a half, for rounding
  cv::v_int16x8 blue_, green_, red_;
};

/// A row of interpolated values and how pixels are made of it.
struct Row {
  const std::int16_t* values;
  const int* offsets;
  const std::int16_t* weights;
};

/// Eight pixels from the `x`th on.
[[gnu::always_inline]] inline std::array<cv::v_int16x8, 3> convert(const Matrix& matrix,
                                                                   const Row& luma,
                                                                   const Row& chroma, int x) {
  const auto four = [&](std::ptrdiff_t i) {
    return interpolate(luma.values, luma.offsets + i, luma.weights + 2 * i);
  };
  const auto two = [&](std::ptrdiff_t i) {
    return interpolate_pairs(chroma.values, chroma.offsets + i, chroma.weights + 4 * i);
  };
  return matrix.bgr(cv::v_pack(four(x), four(x + 4)), cv::v_pack(two(x), two(x + 2)),
                    cv::v_pack(two(x + 4), two(x + 6)));
}

/// A row of a picture, which is written in whole blocks: by way of `spare` where they reach beyond
/// it.
class BlockRow {
 public:
  BlockRow(const cv::Mat& picture, std::uint8_t* spare)
      : picture_(picture), spare_(picture.cols % block == 0 ? nullptr : spare) {}

  void begin(int y) {
    row_ = picture_.data + y * picture_.step[0];
    to_ = spare_ != nullptr ? spare_ : row_;
  }
  std::uint8_t* at(int x) const { return to_ + x * picture_.elemSize(); }
  void end() const {
    if (spare_ != nullptr) std::copy_n(spare_, picture_.cols * picture_.elemSize(), row_);
  }

 private:
  const cv::Mat& picture_;
  std::uint8_t* spare_;
  std::uint8_t* row_ = nullptr;
  std::uint8_t* to_ = nullptr;
};

class BgrRow : public BlockRow {
 public:
  using BlockRow::BlockRow;
  void store(int x, const std::array<cv::v_uint8x16, 3>& bgr) const {
    cv::v_store_interleave(at(x), bgr[0], bgr[1], bgr[2]);
  }
};

class PlanarRow {
 public:
  PlanarRow(const BgrPlanes& planes, std::uint8_t* spare, int padded)
      : rows_{BlockRow(planes[0], spare), BlockRow(planes[1], spare + padded),
              BlockRow(planes[2], spare + 2 * static_cast<std::ptrdiff_t>(padded))} {}

  void begin(int y) {
    for (BlockRow& row : rows_) row.begin(y);
  }
  void store(int x, const std::array<cv::v_uint8x16, 3>& bgr) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) cv::v_store(rows_[i].at(x), bgr[i]);
  }
  void end() const {
    for (const BlockRow& row : rows_) row.end();
  }

 private:
  std::array<BlockRow, 3> rows_;
};

}  // namespace

bool YuvConverter::Axis::fit(int from, int to) {
  if (samples == from && static_cast<int>(first.size()) == to) return false;
  samples = from;
  first.resize(to);
  part.resize(to);
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double place = std::clamp<double>((i + 0.5) * scale - 0.5, 0, from - 1);
    first[i] = static_cast<int>(place);
    part[i] = place - first[i];
  }
  return true;
}

void YuvConverter::Taps::fit(int from, int to, int channels) {
  if (!axis.fit(from, to)) return;
  const int padded = round_up(to, block);
  offsets.assign(padded, 0);
  weights.assign(static_cast<std::size_t>(2) * channels * padded, 0);
  auto weight = weights.begin();
  for (int i = 0; i < to; ++i) {
    offsets[i] = channels * axis.first[i];
    const std::int16_t second = fixed(axis.part[i], between_columns);
    for (int channel = 0; channel < channels; ++channel) {
      *weight++ = static_cast<std::int16_t>((1 << between_columns) - second);
      *weight++ = second;
    }
  }
}

void YuvConverter::HalvedRows::begin(int length) {
  for (std::vector<std::uint8_t>& row : rows) row.resize(length);
  numbers = {-1, -1};
}

const std::uint8_t* YuvConverter::HalvedRows::row(const cv::Mat& plane, int number) {
  std::vector<std::uint8_t>& row = rows.at(number % 2);
  if (numbers.at(number % 2) != number) {
    halve_rows(plane.ptr(2 * number), plane.ptr(2 * number + 1), static_cast<int>(row.size()),
               row.data());
    numbers.at(number % 2) = number;
  }
  return row.data();
}

bool YuvConverter::halves(const cv::Mat& luma, cv::Size size) {
  return luma.cols % 2 == 0 && luma.rows % 2 == 0 && luma.cols >= 2 * size.width &&
         luma.rows >= 2 * size.height;
}

void YuvConverter::convert(const YuvPlanes& planes, cv::Mat& bgr) {
  convert(planes, bgr.size(), BgrRow(bgr, spare_row(bgr.cols)));
}

void YuvConverter::convert(const YuvPlanes& planes, const BgrPlanes& bgr) {
  const int columns = bgr[0].cols;
  convert(planes, bgr[0].size(), PlanarRow(bgr, spare_row(columns), round_up(columns, block)));
}

std::uint8_t* YuvConverter::spare_row(int columns) {
  spare_.resize(static_cast<std::size_t>(3) * round_up(columns, block));
  return spare_.data();
}

template <typename To>
void YuvConverter::convert(const YuvPlanes& planes, cv::Size size, To to) {
  const cv::Mat& chroma = planes.chroma[0];
  const bool pairs = chroma.channels() == 2;
  const bool halved = halves(planes.luma, size);
  const cv::Size luma_size = halved ? planes.luma.size() / 2 : planes.luma.size();
  if (halved) halved_luma_.begin(luma_size.width);
  luma_rows_.fit(luma_size.height, size.height);
  luma_taps_.fit(luma_size.width, size.width, 1);
  chroma_rows_.fit(chroma.rows, size.height);
  chroma_taps_.fit(chroma.cols, size.width, 2);
  luma_.resize(luma_size.width + 1);
  chroma_.resize(2 * (static_cast<std::size_t>(chroma.cols) + 1));

  const Matrix matrix(planes);
  const Row luma{luma_.data(), luma_taps_.offsets.data(), luma_taps_.weights.data()};
  const Row chroma_row{chroma_.data(), chroma_taps_.offsets.data(), chroma_taps_.weights.data()};
  for (int y = 0; y < size.height; ++y) {
    const int luma_row = luma_rows_.first[y];
    const RowPair luma_pair =
        halved
            ? RowPair{halved_luma_.row(planes.luma, luma_row),
                      halved_luma_.row(planes.luma, std::min(luma_row + 1, luma_size.height - 1))}
            : rows_of(planes.luma, luma_row);
    blend_row(luma_pair, luma_rows_.part[y], luma_size.width, 1, luma_.data());
    const int row = chroma_rows_.first[y];
    if (pairs) {
      blend_row(rows_of(chroma, row), chroma_rows_.part[y], 2 * chroma.cols, 2, chroma_.data());
    } else {
      blend_row({rows_of(chroma, row), rows_of(planes.chroma[1], row)}, chroma_rows_.part[y],
                chroma.cols, chroma_.data());
    }
    to.begin(y);
    for (int x = 0; x < size.width; x += block) {
      const auto low = facerec::convert(matrix, luma, chroma_row, x);
      const auto high = facerec::convert(matrix, luma, chroma_row, x + lanes);
      to.store(x, {cv::v_pack_u(low[0], high[0]), cv::v_pack_u(low[1], high[1]),
                   cv::v_pack_u(low[2], high[2])});
    }
    to.end();
  }
}

}  // namespace facerec
