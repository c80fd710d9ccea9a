// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sqlite_schema.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "../error.h"
#include "gallery_store.h"
#include "person_name.h"
#include "sqlite.h"

namespace facerec {

namespace {

constexpr std::int64_t application_id = 0x46524543;  // "FREC"

constexpr const char* template_index = "CREATE INDEX template_of_person ON template (person_id)";
constexpr const char* key_index = "CREATE UNIQUE INDEX person_of_key ON person (key)";

// The table model has one row as long as there are templates. AUTOINCREMENT: an id that an
// application has seen never means somebody else later.
constexpr const char* format_1[] = {
    "CREATE TABLE model (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL, unit_length INTEGER NOT NULL)",
    "CREATE TABLE calibration (metric TEXT PRIMARY KEY, false_accept_rate REAL NOT NULL,"
    " threshold REAL NOT NULL, curve TEXT NOT NULL)",
    "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE template (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,"
    " embedding BLOB NOT NULL, source TEXT NOT NULL, eye_distance REAL, sharpness REAL,"
    " roll REAL, yaw REAL, time INTEGER NOT NULL)",
    template_index,
};

// How more embeddings of the model are made, and one name for all spellings that read alike.
constexpr const char* format_2[] = {
    "ALTER TABLE model ADD COLUMN location TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE model ADD COLUMN profile TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE person ADD COLUMN key TEXT",
};

// Who was enrolled, got more templates or was removed, in the order of the changes; 0 stands for
// everything else. The mark tells two files apart that were one once.
constexpr const char* format_3 =
    "CREATE TABLE change (sequence INTEGER PRIMARY KEY AUTOINCREMENT, person_id INTEGER NOT NULL,"
    " mark INTEGER NOT NULL)";

struct Column {
  const char* table;
  const char* name;
  std::int64_t format;  ///< since which it is there
};

constexpr Column columns[] = {
    {"model", "id", 1},
    {"model", "name", 1},
    {"model", "fingerprint", 1},
    {"model", "dimension", 1},
    {"model", "unit_length", 1},
    {"model", "location", 2},
    {"model", "profile", 2},
    {"calibration", "metric", 1},
    {"calibration", "false_accept_rate", 1},
    {"calibration", "threshold", 1},
    {"calibration", "curve", 1},
    {"person", "id", 1},
    {"person", "name", 1},
    {"person", "key", 2},
    {"template", "id", 1},
    {"template", "person_id", 1},
    {"template", "embedding", 1},
    {"template", "source", 1},
    {"template", "eye_distance", 1},
    {"template", "sharpness", 1},
    {"template", "roll", 1},
    {"template", "yaw", 1},
    {"template", "time", 1},
    {"change", "sequence", 3},
    {"change", "person_id", 3},
    {"change", "mark", 3},
};

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

bool is_table_of_gallery(const std::string& name) {
  return std::any_of(std::begin(columns), std::end(columns),
                     [&](const Column& column) { return name == column.table; });
}

/// Everything in the file is a table or an index that a gallery has: a view or a trigger is run by
/// an innocent query.
void check_objects(const Database& db, const std::filesystem::path& file) {
  auto objects = db.prepare("SELECT type, name, rootpage, sql FROM sqlite_master");
  while (objects.step()) {
    const std::string type = objects.text(0);
    const std::string name = objects.text(1);
    const bool stored = objects.integer(2) > 0;  // unlike a virtual table
    const bool of_sqlite = starts_with(name, "sqlite_");
    const std::string sql = objects.is_null(3) ? "" : objects.text(3);
    const bool index = sql == template_index || sql == key_index || sql.empty();
    const bool known =
        (type == "table" && (is_table_of_gallery(name) || of_sqlite)) || (type == "index" && index);
    if (!stored || !known) {
      std::string problem = "gallery '" + file.string() + "' holds the ";
      problem.append(type).append(" '").append(name);
      throw Error(ErrorCode::Read, problem +
                                       "', which no gallery has, and is not trusted; restore a "
                                       "copy of it or enroll its people anew");
    }
  }
}

void check_columns(const Database& db, const std::filesystem::path& file, std::int64_t format) {
  std::map<std::string, std::vector<std::string>> present;
  for (const Column& column : columns) {
    auto [entry, is_new] = present.try_emplace(column.table);
    if (is_new) {
      auto rows = db.prepare("PRAGMA table_xinfo(" + entry->first + ")");
      constexpr int name = 1, hidden = 6;
      while (rows.step()) {
        if (rows.integer(hidden) != 0) {
          fail_damaged(file.string(), "its column '" + rows.text(name) + "' is computed");
        }
        entry->second.push_back(rows.text(name));
      }
    }
    const auto& names = entry->second;
    if (column.format <= format &&
        std::find(names.begin(), names.end(), column.name) == names.end()) {
      fail_damaged(file.string(), std::string("its table '") + column.table +
                                      "' lacks the column '" + column.name + "'");
    }
  }
}

void set_format(const Database& db, std::int64_t format) {
  db.execute("PRAGMA user_version = " + std::to_string(format));
}

/// Gives each person a key and the name as it is shown. People of one key become the first of them.
void unite_people(const Database& db, const std::filesystem::path& file) {
  struct Named {
    std::int64_t id = 0;
    std::string name;
  };
  std::map<std::string, Named> by_key;
  auto people = db.prepare("SELECT id, name FROM person ORDER BY id");
  std::vector<std::pair<std::int64_t, std::int64_t>> same;
  while (people.step()) {
    const Named person{people.integer(0), people.text(1)};
    require_name(person.name, file.string());
    std::string key = person.name;
    std::string shown = person.name;
    try {
      key = name_key(person.name);
      shown = shown_name(person.name);
    } catch (const Error&) {
      // Nothing of it shows; older versions took that.
    }
    const auto [first, is_new] = by_key.try_emplace(key, Named{person.id, shown});
    if (!is_new) same.emplace_back(person.id, first->second.id);
  }
  for (const auto& [person, first] : same) {
    auto move = db.prepare("UPDATE template SET person_id = ? WHERE person_id = ?");
    move.bind(1, first);
    move.bind(2, person);
    move.step();
    auto remove = db.prepare("DELETE FROM person WHERE id = ?");
    remove.bind(1, person);
    remove.step();
  }
  for (const auto& [key, person] : by_key) {
    auto update = db.prepare("UPDATE person SET key = ?, name = ? WHERE id = ?");
    update.bind(1, key);
    update.bind(2, person.name);
    update.bind(3, person.id);
    update.step();
  }
}

void to_format_2(const Database& db, const std::filesystem::path& file) {
  for (const char* sql : format_2) db.execute(sql);
  unite_people(db, file);
  db.execute(key_index);
  set_format(db, 2);
}

void to_format_3(const Database& db) {
  db.execute(format_3);
  db.execute("INSERT INTO change (person_id, mark) VALUES (0, random())");
  set_format(db, 3);
}

}  // namespace

void create_schema(const Database& db, const std::filesystem::path& file) {
  const auto is_empty = [&db] {
    return db.integer("SELECT count(*) FROM sqlite_master") == 0 &&
           db.integer("PRAGMA application_id") == 0;
  };
  if (!is_empty()) return;
  db.log_ahead();
  Transaction transaction(db);
  if (!is_empty()) return;  // another program was faster
  for (const char* sql : format_1) db.execute(sql);
  to_format_2(db, file);
  to_format_3(db);
  db.execute("PRAGMA application_id = " + std::to_string(application_id));
  transaction.commit();
}

std::int64_t check_schema(const Database& db, const std::filesystem::path& file) {
  if (db.integer("PRAGMA application_id") != application_id) {
    throw Error(ErrorCode::Read,
                "'" + file.string() + "' is no gallery; name a gallery that `facerec enroll` made");
  }
  const auto format = db.integer("PRAGMA user_version");
  if (format < 1 || format > newest_schema) {
    throw Error(ErrorCode::Read, "gallery '" + file.string() + "' has format " +
                                     std::to_string(format) + ", this program reads format " +
                                     std::to_string(newest_schema) +
                                     "; use the gst-facerec version that made it");
  }
  check_objects(db, file);
  check_columns(db, file, format);
  return format;
}

void migrate_schema(const Database& db, const std::filesystem::path& file) {
  Transaction transaction(db);
  if (db.integer("PRAGMA user_version") == 1) to_format_2(db, file);
  if (db.integer("PRAGMA user_version") == 2) to_format_3(db);
  transaction.commit();
}

}  // namespace facerec
