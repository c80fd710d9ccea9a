// SPDX-License-Identifier: LGPL-2.1-or-later

#include "vector_math.h"

namespace facerec {

#if defined(__x86_64__)
extern const VectorMath vector_math_avx512, vector_math_avx2;
#endif
extern const VectorMath vector_math_plain;

std::vector<const VectorMath*> vector_math_of_processor() {
  std::vector<const VectorMath*> usable;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) usable.push_back(&vector_math_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    usable.push_back(&vector_math_avx2);
  }
#endif
  usable.push_back(&vector_math_plain);
  return usable;
}

const VectorMath& vector_math() {
  static const VectorMath& fastest = *vector_math_of_processor().front();
  return fastest;
}

}  // namespace facerec
