// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace facerec {

/// SHA-256 of bytes as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// SHA-256 of a file's content. Throws Error (Read) that names the file.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace facerec
