// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

#include "matcher.h"

namespace facerec {

/// Where the index of that kind lies that a gallery is searched by: beside it, or, of a gallery on
/// a server, in the user's cache. Throws Error (NotFound) for an encrypted one, of which none is
/// kept: it tells who resembles whom.
std::filesystem::path index_file(const std::string& gallery, const std::string& kind,
                                 Metric metric);

/// Saves an index's links of that matcher's templates, in place of an earlier file's, whole or not
/// at all. Throws Error (Write).
void save_index(const std::filesystem::path& file, const std::string& kind, const Matcher& matcher,
                const std::string& links);

/// The links that a file holds of the matcher's gallery. Throws Error (NotFound, Read) where there
/// is no file, where it is damaged, or where it is of another gallery, model or metric.
std::string read_index(const std::filesystem::path& file, const std::string& kind,
                       const Matcher& matcher, const Gallery& gallery);

}  // namespace facerec
