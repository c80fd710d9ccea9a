// SPDX-License-Identifier: LGPL-2.1-or-later

// Compiled once for each set of instructions, see meson.build: KERNEL is its name, PROBES how many
// probes' sums its registers hold. Nothing here may be called before the processor was asked.

#include <cstring>
#include <utility>

#include "../kernel_name.h"
#include "vector_math.h"

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

/// One sum would wait for itself.
void multiply_one(const float* block, int dimension, const float* probe, float* products) {
  Lanes first{}, second{}, third{}, fourth{};
  const auto* values = reinterpret_cast<const Lanes*>(block);
  int i = 0;
  for (; i + 4 <= dimension; i += 4) {
    first += values[i] * probe[i];
    second += values[i + 1] * probe[i + 1];
    third += values[i + 2] * probe[i + 2];
    fourth += values[i + 3] * probe[i + 3];
  }
  for (; i < dimension; ++i) first += values[i] * probe[i];
  *reinterpret_cast<Lanes*>(products) = (first + second) + (third + fourth);
}

float squared_distance(const float* a, const float* b, int dimension) {
  Lanes sums{};
  int i = 0;
  for (; i + block_lanes <= dimension; i += block_lanes) {
    Lanes of_a, of_b;
    std::memcpy(&of_a, a + i, sizeof of_a);
    std::memcpy(&of_b, b + i, sizeof of_b);
    const Lanes difference = of_a - of_b;
    sums += difference * difference;
  }
  float sum = 0;
  for (int lane = 0; lane < block_lanes; ++lane) sum += sums[lane];
  for (; i < dimension; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

template <typename Integer>
int product(const Integer* a, const std::int8_t* b, int dimension) {
  int sum = 0;
  for (int i = 0; i < dimension; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

static_assert(PROBES <= most_probes);
extern const VectorMath KERNEL_NAME(vector_math_);
const VectorMath KERNEL_NAME(vector_math_) = {
    KERNEL_TEXT, PROBES, multiply<PROBES>, multiply_one, squared_distance, product, product};

}  // namespace facerec
