// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sqlite3.h>

namespace facerec {

/// SQLite as galleries use it: SQLCipher, which is SQLite that can encrypt, where the build has it.
///
/// SQLCipher has SQLite's symbols, and OpenCV brings SQLite into every process of ours (by GDAL).
/// Linked, one of them would answer for both, whichever the loader finds first; it would get
/// handles of the other. So SQLCipher is opened apart, sees its own symbols first and shows them
/// to nobody, and galleries call it, encrypted or not, through these pointers. One library for all
/// galleries, because closing a file takes the locks that another library's connections hold.
struct SqliteLibrary {
  decltype(&sqlite3_bind_blob64) bind_blob64;
  decltype(&sqlite3_bind_double) bind_double;
  decltype(&sqlite3_bind_int64) bind_int64;
  decltype(&sqlite3_bind_text64) bind_text64;
  decltype(&sqlite3_busy_timeout) busy_timeout;
  decltype(&sqlite3_changes) changes;
  decltype(&sqlite3_close_v2) close_v2;
  decltype(&sqlite3_column_blob) column_blob;
  decltype(&sqlite3_column_bytes) column_bytes;
  decltype(&sqlite3_column_double) column_double;
  decltype(&sqlite3_column_int64) column_int64;
  decltype(&sqlite3_column_name) column_name;
  decltype(&sqlite3_column_text) column_text;
  decltype(&sqlite3_column_type) column_type;
  decltype(&sqlite3_db_config) db_config;
  decltype(&sqlite3_errmsg) errmsg;
  decltype(&sqlite3_errstr) errstr;
  decltype(&sqlite3_file_control) file_control;
  decltype(&sqlite3_finalize) finalize;
  decltype(&sqlite3_last_insert_rowid) last_insert_rowid;
  decltype(&sqlite3_limit) limit;
  decltype(&sqlite3_open_v2) open_v2;
  decltype(&sqlite3_prepare_v2) prepare_v2;
  decltype(&sqlite3_progress_handler) progress_handler;
  decltype(&sqlite3_step) step;
  /// Null where the build cannot encrypt.
  int (*key)(sqlite3* db, const void* key, int size);
};

/// Loaded by the first call, for good. Throws Error (Settings) where SQLCipher is not there.
const SqliteLibrary& sqlite_library();

/// Whether the build has SQLCipher.
bool can_encrypt();

}  // namespace facerec
