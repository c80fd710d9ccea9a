// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "store/sqlite.h"

/// Keeps every other program from writing to a gallery's file while it lives. By the library that
/// galleries are opened with: locks of one process do not hold off another library.
class HeldGallery {
 public:
  explicit HeldGallery(const std::string& name)
      : db_(facerec::gallery_file(name), SQLITE_OPEN_READWRITE, std::chrono::seconds(2), nullptr),
        lock_(db_) {}

 private:
  facerec::Database db_;
  facerec::Transaction lock_;
};
