// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace facerec {

/// How many vectors lie interleaved in a block: the first values of all, then the second ones, …
constexpr int block_lanes = 16;
/// How many probes any VectorMath multiplies at once, at most.
constexpr int most_probes = 10;

/// What a search computes, in the widest registers that a set of instructions has.
struct VectorMath {
  const char* name;  ///< of the instructions
  int probes;        ///< that are multiplied at once, so that each value is loaded once for all

  /// `block`: `dimension` times block_lanes values; `probe`: `probes` vectors one after the other;
  /// `products`: for each probe block_lanes of them. block and products are aligned to 64 bytes.
  void (*products)(const float* block, int dimension, const float* probe, float* products);
  /// The same for one probe.
  void (*products_of_one)(const float* block, int dimension, const float* probe, float* products);
  /// Of two vectors.
  float (*squared_distance)(const float* a, const float* b, int dimension);
  /// Product of two vectors; dimension times 2^14 has to fit an int.
  int (*product_of_bytes)(const std::int8_t* a, const std::int8_t* b, int dimension);
  /// The same of bytes as words, which is faster where one vector meets many.
  int (*product_of_words)(const std::int16_t* a, const std::int8_t* b, int dimension);
};

/// All that this processor can run, the fastest first.
std::vector<const VectorMath*> vector_math_of_processor();
/// The fastest.
const VectorMath& vector_math();

}  // namespace facerec
