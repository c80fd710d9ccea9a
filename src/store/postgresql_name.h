// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace facerec {

/// A gallery in a PostgreSQL database: a schema of its own.
struct PostgresqlName {
  std::string shown;   ///< for messages, without the password
  std::string uri;     ///< of the database, as libpq takes it
  std::string schema;  ///< a letter or _, then letters, digits and _
};

/// Takes "postgresql://[USER[:PASSWORD]@][HOST[:PORT]]/DATABASE[?PARAMETERS]"; the parameter
/// "gallery", which libpq does not know, names the schema ("facerec" without it). Throws Error
/// (Settings) where that is no name.
PostgresqlName parse_postgresql_name(const std::string& name);

}  // namespace facerec
