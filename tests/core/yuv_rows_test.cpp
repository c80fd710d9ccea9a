// SPDX-License-Identifier: LGPL-2.1-or-later

// What a conversion does to rows, with each set of instructions that this processor has.

#include "yuv_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "yuv_taps.h"

using namespace facerec;

namespace {

constexpr int count = 83;  // no whole blocks
constexpr int whole = (count + YuvRows::block - 1) / YuvRows::block * YuvRows::block;

class YuvRowsTest : public testing::TestWithParam<const YuvRows*> {
 protected:
  std::vector<std::uint8_t> bytes(std::size_t size) {
    std::vector<std::uint8_t> values(size);
    for (std::uint8_t& value : values) value = static_cast<std::uint8_t>(random_());
    return values;
  }

  std::mt19937 random_{1};
  const YuvRows& rows_ = *GetParam();
};

TEST_P(YuvRowsTest, AveragesTwoByTwo) {
  const auto first = bytes(2 * count), second = bytes(2 * count);
  std::vector<std::uint8_t> halved(count);
  rows_.halve({first.data(), second.data()}, count, halved.data());
  for (int i = 0; i < count; ++i) {
    const double mean = (first[2 * i] + first[2 * i + 1] + second[2 * i] + second[2 * i + 1]) / 4.;
    EXPECT_NEAR(halved[i], mean, 0.5) << i;
  }
}

TEST_P(YuvRowsTest, BlendsRowsAndRepeatsTheLastPixel) {
  const auto a = bytes(count), b = bytes(count), c = bytes(count), d = bytes(count);
  constexpr double part = 0.25;
  const auto between = [&](std::uint8_t from, std::uint8_t to) {
    return static_cast<int>((from + part * (to - from) - 128) * (1 << YuvRows::between_rows));
  };
  std::vector<std::int16_t> blended(count + 1), both(2 * (count + 1));
  rows_.blend({a.data(), b.data()}, part, count, 1, blended.data());
  rows_.blend_two({a.data(), b.data()}, {c.data(), d.data()}, part, count, both.data());
  for (int i = 0; i <= count; ++i) {
    const int last = std::min(i, count - 1);
    EXPECT_EQ(blended[i], between(a[last], b[last])) << i;
    EXPECT_EQ(both[2 * i], between(a[last], b[last])) << i;
    EXPECT_EQ(both[2 * i + 1], between(c[last], d[last])) << i;
  }
}

TEST_P(YuvRowsTest, ConvertsToPixelsAndToPlanes) {
  // Made smaller, as wide as it was, and wider.
  for (const int wide : {2 * count - 1, 3 * count / 2, count, count / 3, 1}) {
    SCOPED_TRACE(wide);
    const int rounding = wide == count ? 1 : 2;  // once more of what is interpolated
    const auto luma = bytes(wide), chroma = bytes(2 * static_cast<std::size_t>(wide));
    YuvTaps luma_taps, chroma_taps;
    luma_taps.fit(wide, count, 1);
    chroma_taps.fit(wide, count, 2);
    std::vector<std::int16_t> blended(luma_taps.row_length());
    std::vector<std::int16_t> blended_chroma(chroma_taps.row_length());
    rows_.blend({luma.data(), luma.data()}, 0, wide, 1, blended.data());
    rows_.blend({chroma.data(), chroma.data()}, 0, 2 * wide, 2, blended_chroma.data());

    YuvWeights matrix;  // JPEG's
    const auto fixed = [](double value) {
      return static_cast<std::int16_t>(value * (1 << YuvRows::of_matrix));
    };
    matrix.raise = 128;
    matrix.luma = fixed(1);
    matrix.blue[0] = fixed(1.772);
    matrix.green[0] = fixed(-0.344);
    matrix.green[1] = fixed(-0.714);
    matrix.red[1] = fixed(1.402);
    const BlendedRow luma_row = luma_taps.row(blended.data());
    const BlendedRow chroma_row = chroma_taps.row(blended_chroma.data());
    std::vector<std::uint8_t> bgr(3 * whole), planes(3 * whole);
    std::uint8_t* const rows[] = {planes.data(), planes.data() + whole, planes.data() + 2 * whole};
    rows_.to_bgr(matrix, luma_row, chroma_row, count, bgr.data());
    rows_.to_planes(matrix, luma_row, chroma_row, count, rows);
    for (int i = 0; i < count; ++i) {
      const double place = std::clamp((i + 0.5) * wide / count - 0.5, 0., wide - 1.);
      const int first = static_cast<int>(place), second = std::min(first + 1, wide - 1);
      const auto between = [&](const std::vector<std::uint8_t>& values, int step, int channel) {
        const int from = values[step * first + channel], to = values[step * second + channel];
        return from + (place - first) * (to - from);
      };
      const double y = between(luma, 1, 0);
      const double cb = between(chroma, 2, 0) - 128, cr = between(chroma, 2, 1) - 128;
      const double meant[] = {y + 1.772 * cb, y - 0.344 * cb - 0.714 * cr, y + 1.402 * cr};
      for (int colour = 0; colour < 3; ++colour) {
        EXPECT_NEAR(bgr[3 * i + colour], std::clamp(meant[colour], 0., 255.), rounding) << i;
        EXPECT_EQ(bgr[3 * i + colour], rows[colour][i]) << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfThisProcessor, YuvRowsTest, testing::ValuesIn(yuv_rows_of_processor()),
                         [](const auto& info) { return info.param->name; });

}  // namespace
