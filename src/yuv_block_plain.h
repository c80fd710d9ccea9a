// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// Of OpenCV's universal intrinsics, those that 4.6 and later releases have alike: vectors of 128
// bits, and functions in place of operators.

#include <cstddef>
#include <cstring>
#include <opencv2/core/hal/intrin.hpp>

#include "yuv_rows.h"

namespace facerec {
namespace {

template <typename T>
T load(const std::int16_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

cv::v_int32x4 weigh(const cv::v_int16x8& values, const std::int16_t* weights) {
  constexpr int shift = YuvRows::between_rows + YuvRows::between_columns;
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

/// Converts a block of pixels.
class YuvBlock {
 public:
  explicit YuvBlock(const YuvWeights& weights)
      : luma_(both(weights.luma, 0)),
        black_(cv::v_setall_s32(weights.raise * weights.luma + (1 << (YuvRows::of_matrix - 1)))),
        blue_(both(weights.blue[0], weights.blue[1])),
        green_(both(weights.green[0], weights.green[1])),
        red_(both(weights.red[0], weights.red[1])) {}

  /// The block that begins with pixel `x`, to B, G and R.
  [[gnu::always_inline]] void operator()(const BlendedRow& luma, const BlendedRow& chroma,
                                         std::ptrdiff_t x, cv::v_uint8x16 (&bgr)[3]) const {
    cv::v_int16x8 halves[2][3];
    for (auto& half : halves) {
      multiply({four_of(luma, x), four_of(luma, x + 4)},
               {cv::v_pack(two_of(chroma, x), two_of(chroma, x + 2)),
                cv::v_pack(two_of(chroma, x + 4), two_of(chroma, x + 6))},
               half);
      x += YuvRows::block / 2;
    }
    for (int i = 0; i < 3; ++i) bgr[i] = cv::v_pack_u(halves[0][i], halves[1][i]);
  }

 private:
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
      return cv::v_pack(cv::v_shr<YuvRows::of_matrix>(cv::v_dotprod(chroma[0], weights, low)),
                        cv::v_shr<YuvRows::of_matrix>(cv::v_dotprod(chroma[1], weights, high)));
    };
    bgr[0] = colour(blue_);
    bgr[1] = colour(green_);
    bgr[2] = colour(red_);
  }

  static cv::v_int16x8 both(std::int16_t first, std::int16_t second) {
    return {first, second, first, second, first, second, first, second};
  }

  cv::v_int16x8 luma_;
  cv::v_int32x4 black_;  ///< what is added for what luma was lowered by, and a half for rounding
  cv::v_int16x8 blue_, green_, red_;
};

}  // namespace
}  // namespace facerec
