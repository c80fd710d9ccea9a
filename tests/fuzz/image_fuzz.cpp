// SPDX-License-Identifier: LGPL-2.1-or-later

// A file of any content as a photo.

#include <cstdlib>

#include "error.h"
#include "image/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const cv::Mat image = facerec::decode_image({data, data + size}, "photo");
    if (image.empty() || image.type() != CV_8UC3) std::abort();
  } catch (const facerec::Error&) {
  }
  return 0;
}
