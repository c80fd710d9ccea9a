// SPDX-License-Identifier: LGPL-2.1-or-later

#include "yuv_rows.h"

namespace facerec {

#if defined(__x86_64__)
extern const YuvRows yuv_rows_avx2;
#endif
extern const YuvRows yuv_rows_plain;

std::vector<const YuvRows*> yuv_rows_of_processor() {
  std::vector<const YuvRows*> usable;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) usable.push_back(&yuv_rows_avx2);
#endif
  usable.push_back(&yuv_rows_plain);
  return usable;
}

const YuvRows& yuv_rows() {
  static const YuvRows& fastest = *yuv_rows_of_processor().front();
  return fastest;
}

}  // namespace facerec
