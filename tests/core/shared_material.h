#pragma once

#include <cstdlib>
#include <filesystem>

/// The folder of reference material: FACEREC_SHARED, else beside the source tree
/// (FACEREC_SOURCE_ROOT). Empty where there is none.
inline std::filesystem::path shared_material() {
  const char* given = std::getenv("FACEREC_SHARED");
  const char* source = std::getenv("FACEREC_SOURCE_ROOT");
  std::filesystem::path folder;
  if (given && *given) {
    folder = given;
  } else if (source) {
    folder = std::filesystem::path(source) / "../shared";
  }
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored) ? folder : std::filesystem::path();
}
