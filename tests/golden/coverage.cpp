#include <set>

#include "golden.h"

namespace {

TEST(Golden, EachProfileWhoseNetworkIsHereIsHeld) {
  // Only one library runs them, see README.md.
  const std::set<std::string> not_held = {"dlib-hog", "dlib-mmod"};
  const nlohmann::json golden = read_golden();
  for (const auto& entry : std::filesystem::directory_iterator(source_root() / "models")) {
    if (entry.path().extension() != ".json") continue;
    const facerec::Profile profile = facerec::read_profile(entry.path());
    if (!is_here(profile) || not_held.count(profile.name) != 0) continue;
    EXPECT_TRUE(golden[to_string(profile.role) + "s"].contains(profile.name)) << profile.name;
  }
}

}  // namespace
