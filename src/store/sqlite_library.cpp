// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sqlite_library.h"

#ifdef HAVE_SQLCIPHER
#include <dlfcn.h>

#include <string>

#include "../error.h"
#endif

namespace facerec {

namespace {

#ifdef HAVE_SQLCIPHER

constexpr const char* file_name = "libsqlcipher.so.1";

class Library {
 public:
  Library() : handle_(dlopen(file_name, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)) {
    if (!handle_) fail(dlerror());
  }

  template <typename Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(dlsym(handle_, name));
    if (!function) fail(std::string("it has no ") + name);
  }

 private:
  [[noreturn]] static void fail(const std::string& reason) {
    throw Error(ErrorCode::Settings, std::string("galleries cannot be opened because ") +
                                         file_name + " cannot be used (" + reason +
                                         "); install the package libsqlcipher1, or build without "
                                         "it (-Dencryption=disabled)");
  }

  void* handle_;
};

/// It writes to standard error why a page cannot be decrypted, which our errors say. Its first key
/// sets that up.
void silence(const SqliteLibrary& library) {
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (library.open_v2(":memory:", &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
      library.key(db, "none", 4) == SQLITE_OK &&
      library.prepare_v2(db, "PRAGMA cipher_log_level = NONE", -1, &statement, nullptr) ==
          SQLITE_OK) {
    library.step(statement);
  }
  library.finalize(statement);
  library.close_v2(db);
}

#define FIND(name) library.find("sqlite3_" #name, result.name)
#else
#define FIND(name) result.name = sqlite3_##name
#endif

SqliteLibrary load() {
  SqliteLibrary result{};
#ifdef HAVE_SQLCIPHER
  const Library library;
  FIND(key);
#endif
  FIND(bind_blob64);
  FIND(bind_double);
  FIND(bind_int64);
  FIND(bind_text64);
  FIND(busy_timeout);
  FIND(changes);
  FIND(close_v2);
  FIND(column_blob);
  FIND(column_bytes);
  FIND(column_double);
  FIND(column_int64);
  FIND(column_name);
  FIND(column_text);
  FIND(column_type);
  FIND(db_config);
  FIND(errmsg);
  FIND(errstr);
  FIND(file_control);
  FIND(finalize);
  FIND(last_insert_rowid);
  FIND(limit);
  FIND(open_v2);
  FIND(prepare_v2);
  FIND(progress_handler);
  FIND(step);
#ifdef HAVE_SQLCIPHER
  silence(result);
#endif
  return result;
}

}  // namespace

const SqliteLibrary& sqlite_library() {
  static const SqliteLibrary library = load();
  return library;
}

bool can_encrypt() {
#ifdef HAVE_SQLCIPHER
  return true;
#else
  return false;
#endif
}

}  // namespace facerec
