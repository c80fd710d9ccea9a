// SPDX-License-Identifier: LGPL-2.1-or-later

#include "golden.h"

namespace {

TEST(Golden, EachProfileWhoseNetworkIsHereIsHeld) {
  const nlohmann::json golden = read_golden();
  for (const auto& entry : std::filesystem::directory_iterator(source_root() / "models")) {
    if (entry.path().extension() != ".json") continue;
    const facerec::Profile profile = facerec::read_profile(entry.path());
    if (profile.files.empty() || !is_here(profile)) continue;
    EXPECT_TRUE(golden[to_string(profile.role) + "s"].contains(profile.name)) << profile.name;
  }
}

}  // namespace
