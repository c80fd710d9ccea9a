// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "gallery_key.h"
#include "gallery_name.h"
#include "sqlite_library.h"

namespace facerec {

/// A prepared statement; finalized in the end.
class Statement {
 public:
  Statement(sqlite3* db, const GalleryFile& file, const std::string& sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// Parameters count from 1. A NaN is stored as NULL.
  void bind(int index, std::int64_t value);
  void bind(int index, double value);
  void bind(int index, const std::string& value);
  void bind_blob(int index, const std::string& bytes);

  /// True while there is a row.
  bool step();

  /// Columns count from 0. Each throws Error (Read) where the value is of another type.
  std::int64_t integer(int column) const;
  /// A NaN where it is NULL, as bind() stored it.
  double real(int column) const;
  std::string text(int column) const;
  /// Bytes that are valid until the next step, and their number.
  std::pair<const std::uint8_t*, std::size_t> blob(int column) const;
  bool is_null(int column) const;

 private:
  void check(int result) const;
  void require_type(int column, int type) const;

  sqlite3* db_;
  const GalleryFile& file_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A connection to a gallery's file, which may have been made to do harm: nothing in its schema
/// runs, and no value is longer than a gallery's may be. Whatever SQLite reports is thrown as
/// Error: Busy after `patience` or once `stop` is true, NotFound, Read, Write. Not for two threads
/// at once.
class Database {
 public:
  /// The file's paths are absolute; `flags` as for sqlite3_open_v2. With `immutable` no lock is
  /// taken and no file written beside the database, which must not change then. `stop`, which may
  /// be null, outlives the object.
  Database(GalleryFile file, int flags, std::chrono::milliseconds patience,
           const std::atomic<bool>* stop, bool immutable = false);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Up to this call the database counts as damaged where SQLite needs longer than a few seconds:
  /// pages of the schema that lead in a circle are read for ever.
  void end_haste() { haste_end_ = std::nullopt; }

  Statement prepare(const std::string& sql) const { return {db_, file_, sql}; }
  void execute(const std::string& sql) const { prepare(sql).step(); }
  /// Turns on write-ahead logging, with which readers and a writer do not wait for each other.
  /// Waits for whoever writes meanwhile.
  void log_ahead() const;
  /// The first column of the only row.
  std::int64_t integer(const std::string& sql) const;

  /// Rows changed by the last statement.
  int changes() const { return sqlite_library().changes(db_); }
  std::int64_t last_insert_id() const { return sqlite_library().last_insert_rowid(db_); }

 private:
  /// SQLite's look at whether to go on.
  static int must_stop(void* database);

  GalleryFile file_;
  std::chrono::milliseconds patience_;
  const std::atomic<bool>* stop_;
  std::optional<std::chrono::steady_clock::time_point> haste_end_;
  sqlite3* db_ = nullptr;
};

/// The first 100 bytes of a database's file, which count its changes; empty where it cannot be
/// read. Read by SQLite, because closing a file of one's own would take the locks of every
/// connection of the process.
std::string file_header(const std::filesystem::path& file);

/// While it lives, everything that is read is of one moment; rolls back unless committed.
class Transaction {
 public:
  enum class Lock {
    Read,
    Write,  ///< taken at once
  };

  explicit Transaction(const Database& db, Lock lock = Lock::Write) : db_(db) {
    db_.execute(lock == Lock::Write ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  const Database& db_;
  bool open_ = true;
};

}  // namespace facerec
