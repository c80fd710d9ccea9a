// SPDX-License-Identifier: LGPL-2.1-or-later

// A file of any content as a photo.

#include <cstdlib>

#include "../../src/cli/image.h"
#include "error.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scratch scratch;
  try {
    const cv::Mat image = facerec::cli::read_image(scratch.write("photo", data, size));
    if (image.empty() || image.type() != CV_8UC3) std::abort();
  } catch (const facerec::Error&) {
  }
  return 0;
}
