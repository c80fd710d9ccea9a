// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

/// An environment variable; empty where it is not set.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The folder of reference material: FACEREC_SHARED, else beside the source tree
/// (FACEREC_SOURCE_ROOT). Empty where there is none.
inline std::filesystem::path shared_material() {
  std::filesystem::path folder = environment("FACEREC_SHARED");
  if (folder.empty())
    folder = std::filesystem::path(environment("FACEREC_SOURCE_ROOT")) / "../shared";
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored) ? folder : std::filesystem::path();
}
