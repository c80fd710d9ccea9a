// SPDX-License-Identifier: LGPL-2.1-or-later

// Bytes of any content as the links of a gallery's index, as if their checksum were right. The last
// one chooses the kind.

#include <cstdlib>

#include "error.h"
#include "index_people.h"
#include "scratch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::atomic<bool> never = false;
  static Scratch scratch;
  static const facerec::Matcher people = index_people(scratch.write("people.db", nullptr, 0));
  static const std::vector<std::string> kinds = facerec::index_kinds();
  if (kinds.empty() || size == 0) return 0;
  const std::string& kind = kinds[data[size - 1] % kinds.size()];
  const facerec::Embedding probe{"test", "f00d", {1, 0, 0}, false};
  try {
    const auto index =
        people.load_index(kind, {reinterpret_cast<const char*>(data), size - 1}, never);
    for (const int row : index->near(probe.values.data(), 64)) {
      if (row < 0 || row >= people.template_count()) std::abort();
    }
    const auto matcher = people.with_index(index, kind, 0);
    if (!matcher || matcher->nearest(probe, 3).size() != 3) std::abort();
  } catch (const facerec::Error&) {
  }
  return 0;
}
