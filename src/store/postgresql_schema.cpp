// SPDX-License-Identifier: LGPL-2.1-or-later

#include "postgresql_schema.h"

#include <set>

#include "../error.h"
#include "gallery_store.h"

namespace facerec {

namespace {

constexpr std::int64_t newest_format = 1;
constexpr int oldest_server = 130000;  ///< 13, as PQserverVersion() counts
/// Of whoever makes a gallery in a database: "FREC".
constexpr std::int64_t creation_lock = 0x46524543;
constexpr std::int64_t fewest_indexed = 10'000;  ///< fewer are compared in milliseconds
constexpr int longest_indexed = 2000;            ///< values, of pgvector's index

// An id that an application has seen never means somebody else later: identities only grow. The
// table model has one row as long as there are templates. Who was enrolled, got more templates or
// was removed is in the table change, 0 for everything else; the mark tells two databases apart
// that were one once.
constexpr const char* tables =
    "CREATE TABLE format (version integer NOT NULL);"
    "CREATE TABLE model (id smallint PRIMARY KEY CHECK (id = 1), name text NOT NULL,"
    " fingerprint text NOT NULL, dimension integer NOT NULL, unit_length boolean NOT NULL,"
    " location text NOT NULL, profile text NOT NULL);"
    "CREATE TABLE calibration (metric text PRIMARY KEY,"
    " false_accept_rate double precision NOT NULL, threshold double precision NOT NULL,"
    " curve text NOT NULL);"
    "CREATE TABLE person (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,"
    " key text NOT NULL UNIQUE);"
    "CREATE TABLE template (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " person_id bigint NOT NULL REFERENCES person (id) ON DELETE CASCADE, source text NOT NULL,"
    " eye_distance real, sharpness real, roll real, yaw real, time bigint NOT NULL);"
    "CREATE INDEX template_of_person ON template (person_id, id);"
    "CREATE TABLE change (sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " person_id bigint NOT NULL, mark bigint NOT NULL);"
    "INSERT INTO change (person_id, mark) VALUES (0, hashtextextended(gen_random_uuid()::text, "
    "0));";

constexpr const char* columns[] = {
    "model.name",
    "model.fingerprint",
    "model.dimension",
    "model.unit_length",
    "model.location",
    "model.profile",
    "person.id",
    "person.name",
    "person.key",
    "template.id",
    "template.person_id",
    "template.embedding",
    "template.source",
    "template.time",
    "template.eye_distance",
    "template.roll",
    "template.yaw",
    "template.sharpness",
    "change.sequence",
    "change.person_id",
    "change.mark",
    "calibration.curve",
    "calibration.metric",
    "calibration.threshold",
    "format.version",
    "calibration.false_accept_rate",
};

enum class Content { None, Gallery, Other };

Content content_of(const PgConnection& connection, const PostgresqlName& name) {
  const PgRows rows = connection.query(
      "SELECT count(*), count(*) FILTER (WHERE relname = 'format' AND relkind = 'r') FROM pg_class"
      " JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1",
      PgParameters().text(name.schema));
  if (rows.integer(0, 0) == 0) return Content::None;
  return rows.integer(0, 1) > 0 ? Content::Gallery : Content::Other;
}

[[noreturn]] void fail_other(const PostgresqlName& name) {
  throw Error(ErrorCode::Read, "'" + name.shown + "' is no gallery: the schema '" + name.schema +
                                   "' holds other tables; name another one with gallery=NAME");
}

/// The schema of pgvector, quoted; empty where the database does not have it.
std::string schema_of_vectors(const PgConnection& connection) {
  const PgRows rows = connection.query(
      "SELECT nspname::text FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
      " WHERE extname = 'vector'");
  return rows.count() > 0 ? connection.quoted(rows.text(0, 0)) : std::string();
}

void require_columns(const PgConnection& connection, const PostgresqlName& name) {
  const PgRows rows = connection.query(
      "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
      " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
      " WHERE nspname = $1 AND relkind = 'r' AND NOT attisdropped",
      PgParameters().text(name.schema));
  std::set<std::string> present;
  for (int row = 0; row < rows.count(); ++row) present.insert(rows.text(row, 0));
  for (const char* column : columns) {
    if (present.count(column) == 0) {
      fail_damaged(name.shown, std::string("it lacks the column '") + column + "'");
    }
  }
}

void require_server(const PgConnection& connection, const PostgresqlName& name) {
  if (connection.server_version() < oldest_server) {
    throw Error(ErrorCode::Read, "gallery '" + name.shown + "' is on a server of version " +
                                     connection.parameter("server_version") +
                                     "; use PostgreSQL 13 or newer");
  }
  if (connection.parameter("server_encoding") != "UTF8") {
    throw Error(ErrorCode::Read, "gallery '" + name.shown +
                                     "' is in a database that does not take every name; make one "
                                     "with `createdb --encoding=UTF8 --template=template0`");
  }
}

}  // namespace

void create_postgresql_schema(const PgConnection& connection, const PostgresqlName& name) {
  require_server(connection, name);
  if (content_of(connection, name) != Content::None) return;
  PgTransaction transaction(connection, PgTransaction::Kind::Write);
  connection.query("SELECT pg_advisory_xact_lock($1)", PgParameters().integer(creation_lock));
  if (content_of(connection, name) != Content::None) return;  // another program was faster
  const std::string schema = connection.quoted(name.schema);
  if (connection
          .query("SELECT FROM pg_namespace WHERE nspname = $1", PgParameters().text(name.schema))
          .count() == 0) {
    connection.execute("CREATE SCHEMA " + schema);
  }
  const PgRows available =
      connection.query("SELECT FROM pg_available_extensions WHERE name = 'vector'");
  if (available.count() > 0) transaction.attempt("CREATE EXTENSION IF NOT EXISTS vector");
  const std::string vectors = schema_of_vectors(connection);
  connection.execute("SET LOCAL search_path = " + schema);
  connection.execute(tables);
  connection.execute("ALTER TABLE template ADD COLUMN embedding " +
                     (vectors.empty() ? "real[]" : vectors + ".vector") + " NOT NULL");
  connection.execute("INSERT INTO format VALUES (" + std::to_string(newest_format) + ")");
  transaction.commit();
}

PostgresqlFacts check_postgresql_schema(const PgConnection& connection,
                                        const PostgresqlName& name) {
  require_server(connection, name);
  const Content content = content_of(connection, name);
  if (content == Content::None) {
    throw Error(ErrorCode::NotFound, "gallery '" + name.shown +
                                         "' does not exist; make it with `facerec enroll`, or "
                                         "correct the name");
  }
  if (content == Content::Other) fail_other(name);
  const PgRows format =
      connection.query("SELECT version::bigint FROM " + connection.quoted(name.schema) + ".format");
  const std::int64_t version = format.count() == 1 ? format.integer(0, 0) : 0;
  if (version != newest_format) {
    throw Error(ErrorCode::Read, "gallery '" + name.shown + "' has format " +
                                     std::to_string(version) + ", this program reads format " +
                                     std::to_string(newest_format) +
                                     "; use the gst-facerec version that made it");
  }
  require_columns(connection, name);
  const PgRows facts = connection.query(
      "SELECT (SELECT typname <> '_float4' FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid"
      " WHERE attrelid = to_regclass($1) AND attname = 'embedding'),"
      " EXISTS (SELECT FROM pg_am WHERE amname = 'hnsw')",
      PgParameters().text(connection.quoted(name.schema) + ".template"));
  if (!facts.boolean(0, 0)) return {};
  return {schema_of_vectors(connection), facts.boolean(0, 1)};
}

void index_templates(const PgConnection& connection, const PostgresqlFacts& facts, int dimension) {
  if (!facts.has_hnsw || dimension > longest_indexed) return;
  const PgRows rows = connection.query(
      "SELECT to_regclass('template_nearest') IS NOT NULL, coalesce(max(id) - min(id) + 1, 0)"
      " FROM template");
  if (rows.boolean(0, 0) || rows.integer(0, 1) < fewest_indexed) return;
  PgTransaction transaction(connection, PgTransaction::Kind::Write);
  // Out of that much memory the index is built far faster.
  connection.query(
      "SELECT set_config('maintenance_work_mem', '512MB', true)"
      " WHERE pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('512MB')");
  connection.work(
      "CREATE INDEX template_nearest ON template USING hnsw ((embedding::" + facts.vectors +
      ".vector(" + std::to_string(dimension) + ")) " + facts.vectors + ".vector_cosine_ops)");
  transaction.commit();
}

void drop_index(PgTransaction& transaction, const PostgresqlFacts& facts) {
  if (facts.has_hnsw) transaction.attempt("DROP INDEX IF EXISTS template_nearest");
}

}  // namespace facerec
