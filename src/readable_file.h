// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

namespace facerec {

/// Throws Error that names the file, the reason and the remedy where it cannot be read: NotFound
/// where it does not exist, Read where it is a folder or device or may not be opened.
void require_readable(const std::filesystem::path& file, const std::string& remedy);

}  // namespace facerec
