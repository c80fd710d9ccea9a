// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

namespace facerec {

/// How many vectors lie interleaved in a block: the first values of all, then the second ones, …
constexpr int block_lanes = 16;
/// How many probes any DotProducts takes at once, at most.
constexpr int most_probes = 10;

/// Products of blocks with probes, in the widest registers that the processor has.
struct DotProducts {
  const char* name;  ///< of the instructions
  int probes;        ///< that it takes at once, so that each value is loaded once for all of them

  /// `block`: `dimension` times block_lanes values; `probe`: `probes` vectors one after the other;
  /// `products`: for each probe block_lanes of them. block and products are aligned to 64 bytes.
  void (*several)(const float* block, int dimension, const float* probe, float* products);
  /// The same for one probe.
  void (*one)(const float* block, int dimension, const float* probe, float* products);
};

/// All that this processor can run, the fastest first.
std::vector<const DotProducts*> dot_products_of_processor();
/// The fastest.
const DotProducts& dot_products();

}  // namespace facerec
