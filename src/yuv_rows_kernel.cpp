// SPDX-License-Identifier: LGPL-2.1-or-later

// Compiled once for each set of instructions, see meson.build: KERNEL is its name. Nothing here may
// be called before the processor was asked.
//
// Of OpenCV's universal intrinsics, those that 4.6 and later releases have alike: vectors of 128
// bits, and functions in place of operators. CV_CPU_DISPATCH_MODE keeps those of one set apart from
// those of others.

#include <cmath>
#include <cstddef>
#include <cstring>
#include <opencv2/core/hal/intrin.hpp>

#include "kernel_name.h"
#include "yuv_rows.h"

namespace facerec {
namespace {

constexpr int between_rows = YuvRows::between_rows;
constexpr int of_matrix = YuvRows::of_matrix;
constexpr int block = YuvRows::block;
constexpr int lanes = block / 2;
constexpr int zero = 128;  // of chroma, and what luma is lowered by

void halve(const RowPair& rows, int count, std::uint8_t* __restrict to) {
  const auto* a = rows.first;
  const auto* b = rows.second;
  for (int i = 0; i < count; ++i, a += 2, b += 2)
    to[i] = static_cast<std::uint8_t>((a[0] + a[1] + b[0] + b[1] + 2) / 4);
}

/// Between two bytes, at `part` of the way.
class Blend {
 public:
  explicit Blend(double part)
      : second_(static_cast<std::int16_t>(std::lround(part * (1 << between_rows)))),
        first_(static_cast<std::int16_t>((1 << between_rows) - second_)) {}

  std::int16_t operator()(std::uint8_t a, std::uint8_t b) const {
    return static_cast<std::int16_t>((a - zero) * first_ + (b - zero) * second_);
  }

 private:
  std::int16_t second_;
  std::int16_t first_;
};

void blend(const RowPair& rows, double part, int count, int channels, std::int16_t* __restrict to) {
  const Blend between(part);
  for (int i = 0; i < count; ++i) to[i] = between(rows.first[i], rows.second[i]);
  for (int i = count; i < count + channels; ++i) to[i] = to[i - channels];
}

void blend_two(const RowPair& first, const RowPair& second, double part, int count,
               std::int16_t* __restrict to) {
  const Blend between(part);
  std::ptrdiff_t i = 0;
  for (; i < count; ++i) {
    to[2 * i] = between(first.first[i], first.second[i]);
    to[2 * i + 1] = between(second.first[i], second.second[i]);
  }
  for (i *= 2; i < 2 * count + 2; ++i) to[i] = to[i - 2];
}

template <typename T>
T load(const std::int16_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

cv::v_int32x4 weigh(const cv::v_int16x8& values, const std::int16_t* weights) {
  constexpr int shift = between_rows + YuvRows::between_columns;
  return cv::v_shr<shift>(
      cv::v_dotprod(values, cv::v_load(weights), cv::v_setall_s32(1 << (shift - 1))));
}

/// Four pixels of luma.
[[gnu::always_inline]] inline cv::v_int32x4 four_of(const BlendedRow& row, std::ptrdiff_t x) {
  const auto pair = [&](int i) { return load<int>(row.values + row.offsets[x + i]); };
  const cv::v_int32x4 pairs(pair(0), pair(1), pair(2), pair(3));
  return weigh(cv::v_reinterpret_as_s16(pairs), row.weights + 2 * x);
}

/// Two pixels of chroma.
[[gnu::always_inline]] inline cv::v_int32x4 two_of(const BlendedRow& row, std::ptrdiff_t x) {
  const auto quad = [&](int i) { return load<std::int64_t>(row.values + row.offsets[x + i]); };
  const cv::v_int64x2 quads(quad(0), quad(1));
  return weigh(cv::v_interleave_pairs(cv::v_reinterpret_as_s16(quads)), row.weights + 4 * x);
}

class Matrix {
 public:
  explicit Matrix(const YuvWeights& weights)
      : luma_(both(weights.luma, 0)),
        black_(cv::v_setall_s32(weights.raise * weights.luma + (1 << (of_matrix - 1)))),
        blue_(both(weights.blue[0], weights.blue[1])),
        green_(both(weights.green[0], weights.green[1])),
        red_(both(weights.red[0], weights.red[1])) {}

  /// Eight pixels of Y', and of Cb and Cr in turn, to B, G and R.
  [[gnu::always_inline]] void multiply(const cv::v_int32x4 (&luma)[2],
                                       const cv::v_int16x8 (&chroma)[2],
                                       cv::v_int16x8 (&bgr)[3]) const {
    // Of each luma's 32 bits the lower 16 are its value.
    const auto scaled = [&](const cv::v_int32x4& four) {
      return cv::v_dotprod(cv::v_reinterpret_as_s16(four), luma_, black_);
    };
    const cv::v_int32x4 low = scaled(luma[0]);
    const cv::v_int32x4 high = scaled(luma[1]);
    const auto colour = [&](const cv::v_int16x8& weights) {
      return cv::v_pack(cv::v_shr<of_matrix>(cv::v_dotprod(chroma[0], weights, low)),
                        cv::v_shr<of_matrix>(cv::v_dotprod(chroma[1], weights, high)));
    };
    bgr[0] = colour(blue_);
    bgr[1] = colour(green_);
    bgr[2] = colour(red_);
  }

 private:
  static cv::v_int16x8 both(std::int16_t first, std::int16_t second) {
    return {first, second, first, second, first, second, first, second};
  }

  cv::v_int16x8 luma_;
  cv::v_int32x4 black_;  ///< what is added for what luma was lowered by, and a half for rounding
  cv::v_int16x8 blue_, green_, red_;
};

/// Calls `store` with the place of each block and its B, G and R.
template <typename Store>
[[gnu::always_inline]] inline void convert(const YuvWeights& weights, const BlendedRow& luma,
                                           const BlendedRow& chroma, int count, Store store) {
  const Matrix matrix(weights);
  for (std::ptrdiff_t x = 0; x < count; x += block) {
    cv::v_int16x8 halves[2][3];
    for (int half = 0; half < 2; ++half) {
      const std::ptrdiff_t i = x + half * std::ptrdiff_t{lanes};
      matrix.multiply({four_of(luma, i), four_of(luma, i + 4)},
                      {cv::v_pack(two_of(chroma, i), two_of(chroma, i + 2)),
                       cv::v_pack(two_of(chroma, i + 4), two_of(chroma, i + 6))},
                      halves[half]);
    }
    store(x, cv::v_pack_u(halves[0][0], halves[1][0]), cv::v_pack_u(halves[0][1], halves[1][1]),
          cv::v_pack_u(halves[0][2], halves[1][2]));
  }
}

void to_bgr(const YuvWeights& weights, const BlendedRow& luma, const BlendedRow& chroma, int count,
            std::uint8_t* bgr) {
  using Bytes = cv::v_uint8x16;
  convert(weights, luma, chroma, count,
          [&](std::ptrdiff_t x, const Bytes& blue, const Bytes& green, const Bytes& red) {
            cv::v_store_interleave(bgr + 3 * x, blue, green, red);
          });
}

void to_planes(const YuvWeights& weights, const BlendedRow& luma, const BlendedRow& chroma,
               int count, std::uint8_t* const bgr[3]) {
  using Bytes = cv::v_uint8x16;
  convert(weights, luma, chroma, count,
          [&](std::ptrdiff_t x, const Bytes& blue, const Bytes& green, const Bytes& red) {
            cv::v_store(bgr[0] + x, blue);
            cv::v_store(bgr[1] + x, green);
            cv::v_store(bgr[2] + x, red);
          });
}

}  // namespace

extern const YuvRows KERNEL_NAME(yuv_rows_);
const YuvRows KERNEL_NAME(yuv_rows_) = {KERNEL_TEXT, halve, blend, blend_two, to_bgr, to_planes};

}  // namespace facerec
