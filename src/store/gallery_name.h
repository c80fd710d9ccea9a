// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

namespace facerec {

/// The scheme of "SCHEME://…" in lower case where a gallery on a server is named; empty for a file.
std::string server_scheme(const std::string& name);

/// The file that somebody means by `name`: an absolute path. `name` is a path or a URI file:///PATH
/// or sqlite:///PATH with escapes. Throws Error (Settings) for what means no file: an empty name,
/// SQLite's ":memory:", another scheme, a URI of another host or with a query, a wrong escape.
std::filesystem::path gallery_file(const std::string& name);

/// One name for all that mean the same gallery: of a file its absolute path, of a server's the URI.
/// Throws as gallery_file() does.
std::string gallery_name(const std::string& name);

/// The URI without its passwords, also where they are parameters.
std::string without_password(const std::string& uri);

}  // namespace facerec
