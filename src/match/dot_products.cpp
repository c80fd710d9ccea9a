// SPDX-License-Identifier: LGPL-2.1-or-later

#include "dot_products.h"

namespace facerec {

#if defined(__x86_64__)
extern const DotProducts dot_products_avx512, dot_products_avx2;
#endif
extern const DotProducts dot_products_plain;

std::vector<const DotProducts*> dot_products_of_processor() {
  std::vector<const DotProducts*> usable;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) usable.push_back(&dot_products_avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    usable.push_back(&dot_products_avx2);
  }
#endif
  usable.push_back(&dot_products_plain);
  return usable;
}

const DotProducts& dot_products() {
  static const DotProducts& fastest = *dot_products_of_processor().front();
  return fastest;
}

}  // namespace facerec
