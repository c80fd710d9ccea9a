// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <libpq-fe.h>
#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "temporary_folder.h"

/// A PostgreSQL server of the test's own: on a socket in a temporary folder, where everybody is
/// trusted, and on a port of the loopback, where passwords count. Ended in the end.
class PostgresqlServer {
 public:
  /// The folder of PostgreSQL's programs; empty where there is none.
  static std::string programs();

  /// Throws std::runtime_error with the server's words where it does not start.
  PostgresqlServer();
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  void start();
  /// Without any warning; its processes end by themselves.
  void kill();

  /// Of a gallery, through the socket.
  std::string uri(const std::string& gallery) const;
  /// Of a gallery, by the loopback; `user` may have a password.
  std::string uri(const std::string& user, const std::string& gallery,
                  const std::string& database = "postgres") const;

  /// The first value of the last statement's rows, or nothing. Throws std::runtime_error.
  std::string sql(const std::string& statements) const;
  /// A connection that has run `statements`, and keeps its transaction.
  std::shared_ptr<PGconn> connection(const std::string& statements) const;

 private:
  /// Its process, as a user who is not root.
  pid_t run(const std::vector<std::string>& command) const;
  std::string log() const;

  TemporaryFolder folder_;
  int port_ = 0;
  pid_t process_ = -1;
};
