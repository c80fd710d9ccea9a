// SPDX-License-Identifier: LGPL-2.1-or-later

// Compiled once for each set of instructions, see meson.build: KERNEL is its name, PROBES how many
// probes' sums its registers hold. Nothing here may be called before the processor was asked.

#include <utility>

#include "dot_products.h"

namespace facerec {
namespace {

/// The compiler makes as many registers of it as it takes.
using Lanes = float __attribute__((vector_size(block_lanes * sizeof(float))));

/// The indices are constants, so that each sum is a register and not an element of an array.
template <int... p>
void multiply(std::integer_sequence<int, p...> /*indices*/, const float* block, int dimension,
              const float* probe, float* products) {
  Lanes sums[] = {((void)p, Lanes{})...};
  const auto* values = reinterpret_cast<const Lanes*>(block);
  for (int i = 0; i < dimension; ++i) ((sums[p] += values[i] * probe[p * dimension + i]), ...);
  ((reinterpret_cast<Lanes*>(products)[p] = sums[p]), ...);
}

template <int probes>
void multiply(const float* block, int dimension, const float* probe, float* products) {
  multiply(std::make_integer_sequence<int, probes>(), block, dimension, probe, products);
}

}  // namespace

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)
#define JOIN_OF(a, b) a##b
#define JOIN(a, b) JOIN_OF(a, b)

static_assert(PROBES <= most_probes);
extern const DotProducts JOIN(dot_products_, KERNEL);
const DotProducts JOIN(dot_products_, KERNEL) = {TEXT(KERNEL), PROBES, multiply<PROBES>,
                                                 multiply<1>};

}  // namespace facerec
