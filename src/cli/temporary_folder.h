// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "../error.h"

namespace facerec::cli {

/// A folder that is removed in the end, with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "facerec-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) {
      throw Error(ErrorCode::Write, "no folder can be made in '" +
                                        std::filesystem::temp_directory_path().string() +
                                        "'; set TMPDIR to one that may be written");
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const {
    return path_ / std::filesystem::path(name);
  }

 private:
  std::string path_;
};

}  // namespace facerec::cli
