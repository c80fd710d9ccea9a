// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <filesystem>

namespace facerec {

class Database;

/// Makes the tables in an empty file; leaves one that holds something as it is.
void create_schema(const Database& db, const std::filesystem::path& file);

/// The format of a gallery, 1 to newest_schema. Throws Error (Read) where the file is no gallery,
/// is of a newer format, or holds other tables, views or triggers than a gallery.
std::int64_t check_schema(const Database& db, const std::filesystem::path& file);

/// Brings an older format to the newest; people whose names read alike become one. The log of
/// changes begins then.
void migrate_schema(const Database& db, const std::filesystem::path& file);

constexpr std::int64_t newest_schema = 3;

}  // namespace facerec
