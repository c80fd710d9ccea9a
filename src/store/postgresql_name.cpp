// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql_name.h"

#include <algorithm>
#include <cctype>

#include "../error.h"
#include "gallery_name.h"

namespace facerec {

namespace {

constexpr std::size_t longest_identifier = 63;  ///< bytes, of PostgreSQL
constexpr const char* parameter = "gallery=";

/// Where the parameters begin, after a ? that is none of the password's.
std::size_t query_of(const std::string& uri) {
  const std::size_t begin = uri.find("://") + 3;
  const std::size_t at = uri.find('@', begin);
  return uri.find('?', at != std::string::npos && at < uri.find('/', begin) ? at : begin);
}

bool is_schema(const std::string& name) {
  const auto is_part = [](unsigned char c) { return c < 0x80 && (std::isalnum(c) || c == '_'); };
  return !name.empty() && name.size() <= longest_identifier &&
         std::all_of(name.begin(), name.end(), is_part) &&
         !std::isdigit(static_cast<unsigned char>(name.front())) && name.rfind("pg_", 0) != 0;
}

}  // namespace

PostgresqlName parse_postgresql_name(const std::string& name) {
  PostgresqlName result{without_password(name), name, "facerec"};
  const std::string scheme = server_scheme(name);
  result.uri.replace(0, scheme.size(), scheme);  // libpq wants it in lower case
  const std::size_t query = query_of(name);
  if (query == std::string::npos) return result;

  std::string others;
  for (std::size_t begin = query + 1; begin <= result.uri.size();) {
    const std::size_t end = std::min(result.uri.find('&', begin), result.uri.size());
    const std::string one = result.uri.substr(begin, end - begin);
    begin = end + 1;
    if (one.rfind(parameter, 0) == 0) {
      result.schema = one.substr(std::string(parameter).size());
    } else if (!one.empty()) {
      others += (others.empty() ? '?' : '&') + one;
    }
  }
  result.uri = result.uri.substr(0, query) + others;
  if (!is_schema(result.schema)) {
    throw Error(ErrorCode::Settings,
                "'" + result.shown +
                    "' names no gallery: what follows gallery= is the name of a "
                    "schema of the database, of letters, digits and _, that does "
                    "not begin with a digit or pg_");
  }
  return result;
}

}  // namespace facerec
