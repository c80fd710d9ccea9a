// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace facerec {

/// Two rows of a plane, a pixel lies between.
struct RowPair {
  const std::uint8_t* first;
  const std::uint8_t* second;
};

/// A row of blended values and how pixels are interpolated between two neighbours of it: where the
/// first one of each begins, and the weights that each channel's value there and the next pixel's
/// get. YuvRows::group weights in turn are of values that lie within as many: `picks` has the
/// places of both bytes of each, counted from where the first pixel's begin.
struct BlendedRow {
  const std::int16_t* values;
  const int* offsets;
  const std::int16_t* weights;
  const std::uint8_t* picks;
};

/// How Y' Cb Cr, all lowered by 128, become B, G and R, with YuvRows::of_matrix bits after the
/// point. Chroma's weights are those of Cb and Cr, or the other way round where Cr comes first.
struct YuvWeights {
  std::int16_t raise = 0;  ///< from what luma was lowered by to what is black
  std::int16_t luma = 0;
  std::int16_t blue[2] = {}, green[2] = {}, red[2] = {};
};

/// What a conversion does to the rows of a picture, as fast as a set of instructions allows.
struct YuvRows {
  // Bits after the point.
  static constexpr int between_rows = 8;  ///< of blended values, which are lowered by 128
  static constexpr int between_columns = 14;
  static constexpr int of_matrix = 13;
  static constexpr int block = 16;  ///< pixels that are converted at once
  static constexpr int group = 8;   ///< of weights

  const char* name;  ///< of the instructions

  /// Means of two by two values.
  void (*halve)(const RowPair& rows, int count, std::uint8_t* to);

  /// `count` values at `part` of the way between two rows, then once more the last pixel of
  /// `channels` values.
  void (*blend)(const RowPair& rows, double part, int count, int channels, std::int16_t* to);
  /// The same of two planes, a value of each in turn.
  void (*blend_two)(const RowPair& first, const RowPair& second, double part, int count,
                    std::int16_t* to);

  /// Pixels in whole blocks, at least `count`; B, G and R side by side or in three rows.
  void (*to_bgr)(const YuvWeights& weights, const BlendedRow& luma, const BlendedRow& chroma,
                 int count, std::uint8_t* bgr);
  void (*to_planes)(const YuvWeights& weights, const BlendedRow& luma, const BlendedRow& chroma,
                    int count, std::uint8_t* const bgr[3]);
};

/// All that this processor can run, the fastest first.
std::vector<const YuvRows*> yuv_rows_of_processor();
/// The fastest.
const YuvRows& yuv_rows();

}  // namespace facerec
