// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "postgresql_name.h"
#include "postgresql_values.h"

namespace facerec {

/// A connection to a gallery's database. Whatever libpq or the server reports is thrown as Error:
/// Busy where the server cannot be reached, does nothing for as long as the patience or once `stop`
/// is true; NotFound, Read, Write. Once it is lost or was given up, every call throws Error (Busy).
/// Only the look-up of a host's name may take longer. Not for two threads at once.
class PgConnection {
 public:
  /// `stop` may be null and outlives the object, as `name` does.
  PgConnection(const PostgresqlName& name, std::chrono::milliseconds patience,
               const std::atomic<bool>* stop);

  /// One or more statements without parameters and rows.
  void execute(const std::string& sql) const;
  /// One statement.
  PgRows query(const std::string& sql, const PgParameters& parameters = {}) const;
  /// As query(), without patience: for what keeps a server busy for long.
  void work(const std::string& sql) const;

  // COPY … FROM STDIN: all of its bytes in as many parts as one likes.
  void begin_copy(const std::string& sql) const;
  void copy(const std::string& bytes) const;
  void end_copy() const;

  /// Waits for a notification on a channel that the connection listens to; empty where none came.
  /// Throws Error (Busy) where the connection is lost.
  std::string notice(std::chrono::milliseconds patience) const;

  /// Throws Error (Busy) where the connection is lost or `stop` is true.
  void require_running() const;
  bool usable() const { return connection_ && PQstatus(connection_.get()) == CONNECTION_OK; }

  std::string quoted(const std::string& identifier) const;
  int server_version() const { return PQserverVersion(connection_.get()); }
  std::string parameter(const char* name) const;

 private:
  friend class PgTransaction;
  enum class Patience { Limited, Endless };

  void connect();
  void send(int sent) const;
  /// The last result; throws where one of them is an error.
  PgRows finish(Patience patience = Patience::Limited) const;
  PGresult* next_result(Patience patience) const;
  /// Waits for the socket; throws Error (Busy) after the patience.
  void wait(short events, std::chrono::steady_clock::time_point end) const;
  std::chrono::steady_clock::time_point deadline() const;

  [[noreturn]] void fail_connecting() const;
  [[noreturn]] void fail(const PGresult* result) const;
  [[noreturn]] void lose(const std::string& how) const;

  const PostgresqlName& name_;
  const std::chrono::milliseconds patience_;
  const std::atomic<bool>* stop_;
  mutable std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  mutable bool in_transaction_ = false;
  mutable bool writing_ = false;
};

/// Rolled back in the end unless committed.
class PgTransaction {
 public:
  enum class Kind {
    Read,   ///< everything is as it stood at one moment
    Write,  ///< sees what others have committed before each statement
  };

  /// A Read within another transaction is part of that.
  PgTransaction(const PgConnection& connection, Kind kind);
  ~PgTransaction();
  PgTransaction(const PgTransaction&) = delete;
  PgTransaction& operator=(const PgTransaction&) = delete;

  /// Throws Error (Busy) that says so where it is not known whether the server has committed.
  void commit();

  /// False where the server refuses the statements, which then have changed nothing.
  bool attempt(const std::string& sql);

 private:
  void end();

  const PgConnection& connection_;
  bool open_ = true;
};

}  // namespace facerec
