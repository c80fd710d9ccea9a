// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <cmath>
#include <set>

#include "../error.h"
#include "../text.h"
#include "person_name.h"
#include "postgresql.h"
#include "postgresql_bulk.h"
#include "postgresql_schema.h"
#include "stores.h"

namespace facerec {

namespace {

constexpr int page = 2000;  ///< rows that are read at once
/// How long a writer may say nothing before the server lets others write: it is stopped, or cut
/// off.
constexpr const char* longest_silence = "30s";

/// What a server still does for a program that is gone keeps others from writing.
void end_with_client(const PgConnection& connection) {
  constexpr int first_version = 140000;
  if (connection.server_version() < first_version) return;
  try {
    connection.execute("SET client_connection_check_interval = '1s'");
  } catch (const Error&) {
    if (!connection.usable()) throw;  // else its system cannot do that
  }
}

class PostgresqlStore final : public GalleryStore {
 public:
  PostgresqlStore(const std::string& name, const StoreOptions& options);

  const std::string& name() const override { return name_.shown; }
  std::optional<StoredModel> model() const override;
  std::vector<std::int64_t> enroll(const std::vector<StoredPerson>& people,
                                   const StoredModel* model) override;
  bool remove(const std::string& key) override;
  void calibrate(const std::string& metric, const StoredCalibration& calibration) override;
  std::optional<StoredCalibration> calibration(const std::string& metric) const override;
  void at_one_moment(const std::function<void()>& read) const override;
  std::vector<Person> people() const override;
  void visit_people(const std::function<void(std::int64_t id, const std::string& name)>& visit,
                    const std::vector<std::int64_t>* of_people) const override;
  void visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                 const std::vector<float>& values)>& visit,
                        const std::vector<std::int64_t>* of_people) const override;
  void visit(
      const std::function<void(const std::string& name, const Template&)>& visit) const override;
  GalleryPosition position() const override;
  std::optional<std::vector<std::int64_t>> changed_since(
      const GalleryPosition& position) const override;
  std::optional<std::vector<StoredNeighbour>> nearest(const std::vector<float>& probe,
                                                      const std::string& metric,
                                                      int people) const override;

 private:
  /// Calls `take` with each row of `select`, whose first column is the id and grows, with what
  /// `where` says of a table of that name. All at one moment.
  void visit_rows(const std::string& select, const std::string& table, const std::string& where,
                  const std::function<void(const PgRows& rows, int row)>& take) const;
  void read_embedding(const PgRows& rows, int row, int column, std::int64_t dimension,
                      std::vector<float>& values) const;
  // within a transaction
  void begin_writing() const;
  void take_model(const StoredModel& wanted);
  void log_changes(const std::vector<std::int64_t>& people);  ///< 0 = of nobody alone

  std::vector<StoredNeighbour> nearest_exactly(const PgParameters& probe, int people) const;
  std::vector<StoredNeighbour> nearest_by_index(const PgParameters& probe, std::int64_t dimension,
                                                int rows) const;
  /// The distance of a template and the probe $1 as SQL.
  std::string distance(const std::string& embedding) const;

  const PostgresqlName name_;
  const PgConnection connection_;
  PostgresqlFacts facts_;
};

PostgresqlStore::PostgresqlStore(const std::string& name, const StoreOptions& options)
    : name_(parse_postgresql_name(name)), connection_(name_, options.patience, options.stop) {
  const auto patience = std::max<std::int64_t>(options.patience.count(), 1);
  connection_.execute("SET lock_timeout = " + std::to_string(patience));
  end_with_client(connection_);
  if (options.mode == StoreMode::Create) create_postgresql_schema(connection_, name_);
  facts_ = check_postgresql_schema(connection_, name_);
  connection_.execute("SET search_path = " + connection_.quoted(name_.schema));
}

std::optional<StoredModel> PostgresqlStore::model() const {
  const PgRows rows = connection_.query(
      "SELECT name, fingerprint, dimension, unit_length, location, profile FROM model");
  if (rows.count() == 0) return std::nullopt;
  StoredModel model{{rows.text(0, 0), rows.text(0, 1)},
                    static_cast<int>(rows.integer(0, 2)),
                    rows.boolean(0, 3),
                    rows.text(0, 4),
                    rows.text(0, 5)};
  require_sound(model, name());
  return model;
}

void PostgresqlStore::begin_writing() const {
  // One writer after the other: the changes are logged in the order in which they are committed.
  connection_.execute(std::string("SET LOCAL idle_in_transaction_session_timeout = '") +
                      longest_silence + "'; LOCK TABLE change IN EXCLUSIVE MODE");
}

std::vector<std::int64_t> PostgresqlStore::enroll(const std::vector<StoredPerson>& people,
                                                  const StoredModel* model) {
  std::vector<std::int64_t> ids;
  {
    PgTransaction transaction(connection_, PgTransaction::Kind::Write);
    begin_writing();
    if (model) take_model(*model);
    ids = add_people(connection_, people);
    add_templates(connection_, people, ids, !facts_.vectors.empty());
    log_changes(ids);
    transaction.commit();
  }
  try {
    if (model) index_templates(connection_, facts_, model->dimension);
  } catch (const Error&) {
    // The people are enrolled; nearest() compares with everybody.
  }
  return ids;
}

void PostgresqlStore::take_model(const StoredModel& wanted) {
  const std::string location = presentable(wanted.location);
  if (const auto held = model()) {
    require_model(wanted, *held, name());
    if (wanted.profile.empty()) return;
    connection_.query("UPDATE model SET location = $1, profile = $2",
                      PgParameters().text(location).text(wanted.profile));
    return;
  }
  connection_.query("INSERT INTO model VALUES (1, $1, $2, $3, $4, $5, $6)",
                    PgParameters()
                        .text(wanted.id.name)
                        .text(wanted.id.fingerprint)
                        .integer(wanted.dimension)
                        .boolean(wanted.unit_length)
                        .text(location)
                        .text(wanted.profile));
}

void PostgresqlStore::log_changes(const std::vector<std::int64_t>& people) {
  connection_.query(
      "INSERT INTO change (person_id, mark)"
      " SELECT id, hashtextextended(gen_random_uuid()::text, 0)"
      " FROM unnest($1) WITH ORDINALITY AS changed (id, place) ORDER BY place",
      PgParameters().integers(people));
  connection_.query("DELETE FROM change WHERE sequence <= (SELECT max(sequence) FROM change) - $1",
                    PgParameters().integer(most_logged));
  connection_.query("SELECT pg_notify('gst_facerec', $1)", PgParameters().text(name_.schema));
}

bool PostgresqlStore::remove(const std::string& key) {
  PgTransaction transaction(connection_, PgTransaction::Kind::Write);
  begin_writing();
  const PgRows removed =
      connection_.query("DELETE FROM person WHERE key = $1 RETURNING id", PgParameters().text(key));
  if (removed.count() == 0) return false;
  log_changes({removed.integer(0, 0)});
  if (connection_.query("SELECT FROM template LIMIT 1").count() == 0) {
    connection_.execute("DELETE FROM model; DELETE FROM calibration");
    drop_index(transaction, facts_);
  }
  transaction.commit();
  return true;
}

void PostgresqlStore::calibrate(const std::string& metric, const StoredCalibration& calibration) {
  PgTransaction transaction(connection_, PgTransaction::Kind::Write);
  begin_writing();
  connection_.query(
      "INSERT INTO calibration (metric, false_accept_rate, threshold, curve)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (metric) DO UPDATE SET"
      " false_accept_rate = excluded.false_accept_rate, threshold = excluded.threshold,"
      " curve = excluded.curve",
      PgParameters()
          .text(metric)
          .real(calibration.false_accept_rate)
          .real(calibration.threshold)
          .text(calibration.curve));
  log_changes({0});
  transaction.commit();
}

std::optional<StoredCalibration> PostgresqlStore::calibration(const std::string& metric) const {
  const PgRows rows = connection_.query(
      "SELECT false_accept_rate, threshold, curve FROM calibration WHERE metric = $1",
      PgParameters().text(metric));
  if (rows.count() == 0) return std::nullopt;
  return StoredCalibration{rows.real(0, 0), rows.real(0, 1), rows.text(0, 2)};
}

void PostgresqlStore::at_one_moment(const std::function<void()>& read) const {
  const PgTransaction moment(connection_, PgTransaction::Kind::Read);
  read();
}

void PostgresqlStore::visit_rows(
    const std::string& select, const std::string& table, const std::string& where,
    const std::function<void(const PgRows& rows, int row)>& take) const {
  const std::string sql = "SELECT " + select + " FROM " + table + " WHERE id > $1" + where +
                          " ORDER BY id LIMIT " + std::to_string(page);
  const PgTransaction moment(connection_, PgTransaction::Kind::Read);
  std::int64_t before = 0;
  int count = page;
  while (count == page) {
    const PgRows rows = connection_.query(sql, PgParameters().integer(before));
    count = rows.count();
    for (int row = 0; row < count; ++row) {
      connection_.require_running();
      const std::int64_t id = rows.integer(row, 0);
      if (id <= before) fail_damaged(name(), "a " + table + " is there twice");
      before = id;
      take(rows, row);
    }
  }
}

std::vector<Person> PostgresqlStore::people() const {
  std::vector<Person> result;
  visit_rows("id, name, (SELECT count(*) FROM template WHERE person_id = person.id)", "person", "",
             [&](const PgRows& rows, int row) {
               result.push_back({rows.integer(row, 0), rows.text(row, 1),
                                 static_cast<int>(rows.integer(row, 2))});
               require_name(result.back().name, name());
             });
  return result;
}

void PostgresqlStore::visit_people(
    const std::function<void(std::int64_t id, const std::string& name)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  visit_rows("id, name", "person", of_people ? " AND id IN " + sql_list(*of_people) : "",
             [&](const PgRows& rows, int row) {
               const std::string name = rows.text(row, 1);
               require_name(name, this->name());
               visit(rows.integer(row, 0), name);
             });
}

void PostgresqlStore::read_embedding(const PgRows& rows, int row, int column,
                                     std::int64_t dimension, std::vector<float>& values) const {
  const std::int64_t id = rows.integer(row, 0);
  if (!rows.reals(row, column, values)) fail_template(name(), id, "is no list of numbers");
  if (static_cast<std::int64_t>(values.size()) != dimension) {
    fail_template(
        name(), id,
        "has " + std::to_string(values.size()) + " of " + std::to_string(dimension) + " values");
  }
  if (!is_finite(values)) fail_template(name(), id, "has values that are not finite");
}

void PostgresqlStore::visit_embeddings(
    const std::function<void(std::int64_t id, std::int64_t person_id,
                             const std::vector<float>& values)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  const PgTransaction moment(connection_, PgTransaction::Kind::Read);
  const auto model = this->model();
  std::vector<float> values;
  visit_rows("id, person_id, embedding", "template",
             of_people ? " AND person_id IN " + sql_list(*of_people) : "",
             [&](const PgRows& rows, int row) {
               if (!model) fail_template(name(), rows.integer(row, 0), "is of no model");
               read_embedding(rows, row, 2, model->dimension, values);
               visit(rows.integer(row, 0), rows.integer(row, 1), values);
             });
}

void PostgresqlStore::visit(
    const std::function<void(const std::string& name, const Template&)>& visit) const {
  const PgTransaction moment(connection_, PgTransaction::Kind::Read);
  const auto model = this->model();
  Template entry;
  visit_rows(
      "id, person_id, embedding, (SELECT name FROM person WHERE person.id = person_id), source,"
      " eye_distance, sharpness, roll, yaw, time",
      "template", "", [&](const PgRows& rows, int row) {
        entry.id = rows.integer(row, 0);
        entry.person_id = rows.integer(row, 1);
        if (rows.is_null(row, 3)) fail_template(name(), entry.id, "is of nobody");
        const std::string name = rows.text(row, 3);
        if (!is_name(name)) fail_template(this->name(), entry.id, "is of a person without a name");
        if (!model) fail_template(this->name(), entry.id, "is of no model");
        read_embedding(rows, row, 2, model->dimension, entry.embedding.values);
        entry.embedding.model = model->id.name;
        entry.embedding.fingerprint = model->id.fingerprint;
        entry.embedding.unit_length = model->unit_length;
        entry.source = rows.text(row, 4);
        entry.quality = {
            static_cast<float>(rows.real(row, 5)), static_cast<float>(rows.real(row, 6)),
            static_cast<float>(rows.real(row, 7)), static_cast<float>(rows.real(row, 8))};
        entry.time = rows.integer(row, 9);
        visit(name, entry);
      });
}

GalleryPosition PostgresqlStore::position() const {
  const PgRows rows =
      connection_.query("SELECT sequence, mark FROM change ORDER BY sequence DESC LIMIT 1");
  if (rows.count() == 0) return {};
  return {rows.integer(0, 0), rows.integer(0, 1)};
}

std::optional<std::vector<std::int64_t>> PostgresqlStore::changed_since(
    const GalleryPosition& position) const {
  const PgTransaction moment(connection_, PgTransaction::Kind::Read);
  const PgRows known = connection_.query("SELECT mark FROM change WHERE sequence = $1",
                                         PgParameters().integer(position.sequence));
  if (known.count() != 1 || known.integer(0, 0) != position.mark) return std::nullopt;
  const PgRows rows = connection_.query(
      "SELECT DISTINCT person_id FROM change WHERE sequence > $1 AND person_id > 0"
      " ORDER BY person_id",
      PgParameters().integer(position.sequence));
  std::vector<std::int64_t> people;
  people.reserve(rows.count());
  for (int row = 0; row < rows.count(); ++row) people.push_back(rows.integer(row, 0));
  return people;
}

std::string PostgresqlStore::distance(const std::string& embedding) const {
  return embedding + " OPERATOR(" + facts_.vectors + ".<=>) $1::" + facts_.vectors + ".vector";
}

std::vector<StoredNeighbour> PostgresqlStore::nearest_exactly(const PgParameters& probe,
                                                              int people) const {
  const PgRows rows =
      connection_.query("SELECT person_id, min(" + distance("embedding") +
                            ") FROM template GROUP BY 1 ORDER BY 2 LIMIT " + std::to_string(people),
                        probe);
  std::vector<StoredNeighbour> found;
  for (int row = 0; row < rows.count(); ++row) {
    const StoredNeighbour one{rows.integer(row, 0), rows.real(row, 1)};
    if (!std::isnan(one.distance)) found.push_back(one);
  }
  return found;
}

std::vector<StoredNeighbour> PostgresqlStore::nearest_by_index(const PgParameters& probe,
                                                               std::int64_t dimension,
                                                               int count) const {
  const std::string indexed =
      "(embedding::" + facts_.vectors + ".vector(" + std::to_string(dimension) + "))";
  connection_.execute("SET hnsw.ef_search = " + std::to_string(count));
  const PgRows rows =
      connection_.query("SELECT person_id, " + distance(indexed) +
                            " AS distance FROM template ORDER BY 2 LIMIT " + std::to_string(count),
                        probe);
  std::vector<StoredNeighbour> found;
  std::set<std::int64_t> known;
  for (int row = 0; row < rows.count(); ++row) {
    const StoredNeighbour one{rows.integer(row, 0), rows.real(row, 1)};
    if (!std::isnan(one.distance) && known.insert(one.person_id).second) found.push_back(one);
  }
  return found;
}

std::optional<std::vector<StoredNeighbour>> PostgresqlStore::nearest(
    const std::vector<float>& probe, const std::string& metric, int people) const {
  if (facts_.vectors.empty() || metric != "cosine") return std::nullopt;
  if (people <= 0) return std::vector<StoredNeighbour>();
  const PgRows state =
      connection_.query("SELECT dimension, to_regclass('template_nearest') IS NOT NULL FROM model");
  if (state.count() == 0) return std::vector<StoredNeighbour>();
  const std::int64_t dimension = state.integer(0, 0);
  require_dimension(probe.size(), dimension, name());
  const PgParameters parameters = PgParameters().reals(probe);
  if (state.boolean(0, 1)) {
    constexpr int fewest = 100, most = 1000;  // templates that pgvector's index looks at
    for (int count = std::max(fewest, 2 * people); count <= most; count *= 3) {
      auto found = nearest_by_index(parameters, dimension, count);
      if (static_cast<int>(found.size()) < people) continue;
      found.resize(people);
      return found;
    }
  }
  return nearest_exactly(parameters, people);
}

}  // namespace

std::unique_ptr<GalleryStore> open_postgresql(const std::string& name,
                                              const StoreOptions& options) {
  return std::make_unique<PostgresqlStore>(name, options);
}

}  // namespace facerec
