// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

namespace facerec {

/// The scheme of "SCHEME://…" in lower case where a gallery on a server is named; empty for a file.
std::string server_scheme(const std::string& name);

/// A gallery's file; its paths are absolute.
struct GalleryFile {
  std::filesystem::path path;
  std::filesystem::path key_file;  ///< see GalleryKey; empty = the gallery is not encrypted
};

/// The file that somebody means by `name`: a path or a URI file:///PATH or sqlite:///PATH with
/// escapes, which may end with ?key-file=PATH. Throws Error (Settings) for what means no file: an
/// empty name, SQLite's ":memory:", another scheme, a URI of another host or with other
/// parameters, a wrong escape.
GalleryFile gallery_file(const std::string& name);

/// One name for all that mean the same gallery: of a file its absolute path, or the URI where it
/// has a key, of a server's the URI. Throws as gallery_file() does.
std::string gallery_name(const std::string& name);

/// The name of the gallery with the key in that file; `name` itself where `key_file` is empty.
/// Throws Error (Settings) where the gallery is on a server or the name has another key file, and
/// as gallery_file() does.
std::string with_key_file(const std::string& name, const std::string& key_file);

/// Whether the gallery is a file with a key.
bool is_encrypted(const std::string& name);

/// The URI without its passwords, also where they are parameters; of a file with a key its path.
std::string without_password(const std::string& uri);

}  // namespace facerec
