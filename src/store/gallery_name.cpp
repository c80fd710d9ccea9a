// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_name.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "../error.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw Error(ErrorCode::Settings,
              "'" + without_password(name) + "' names no gallery file: " + why);
}

/// The scheme of "SCHEME:…" in lower case; empty where the name does not begin so.
std::string scheme_of(const std::string& name) {
  const auto colon = name.find(':');
  if (colon == std::string::npos || colon < 2) return {};
  std::string scheme = name.substr(0, colon);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool valid = std::isalpha(static_cast<unsigned char>(scheme.front())) &&
                     std::all_of(scheme.begin(), scheme.end(), [](unsigned char c) {
                       return std::isalnum(c) || c == '+' || c == '-' || c == '.';
                     });
  return valid ? scheme : std::string();
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Without the escapes %00 to %FF; empty where one is wrong.
std::optional<std::string> unescaped(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return result;
}

constexpr const char* key_parameter = "?key-file=";

std::string require_unescaped(const std::string& name, const std::string& text) {
  const auto path = unescaped(text);
  if (!path) refuse(name, "after % stand two hexadecimal digits, and %25 means a % itself");
  return *path;
}

/// A path as a URI has it.
std::string escaped(const std::string& path) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#' || c == '&') {
      const auto byte = static_cast<unsigned char>(c);
      result.append({'%', digits[byte >> 4], digits[byte & 15]});
    } else {
      result += c;
    }
  }
  return result;
}

/// What follows "file:" up to the parameter.
std::string path_of_uri(const std::string& name, std::string rest) {
  if (rest.find_first_of("?#") != std::string::npos) {
    refuse(name,
           "its only parameter is ?key-file=PATH; write a ? or # of a path as %3F or %23, and a & "
           "of the key file's as %26");
  }
  if (rest.rfind("//", 0) == 0) {
    rest = rest.substr(2);
    const auto slash = rest.find('/');
    const std::string host = rest.substr(0, slash);
    if (slash == std::string::npos || (!host.empty() && host != "localhost")) {
      refuse(name, "write file:///PATH, with three slashes, or the path alone");
    }
    rest = rest.substr(slash);
  }
  return require_unescaped(name, rest);
}

bool is_file_uri(const std::string& name, const std::string& scheme) {
  return scheme == "file" || (scheme == "sqlite" && name.compare(scheme.size(), 2, ":/") == 0);
}

}  // namespace

std::string server_scheme(const std::string& name) {
  const std::string scheme = scheme_of(name);
  const bool server = !scheme.empty() && scheme != "file" && scheme != "sqlite" &&
                      name.compare(scheme.size(), 3, "://") == 0;
  return server ? scheme : std::string();
}

GalleryFile gallery_file(const std::string& name) {
  std::string path = name, key_file;
  const std::string scheme = scheme_of(name);
  if (is_file_uri(name, scheme)) {
    path = name.substr(scheme.size() + 1);
    if (const auto at = path.find(key_parameter); at != std::string::npos) {
      const std::string given = path.substr(at + std::string_view(key_parameter).size());
      path.resize(at);
      if (given.empty() || given.find_first_of("?#&") != std::string::npos) path += '?';  // refused
      key_file = require_unescaped(name, given);
    }
    path = path_of_uri(name, path);
  } else if (!server_scheme(name).empty()) {
    refuse(name, "it is on a server; give a path");
  } else if (name == ":memory:") {
    refuse(name, "a gallery that is gone in the end is of no use; ./:memory: is a file");
  }
  if (path.empty()) refuse(name, "give the path of a gallery");
  return {fs::absolute(path), key_file.empty() ? fs::path() : fs::absolute(key_file)};
}

std::string gallery_name(const std::string& name) {
  if (!server_scheme(name).empty()) return name;
  const GalleryFile file = gallery_file(name);
  if (file.key_file.empty()) return file.path.string();
  return "sqlite://" + escaped(file.path.string()) + key_parameter +
         escaped(file.key_file.string());
}

std::string with_key_file(const std::string& name, const std::string& key_file) {
  if (key_file.empty()) return name;
  if (!server_scheme(name).empty()) {
    throw Error(ErrorCode::Settings, "gallery '" + without_password(name) +
                                         "' takes no key file, because it is on a server; have the "
                                         "server encrypt what it keeps, and name no key file");
  }
  GalleryFile file = gallery_file(name);
  const fs::path wanted = fs::absolute(key_file);
  if (!file.key_file.empty() && file.key_file != wanted) {
    throw Error(ErrorCode::Settings, "gallery '" + file.path.string() + "' has the key files '" +
                                         file.key_file.string() + "' and '" + wanted.string() +
                                         "'; name one");
  }
  return gallery_name("sqlite://" + escaped(file.path.string()) + key_parameter +
                      escaped(wanted.string()));
}

bool is_encrypted(const std::string& name) {
  return server_scheme(name).empty() && !gallery_file(name).key_file.empty();
}

std::string without_password(const std::string& uri) {
  if (const std::string scheme = scheme_of(uri); is_file_uri(uri, scheme)) {
    const auto key = uri.find(key_parameter);
    if (key == std::string::npos) return uri;
    const auto path = unescaped(uri.substr(0, key));
    return path && path->rfind("sqlite://", 0) == 0 ? path->substr(9) : uri.substr(0, key);
  }
  const auto begin = uri.find("://");
  if (begin == std::string::npos) return uri;
  std::string shown = uri;
  for (const char* parameter : {"?password=", "&password=", "?sslpassword=", "&sslpassword="}) {
    const auto at = shown.find(parameter, begin);
    if (at == std::string::npos) continue;
    const auto end = shown.find('&', at + 1);
    shown.erase(at + 1, end == std::string::npos ? end : end - at);
    if (end == std::string::npos) shown.pop_back();
  }
  // A ? or # may be one of the password's, and so may a / that should have been escaped.
  const std::size_t user = begin + 3;
  auto host = shown.find_last_of('@', shown.find('/', user));
  if (host == std::string::npos || host < user)
    host = shown.find_last_of('@', shown.find('?', user));
  if (host == std::string::npos || host < user) return shown;
  const auto colon = shown.find(':', user);
  if (colon > host) return shown;
  return shown.substr(0, colon) + shown.substr(host);
}

}  // namespace facerec
