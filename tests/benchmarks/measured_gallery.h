// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "postgresql_server.h"

/// The gallery on a server that a benchmark of the arguments TEMPLATES [URI] measures: the named
/// one, or one of a PostgreSQL server of its own, which `server` keeps. Empty, having said why,
/// where there is neither.
inline std::string measured_gallery(int argc, char** argv,
                                    std::unique_ptr<PostgresqlServer>& server) {
  if (argc > 2 && *argv[2] != 0) return argv[2];
  if (PostgresqlServer::programs().empty()) {
    std::puts("PostgreSQL is not installed (postgresql); name a gallery");
    return {};
  }
  server = std::make_unique<PostgresqlServer>();
  return server->uri("search");
}
