// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace facerec::cli {

/// Two pictures and a line below them.
struct SheetRow {
  std::filesystem::path a;
  std::filesystem::path b;
  std::string text;
};

/// Pairs of pictures side by side, several pairs a row, as PNG. Throws Error (Write).
void write_contact_sheet(const std::filesystem::path& file, const std::vector<SheetRow>& rows);

/// Writes a whole file. Throws Error (Write) that names it.
void write_text(const std::filesystem::path& file, const std::string& text);

/// Makes a folder where there is none. Throws Error (Write) that names it.
void make_folder(const std::filesystem::path& folder);

}  // namespace facerec::cli
