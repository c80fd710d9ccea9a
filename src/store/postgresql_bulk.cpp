// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql_bulk.h"

#include <algorithm>
#include <cmath>

#include "../text.h"

namespace facerec {

namespace {

/// So few at once that the server answers within anybody's patience.
constexpr std::size_t most_people = 5000;
constexpr int most_templates = 1000;
constexpr std::size_t part = 1 << 16;  ///< bytes

/// COPY of rows in PostgreSQL's binary format, with an answer of the server every so many.
class TemplateCopy {
 public:
  TemplateCopy(const PgConnection& connection, bool vectors)
      : connection_(connection), vectors_(vectors) {}

  void add(std::int64_t person_id, const Template& entry) {
    if (rows_ == 0) begin();
    constexpr int fields = 8;
    row_.int16(fields);
    integer(person_id);
    bytes(vectors_ ? vector_of(entry.embedding.values) : array_of(entry.embedding.values));
    bytes(presentable(entry.source));
    real(entry.quality.eye_distance);
    real(entry.quality.sharpness);
    real(entry.quality.roll);
    real(entry.quality.yaw);
    integer(entry.time);
    if (row_.bytes().size() >= part) flush();
    if (++rows_ == most_templates) end();
  }

  void end() {
    if (rows_ == 0) return;
    row_.int16(-1);
    flush();
    connection_.end_copy();
    rows_ = 0;
  }

 private:
  void begin() {
    connection_.begin_copy(
        "COPY template (person_id, embedding, source, eye_distance, sharpness, roll, yaw, time)"
        " FROM STDIN (FORMAT binary)");
    row_.raw(std::string("PGCOPY\n\377\r\n\0", 11));
    row_.int32(0);  // flags
    row_.int32(0);  // bytes of an extension of the header
  }

  void flush() {
    connection_.copy(row_.bytes());
    row_.clear();
  }

  void integer(std::int64_t value) {
    row_.int32(8);
    row_.int64(value);
  }

  void real(float value) {
    if (std::isnan(value)) return row_.int32(-1);  // NULL
    row_.int32(4);
    row_.real(value);
  }

  void bytes(const std::string& value) {
    row_.int32(static_cast<std::int32_t>(value.size()));
    row_.raw(value);
  }

  const PgConnection& connection_;
  const bool vectors_;
  PgBytes row_;
  int rows_ = 0;
};

}  // namespace

std::vector<std::int64_t> add_people(const PgConnection& connection,
                                     const std::vector<StoredPerson>& people) {
  std::vector<std::int64_t> ids;
  for (std::size_t begin = 0; begin < people.size(); begin += most_people) {
    const std::size_t end = std::min(begin + most_people, people.size());
    std::vector<std::string> names, keys;
    for (std::size_t i = begin; i < end; ++i) {
      names.push_back(people[i].name);
      keys.push_back(people[i].key);
    }
    connection.query(
        "INSERT INTO person (name, key) SELECT name, key"
        " FROM unnest($1, $2) WITH ORDINALITY AS added (name, key, place)"
        " WHERE NOT EXISTS (SELECT FROM person WHERE person.key = added.key)"
        " ORDER BY place ON CONFLICT DO NOTHING",
        PgParameters().texts(names).texts(keys));
    const PgRows rows = connection.query(
        "SELECT id FROM unnest($1) WITH ORDINALITY AS wanted (key, place)"
        " JOIN person USING (key) ORDER BY place",
        PgParameters().texts(keys));
    for (int row = 0; row < rows.count(); ++row) ids.push_back(rows.integer(row, 0));
  }
  return ids;
}

void add_templates(const PgConnection& connection, const std::vector<StoredPerson>& people,
                   const std::vector<std::int64_t>& ids, bool vectors) {
  TemplateCopy copy(connection, vectors);
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (const Template& entry : people[i].templates) copy.add(ids[i], entry);
  }
  copy.end();
}

}  // namespace facerec
