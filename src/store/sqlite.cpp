// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sqlite.h"

#include <cmath>
#include <thread>
#include <utility>

#include "../error.h"
#include "gallery_store.h"

namespace facerec {

namespace {

/// Longer than the longest embedding and the longest curve, in bytes.
constexpr int longest_value = 8 << 20;
/// Instructions of SQLite between two looks at whether to stop: less than a millisecond.
constexpr int instructions_between_looks = 10000;
/// Of reading a schema of five tables, beside waiting for locks.
constexpr std::chrono::seconds longest_opening{3};

/// Of a file that is not SQLite's, or is that with another key.
[[noreturn]] void fail_unreadable(const GalleryFile& file) {
  const std::string name = "'" + file.path.string() + "'";
  if (file.key_file.empty()) {
    throw Error(ErrorCode::Read, name +
                                     " is no gallery but a file of another kind, or an encrypted "
                                     "gallery; name a gallery that `facerec enroll` made, and the "
                                     "key file if it was made with one");
  }
  if (file_header(file.path).rfind("SQLite format 3", 0) == 0) {
    throw Error(ErrorCode::Read, "gallery " + name +
                                     " is not encrypted; name no key file, or encrypt a copy of it "
                                     "with `facerec gallery copy`");
  }
  throw Error(ErrorCode::Read, name + " is no gallery of the key in '" + file.key_file.string() +
                                   "'; name the key file that the gallery was made with");
}

[[noreturn]] void fail(sqlite3* db, int result, const GalleryFile& file) {
  const std::string gallery = "gallery '" + file.path.string() + "' ";
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorCode::Busy, gallery +
                                       "stays locked by another program; try again when that has "
                                       "finished");
    case SQLITE_NOTADB:
      fail_unreadable(file);
    case SQLITE_CORRUPT:
      fail_damaged(file.path.string());
    case SQLITE_INTERRUPT:
      throw Error(ErrorCode::Busy, gallery +
                                       "was not read to its end: that was stopped, or took "
                                       "longer than a sound gallery does; restore a copy of it");
    case SQLITE_FULL:
      throw Error(ErrorCode::Write,
                  gallery + "cannot grow because the disk is full; make room and try again");
    case SQLITE_READONLY:
      throw Error(ErrorCode::Write,
                  gallery + "cannot be written; check who may write the file and its folder");
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw Error(ErrorCode::Read,
                  gallery +
                      "cannot be opened; check who may read the file and write its folder, where "
                      "SQLite keeps a -wal and a -shm file beside it");
    default:
      throw Error(ErrorCode::Read,
                  gallery + "cannot be used: SQLite says '" +
                      (db ? sqlite_library().errmsg(db) : sqlite_library().errstr(result)) +
                      "'; check the disk or restore a copy of the file");
  }
}

/// A file name as SQLite's URI, where ? # and % have a meaning.
std::string immutable_uri(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (char c : file.string()) {
    if (c == '%') {
      uri += "%25";
    } else if (c == '?') {
      uri += "%3f";
    } else if (c == '#') {
      uri += "%23";
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Statement::Statement(sqlite3* db, const GalleryFile& file, const std::string& sql)
    : db_(db), file_(file) {
  check(sqlite_library().prepare_v2(db, sql.c_str(), -1, &statement_, nullptr));
}

Statement::~Statement() {
  sqlite_library().finalize(statement_);
}

void Statement::check(int result) const {
  if (result != SQLITE_OK) fail(db_, result, file_);
}

void Statement::bind(int index, std::int64_t value) {
  check(sqlite_library().bind_int64(statement_, index, value));
}

void Statement::bind(int index, double value) {
  check(sqlite_library().bind_double(statement_, index, value));
}

void Statement::bind(int index, const std::string& value) {
  check(sqlite_library().bind_text64(statement_, index, value.data(), value.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_blob(int index, const std::string& bytes) {
  check(sqlite_library().bind_blob64(statement_, index, bytes.data(), bytes.size(),
                                     SQLITE_TRANSIENT));
}

bool Statement::step() {
  const int result = sqlite_library().step(statement_);
  if (result != SQLITE_ROW && result != SQLITE_DONE) fail(db_, result, file_);
  return result == SQLITE_ROW;
}

bool Statement::is_null(int column) const {
  return sqlite_library().column_type(statement_, column) == SQLITE_NULL;
}

void Statement::require_type(int column, int type) const {
  if (sqlite_library().column_type(statement_, column) != type) {
    fail_damaged(file_.path.string(), std::string("its column '") +
                                          sqlite_library().column_name(statement_, column) +
                                          "' holds a value of another type");
  }
}

std::int64_t Statement::integer(int column) const {
  require_type(column, SQLITE_INTEGER);
  return sqlite_library().column_int64(statement_, column);
}

double Statement::real(int column) const {
  if (is_null(column)) return NAN;
  require_type(column, SQLITE_FLOAT);
  return sqlite_library().column_double(statement_, column);
}

std::string Statement::text(int column) const {
  require_type(column, SQLITE_TEXT);
  const auto* text =
      reinterpret_cast<const char*>(sqlite_library().column_text(statement_, column));
  return {text, static_cast<std::size_t>(sqlite_library().column_bytes(statement_, column))};
}

std::pair<const std::uint8_t*, std::size_t> Statement::blob(int column) const {
  require_type(column, SQLITE_BLOB);
  const auto* bytes =
      static_cast<const std::uint8_t*>(sqlite_library().column_blob(statement_, column));
  return {bytes, sqlite_library().column_bytes(statement_, column)};
}

Database::Database(GalleryFile file, int flags, std::chrono::milliseconds patience,
                   const std::atomic<bool>* stop, bool immutable)
    : file_(std::move(file)),
      patience_(patience),
      stop_(stop),
      haste_end_(std::chrono::steady_clock::now() + patience + longest_opening) {
  std::optional<GalleryKey> key;
  if (!file_.key_file.empty()) key.emplace(file_.key_file);
  const std::string name = immutable ? immutable_uri(file_.path) : file_.path.string();
  if (immutable) flags |= SQLITE_OPEN_URI;
  const int result =
      sqlite_library().open_v2(name.c_str(), &db_, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  if (result != SQLITE_OK) {
    sqlite_library().close_v2(std::exchange(db_, nullptr));
    fail(nullptr, result, file_);
  }
  if (key) {
    const int size = static_cast<int>(key->value().size());
    const int keyed = sqlite_library().key(db_, key->value().data(), size);
    if (keyed != SQLITE_OK) {
      sqlite_library().close_v2(std::exchange(db_, nullptr));
      fail(nullptr, keyed, file_);
    }
  }
  sqlite_library().busy_timeout(db_, static_cast<int>(patience_.count()));
  for (const auto& [option, value] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                      {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                      {SQLITE_DBCONFIG_ENABLE_VIEW, 0}}) {
    sqlite_library().db_config(db_, option, value, nullptr);
  }
  sqlite_library().limit(db_, SQLITE_LIMIT_LENGTH, longest_value);
  sqlite_library().limit(db_, SQLITE_LIMIT_ATTACHED, 0);
  sqlite_library().progress_handler(db_, instructions_between_looks, must_stop, this);
}

int Database::must_stop(void* database) {
  const auto& self = *static_cast<const Database*>(database);
  const bool late = self.haste_end_ && std::chrono::steady_clock::now() > *self.haste_end_;
  return late || (self.stop_ && *self.stop_) ? 1 : 0;
}

Database::~Database() {
  sqlite_library().close_v2(db_);
}

std::int64_t Database::integer(const std::string& sql) const {
  auto statement = prepare(sql);
  statement.step();
  return statement.integer(0);
}

void Database::log_ahead() const {
  // Takes the file for itself alone, for which SQLite's own patience does not count.
  const auto end = std::chrono::steady_clock::now() + patience_;
  while (true) {
    try {
      return execute("PRAGMA journal_mode = WAL");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::Busy || std::chrono::steady_clock::now() >= end) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::string file_header(const std::filesystem::path& file) {
  constexpr int header_size = 100;
  std::string header;
  sqlite3* db = nullptr;
  sqlite3_file* opened = nullptr;
  if (sqlite_library().open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite_library().file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &opened) == SQLITE_OK &&
      opened && opened->pMethods) {
    header.resize(header_size);
    const int result = opened->pMethods->xRead(opened, header.data(), header_size, 0);
    if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ) header.clear();
  }
  sqlite_library().close_v2(db);
  return header;
}

Transaction::~Transaction() {
  if (!open_) return;
  try {
    db_.execute("ROLLBACK");
  } catch (const Error&) {
    // SQLite has already rolled back, as it does by itself after a full disk.
  }
}

void Transaction::commit() {
  // Writes the first page and with it SQLite's count of changes, which a log alone leaves as it is.
  db_.execute("PRAGMA user_version = " + std::to_string(db_.integer("PRAGMA user_version")));
  db_.execute("COMMIT");
  open_ = false;
}

}  // namespace facerec
