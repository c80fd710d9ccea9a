// SPDX-License-Identifier: LGPL-2.1-or-later

// Compiled once for each set of instructions, see meson.build: KERNEL is its name. Nothing here may
// be called before the processor was asked. CV_CPU_DISPATCH_MODE keeps OpenCV's intrinsics of one
// set apart from those of others.

#include <cmath>
#include <cstddef>
#include <opencv2/core/hal/intrin.hpp>

#include "kernel_name.h"
#include "yuv_rows.h"
#ifdef __AVX2__
#include "yuv_block_avx2.h"
#else
#include "yuv_block_plain.h"
#endif

namespace facerec {
namespace {

constexpr int between_rows = YuvRows::between_rows;
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

/// Calls `store` with the place of each block and its B, G and R.
template <typename Store>
[[gnu::always_inline]] inline void convert(const YuvWeights& weights, const BlendedRow& luma,
                                           const BlendedRow& chroma, int count, Store store) {
  const YuvBlock convert_block(weights);
  for (std::ptrdiff_t x = 0; x < count; x += YuvRows::block) {
    cv::v_uint8x16 bgr[3];
    convert_block(luma, chroma, x, bgr);
    store(x, bgr[0], bgr[1], bgr[2]);
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
