// SPDX-License-Identifier: LGPL-2.1-or-later
#include "readable_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "error.h"

namespace facerec {

namespace fs = std::filesystem;

void require_readable(const fs::path& file, const std::string& remedy) {
  const auto fail = [&](ErrorCode code, const std::string& problem) {
    throw Error(code, "'" + file.lexically_normal().string() + "' " + problem + ": " + remedy);
  };
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (status.type() == fs::file_type::not_found) fail(ErrorCode::NotFound, "does not exist");
  if (status.type() == fs::file_type::directory) fail(ErrorCode::Read, "is a folder");
  if (status.type() != fs::file_type::regular && !failure) {
    fail(ErrorCode::Read, "is no regular file");
  }
  errno = 0;
  if (failure || !std::ifstream(file)) {
    const std::string reason =
        (failure ? failure : std::error_code(errno, std::generic_category())).message();
    fail(ErrorCode::Read, "cannot be read (" + reason + ")");
  }
}

}  // namespace facerec
