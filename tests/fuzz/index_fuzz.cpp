// SPDX-License-Identifier: LGPL-2.1-or-later

// Bytes of any content as the links of a gallery's index, as if their checksum were right.

#include <cstdlib>

#include "error.h"
#include "index_people.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::atomic<bool> never = false;
  static Scratch scratch;
  static const facerec::Matcher people = index_people(scratch.write("people.db", nullptr, 0));
  if (facerec::index_kinds().empty()) return 0;
  const facerec::Embedding probe{"test", "f00d", {1, 0, 0}, false};
  try {
    const auto index =
        people.load_index("hnsw", {reinterpret_cast<const char*>(data), size}, never);
    const auto matcher = people.with_index(index, "hnsw", 0);
    if (!matcher || matcher->nearest(probe, 3).size() != 3) std::abort();
  } catch (const facerec::Error&) {
  }
  return 0;
}
