// SPDX-License-Identifier: LGPL-2.1-or-later

// A file of any content as a profile, and where it is one, the stage that it describes. What stands
// behind the last zero byte chooses the network's numbers.

#include <algorithm>

#include "error.h"
#include "fake_network.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scratch scratch;
  const std::uint8_t* end = std::find(data, data + size, 0);
  const auto length = static_cast<std::size_t>(end - data);
  facerec::Profile profile;
  try {
    profile = facerec::read_profile(scratch.write("p.json", data, length));
  } catch (const facerec::Error&) {
    return 0;
  }
  // What is larger is right and only slow here.
  if (profile.input.area() > 1 << 14 || profile.dimension > 1 << 12) return 0;
  profile.landmarks.clear();  // of another file
  FuzzedDataProvider source(end, size - length);
  exercise(profile, source);
  return 0;
}
