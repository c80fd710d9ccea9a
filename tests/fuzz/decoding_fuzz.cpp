// SPDX-License-Identifier: LGPL-2.1-or-later

// What detectors, landmarkers and embedders make of the numbers that a network returns.

#include "fake_network.h"

namespace {

/// Profiles of models/ that have a network of their own; see the table in fake_network.cpp.
const char* const names[] = {"facerec-detect",    "yunet",        "mtcnn", "ssd", "rfb", "pfld",
                             "facerec-landmarks", "facerec-embed"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider source(data, size);
  static const std::vector<facerec::Profile> profiles = [] {
    std::vector<facerec::Profile> read;
    for (const std::string name : names)
      read.push_back(facerec::read_profile(SOURCE_ROOT "/models/" + name + ".json"));
    return read;
  }();
  const auto which = source.ConsumeIntegralInRange<std::size_t>(0, profiles.size() - 1);
  exercise(profiles.at(which), source);
  return 0;
}
