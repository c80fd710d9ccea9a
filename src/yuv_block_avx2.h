// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// OpenCV's universal intrinsics have no shuffle by places that are not known beforehand.

#include <immintrin.h>

#include <cstddef>
#include <opencv2/core/hal/intrin.hpp>

#include "yuv_rows.h"

namespace facerec {
namespace {

/// Two groups of weights, the second one's pixels beginning with `second`: eight pixels of luma or
/// four of chroma.
[[gnu::always_inline]] inline __m256i weigh(const BlendedRow& row, std::ptrdiff_t first,
                                            std::ptrdiff_t second, std::ptrdiff_t weight) {
  constexpr int shift = YuvRows::between_rows + YuvRows::between_columns;
  const auto group = [&](std::ptrdiff_t pixel) {
    return reinterpret_cast<const __m128i*>(row.values + row.offsets[pixel]);
  };
  const auto both = [](const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  };
  const __m256i values = _mm256_shuffle_epi8(_mm256_loadu2_m128i(group(second), group(first)),
                                             both(row.picks + 2 * weight));
  const __m256i sums = _mm256_add_epi32(_mm256_madd_epi16(values, both(row.weights + weight)),
                                        _mm256_set1_epi32(1 << (shift - 1)));
  return _mm256_srai_epi32(sums, shift);
}

[[gnu::always_inline]] inline __m256i eight_of(const BlendedRow& luma, std::ptrdiff_t x) {
  return weigh(luma, x, x + 4, 2 * x);
}

[[gnu::always_inline]] inline __m256i four_of(const BlendedRow& chroma, std::ptrdiff_t x) {
  return weigh(chroma, x, x + 2, 4 * x);
}

/// Sixteen values, in order.
[[gnu::always_inline]] inline __m256i pack(__m256i low, __m256i high) {
  return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
}

/// Converts a block of pixels.
class YuvBlock {
 public:
  explicit YuvBlock(const YuvWeights& weights)
      : luma_(both(weights.luma, 0)),
        black_(_mm256_set1_epi32(weights.raise * weights.luma + (1 << (YuvRows::of_matrix - 1)))),
        bgr_{both(weights.blue[0], weights.blue[1]), both(weights.green[0], weights.green[1]),
             both(weights.red[0], weights.red[1])} {}

  /// The block that begins with pixel `x`, to B, G and R.
  [[gnu::always_inline]] void operator()(const BlendedRow& luma, const BlendedRow& chroma,
                                         std::ptrdiff_t x, cv::v_uint8x16 (&bgr)[3]) const {
    __m256i light[2], colour[2];
    for (int half = 0; half < 2; ++half, x += YuvRows::block / 2) {
      // Of each luma's 32 bits the lower 16 are its value.
      light[half] = _mm256_add_epi32(_mm256_madd_epi16(eight_of(luma, x), luma_), black_);
      colour[half] = pack(four_of(chroma, x), four_of(chroma, x + 4));
    }
    for (int i = 0; i < 3; ++i) {
      const auto eight = [&](int half) {
        return _mm256_srai_epi32(
            _mm256_add_epi32(_mm256_madd_epi16(colour[half], bgr_[i]), light[half]),
            YuvRows::of_matrix);
      };
      const __m256i all = pack(eight(0), eight(1));
      bgr[i] = cv::v_uint8x16(
          _mm_packus_epi16(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
    }
  }

 private:
  static __m256i both(std::int16_t first, std::int16_t second) {
    return _mm256_unpacklo_epi16(_mm256_set1_epi16(first), _mm256_set1_epi16(second));
  }

  __m256i luma_;
  __m256i black_;  ///< what is added for what luma was lowered by, and a half for rounding
  __m256i bgr_[3];
};

}  // namespace
}  // namespace facerec
