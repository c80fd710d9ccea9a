// SPDX-License-Identifier: LGPL-2.1-or-later

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "../error.h"
#include "person_name.h"
#include "sqlite.h"
#include "sqlite_schema.h"
#include "stores.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

std::string quoted(const fs::path& file) {
  return "'" + file.string() + "'";
}

/// Makes an empty file that nobody else may read before anything is written to it, where there is
/// nothing of that name.
void create_private_file(const fs::path& file) {
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    close(fd);
    return;
  }
  if (errno == EEXIST) return;
  const std::string reason = std::strerror(errno);
  throw Error(ErrorCode::Write, "gallery " + quoted(file) + " cannot be created: " + reason +
                                    "; name a file in a folder that exists and that you may write");
}

/// Throws Error (NotFound, Read) where the name does not lead to a file with content of its own.
void require_regular_file(const fs::path& file) {
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  switch (status.type()) {
    case fs::file_type::regular:
      return;
    case fs::file_type::not_found:
      throw Error(ErrorCode::NotFound, "gallery " + quoted(file) +
                                           " does not exist; make it with `facerec enroll`, or "
                                           "correct the name");
    case fs::file_type::none:
      throw Error(ErrorCode::Read, "gallery " + quoted(file) + " cannot be opened: " +
                                       failure.message() + "; check the name and who may read it");
    case fs::file_type::directory:
      throw Error(ErrorCode::Read, quoted(file) + " is a folder; name a gallery file");
    default:
      throw Error(ErrorCode::Read,
                  quoted(file) + " is a device, a pipe or a socket; name a gallery file");
  }
}

class SqliteStore final : public GalleryStore {
 public:
  SqliteStore(const std::string& name, const StoreOptions& options);
  ~SqliteStore() override;

  const std::string& name() const override { return name_; }
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

 private:
  void open(const StoreOptions& options);
  // within a transaction
  void take_model(const StoredModel& wanted);
  std::int64_t add_person(const StoredPerson& person);
  void add_template(std::int64_t person_id, const Template& entry);
  void log_change(std::int64_t person_id);  ///< 0 = of nobody alone

  fs::path key_file_;
  fs::path file_;
  std::string name_;
  StoreMode mode_;
  std::int64_t format_ = 0;
  std::unique_ptr<Database> db_;
};

SqliteStore::SqliteStore(const std::string& name, const StoreOptions& options)
    : key_file_(gallery_file(name).key_file),
      file_(gallery_file(name).path),
      name_(file_.string()),
      mode_(options.mode) {
  if (mode_ == StoreMode::Create) {
    if (!key_file_.empty()) GalleryKey{key_file_};  // throws before there is a file without a use
    create_private_file(file_);
  }
  require_regular_file(file_);
  open(options);
  if (mode_ == StoreMode::Create) create_schema(*db_, file_);
  format_ = check_schema(*db_, file_);
  db_->end_haste();
  if (mode_ == StoreMode::ReadOnly) return;
  if (format_ < newest_schema) {
    migrate_schema(*db_, file_);
    format_ = newest_schema;
  }
  db_->execute("PRAGMA foreign_keys = ON");
  db_->execute("PRAGMA secure_delete = ON");
}

SqliteStore::~SqliteStore() {
  if (mode_ == StoreMode::ReadOnly || !db_) return;
  try {
    // Nothing stays in the -wal file, so that the gallery may be copied, moved and replaced as one
    // file even while somebody reads it.
    db_->execute("PRAGMA busy_timeout = 200");
    db_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const Error&) {
    // A reader is busy with it; SQLite does it at another time.
  }
}

void SqliteStore::open(const StoreOptions& options) {
  const auto database = [&](int flags, bool immutable = false) {
    return std::make_unique<Database>(GalleryFile{file_, key_file_}, flags, options.patience,
                                      options.stop, immutable);
  };
  if (mode_ != StoreMode::ReadOnly) {
    db_ = database(SQLITE_OPEN_READWRITE);
    return;
  }
  db_ = database(SQLITE_OPEN_READONLY);
  try {
    db_->integer("PRAGMA application_id");
  } catch (const Error&) {
    // SQLite reads a WAL database without writing beside it only where nobody else has it open.
    const bool can_write_beside = eaccess(file_.parent_path().c_str(), W_OK) == 0;
    if (can_write_beside || fs::exists(name_ + "-wal")) throw;
    db_ = database(SQLITE_OPEN_READONLY, true);
  }
}

std::optional<StoredModel> SqliteStore::model() const {
  auto rows = db_->prepare(std::string("SELECT name, fingerprint, dimension, unit_length") +
                           (format_ >= 2 ? ", location, profile" : ", '', ''") +
                           " FROM model WHERE id = 1");
  if (!rows.step()) return std::nullopt;
  StoredModel model{{rows.text(0), rows.text(1)},
                    static_cast<int>(rows.integer(2)),
                    rows.integer(3) != 0,
                    rows.text(4),
                    rows.text(5)};
  require_sound(model, name_);
  return model;
}

std::vector<std::int64_t> SqliteStore::enroll(const std::vector<StoredPerson>& people,
                                              const StoredModel* model) {
  Transaction transaction(*db_);
  if (model) take_model(*model);
  std::vector<std::int64_t> ids;
  for (const StoredPerson& person : people) {
    ids.push_back(add_person(person));
    for (const Template& entry : person.templates) add_template(ids.back(), entry);
    log_change(ids.back());
  }
  transaction.commit();
  return ids;
}

void SqliteStore::take_model(const StoredModel& wanted) {
  if (const auto held = model()) {
    require_model(wanted, *held, name_);
    if (wanted.profile.empty()) return;
    auto update = db_->prepare("UPDATE model SET location = ?, profile = ?");
    update.bind(1, wanted.location);
    update.bind(2, wanted.profile);
    update.step();
    return;
  }
  auto insert = db_->prepare(
      "INSERT INTO model (id, name, fingerprint, dimension, unit_length, location, profile)"
      " VALUES (1, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, wanted.id.name);
  insert.bind(2, wanted.id.fingerprint);
  insert.bind(3, static_cast<std::int64_t>(wanted.dimension));
  insert.bind(4, static_cast<std::int64_t>(wanted.unit_length));
  insert.bind(5, wanted.location);
  insert.bind(6, wanted.profile);
  insert.step();
}

std::int64_t SqliteStore::add_person(const StoredPerson& person) {
  auto add = db_->prepare("INSERT INTO person (name, key) VALUES (?, ?) ON CONFLICT DO NOTHING");
  add.bind(1, person.name);
  add.bind(2, person.key);
  add.step();
  auto find = db_->prepare("SELECT id FROM person WHERE key = ?");
  find.bind(1, person.key);
  find.step();
  return find.integer(0);
}

void SqliteStore::add_template(std::int64_t person_id, const Template& entry) {
  auto insert = db_->prepare(
      "INSERT INTO template (person_id, embedding, source, eye_distance, sharpness, roll, yaw, "
      "time)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, person_id);
  insert.bind_blob(2, to_blob(entry.embedding.values));
  insert.bind(3, entry.source);
  insert.bind(4, static_cast<double>(entry.quality.eye_distance));
  insert.bind(5, static_cast<double>(entry.quality.sharpness));
  insert.bind(6, static_cast<double>(entry.quality.roll));
  insert.bind(7, static_cast<double>(entry.quality.yaw));
  insert.bind(8, entry.time);
  insert.step();
}

void SqliteStore::log_change(std::int64_t person_id) {
  auto insert = db_->prepare("INSERT INTO change (person_id, mark) VALUES (?, random())");
  insert.bind(1, person_id);
  insert.step();
  auto forget = db_->prepare("DELETE FROM change WHERE sequence <= ?");
  forget.bind(1, db_->last_insert_id() - most_logged);
  forget.step();
}

bool SqliteStore::remove(const std::string& key) {
  Transaction transaction(*db_);
  auto find_person = db_->prepare("SELECT id FROM person WHERE key = ?");
  find_person.bind(1, key);
  if (!find_person.step()) return false;
  const std::int64_t person_id = find_person.integer(0);
  auto remove_person = db_->prepare("DELETE FROM person WHERE id = ?");
  remove_person.bind(1, person_id);
  remove_person.step();
  log_change(person_id);
  db_->execute("DELETE FROM model WHERE NOT EXISTS (SELECT 1 FROM template)");
  db_->execute("DELETE FROM calibration WHERE NOT EXISTS (SELECT 1 FROM template)");
  transaction.commit();
  return true;
}

void SqliteStore::calibrate(const std::string& metric, const StoredCalibration& calibration) {
  Transaction transaction(*db_);
  auto insert = db_->prepare("INSERT OR REPLACE INTO calibration VALUES (?, ?, ?, ?)");
  insert.bind(1, metric);
  insert.bind(2, calibration.false_accept_rate);
  insert.bind(3, calibration.threshold);
  insert.bind(4, calibration.curve);
  insert.step();
  log_change(0);
  transaction.commit();
}

std::optional<StoredCalibration> SqliteStore::calibration(const std::string& metric) const {
  auto rows =
      db_->prepare("SELECT false_accept_rate, threshold, curve FROM calibration WHERE metric = ?");
  rows.bind(1, metric);
  if (!rows.step()) return std::nullopt;
  return StoredCalibration{rows.real(0), rows.real(1), rows.text(2)};
}

void SqliteStore::at_one_moment(const std::function<void()>& read) const {
  const Transaction moment(*db_, Transaction::Lock::Read);
  read();
}

std::vector<Person> SqliteStore::people() const {
  std::map<std::int64_t, Person> by_id;
  visit_people([&](std::int64_t id, const std::string& name) { by_id[id] = {id, name}; }, nullptr);
  auto templates = db_->prepare("SELECT id, person_id FROM template ORDER BY id");
  for (std::int64_t before = 0; templates.step();) {
    if (templates.integer(0) <= before) fail_damaged(name_, "a template is there twice");
    before = templates.integer(0);
    const auto person = by_id.find(templates.integer(1));
    if (person == by_id.end()) fail_damaged(name_, "a template is of nobody");
    ++person->second.template_count;
  }
  std::vector<Person> result;
  result.reserve(by_id.size());
  for (auto& [id, person] : by_id) result.push_back(std::move(person));
  return result;
}

void SqliteStore::visit_people(
    const std::function<void(std::int64_t id, const std::string& name)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  auto rows =
      db_->prepare("SELECT id, name FROM person" +
                   (of_people ? " WHERE id IN " + sql_list(*of_people) : "") + " ORDER BY id");
  for (std::int64_t before = 0; rows.step();) {
    const std::int64_t id = rows.integer(0);
    const std::string name = rows.text(1);
    if (id <= before) fail_damaged(name_, "a person is there twice");
    require_name(name, name_);
    before = id;
    visit(id, name);
  }
}

void SqliteStore::visit_embeddings(
    const std::function<void(std::int64_t id, std::int64_t person_id,
                             const std::vector<float>& values)>& visit,
    const std::vector<std::int64_t>* of_people) const {
  auto model = db_->prepare("SELECT dimension FROM model WHERE id = 1");
  const std::int64_t dimension = model.step() ? model.integer(0) : -1;
  auto rows = db_->prepare("SELECT id, person_id, embedding FROM template" +
                           (of_people ? " WHERE person_id IN " + sql_list(*of_people) : "") +
                           " ORDER BY id");
  std::vector<float> values;
  for (std::int64_t before = 0; rows.step();) {
    const std::int64_t id = rows.integer(0);
    if (id <= before) fail_template(name_, id, "is there twice");
    if (dimension < 0) fail_template(name_, id, "is of no model");
    before = id;
    const auto [bytes, size] = rows.blob(2);
    from_blob(bytes, size, dimension, id, name_, values);
    visit(id, rows.integer(1), values);
  }
}

void SqliteStore::visit(
    const std::function<void(const std::string& name, const Template&)>& visit) const {
  auto rows = db_->prepare(
      "SELECT template.id, person_id, person.name, embedding, source, eye_distance, sharpness,"
      " roll, yaw, time, model.name, fingerprint, dimension, unit_length FROM template"
      " LEFT JOIN person ON person.id = person_id LEFT JOIN model ON model.id = 1"
      " ORDER BY template.id");
  Template entry;
  while (rows.step()) {
    // Pages that refer to each other in a circle give the same rows again and again.
    const std::int64_t before = entry.id;
    entry.id = rows.integer(0);
    const auto require = [&](bool holds, const std::string& how) {
      if (!holds) fail_template(name_, entry.id, how);
    };
    require(entry.id > before, "is there twice");
    require(!rows.is_null(2), "is of nobody");
    require(!rows.is_null(11), "is of no model");
    entry.person_id = rows.integer(1);
    const std::string name = rows.text(2);
    require(is_name(name), "is of a person without a name");
    const auto [bytes, size] = rows.blob(3);
    from_blob(bytes, size, rows.integer(12), entry.id, name_, entry.embedding.values);
    entry.embedding.model = rows.text(10);
    entry.embedding.fingerprint = rows.text(11);
    entry.embedding.unit_length = rows.integer(13) != 0;
    entry.source = rows.text(4);
    entry.quality = {static_cast<float>(rows.real(5)), static_cast<float>(rows.real(6)),
                     static_cast<float>(rows.real(7)), static_cast<float>(rows.real(8))};
    entry.time = rows.integer(9);
    visit(name, entry);
  }
}

GalleryPosition SqliteStore::position() const {
  if (format_ < 3) return {};
  auto rows = db_->prepare("SELECT sequence, mark FROM change ORDER BY sequence DESC LIMIT 1");
  if (!rows.step()) return {};
  return {rows.integer(0), rows.integer(1)};
}

std::optional<std::vector<std::int64_t>> SqliteStore::changed_since(
    const GalleryPosition& position) const {
  if (format_ < 3) return std::nullopt;
  auto known = db_->prepare("SELECT mark FROM change WHERE sequence = ?");
  known.bind(1, position.sequence);
  if (!known.step() || known.integer(0) != position.mark) return std::nullopt;
  auto rows =
      db_->prepare("SELECT sequence, person_id FROM change WHERE sequence > ? ORDER BY sequence");
  rows.bind(1, position.sequence);
  std::set<std::int64_t> people;
  for (std::int64_t before = position.sequence; rows.step();) {
    if (rows.integer(0) <= before) fail_damaged(name_, "a change is there twice");
    before = rows.integer(0);
    if (rows.integer(1) > 0) people.insert(rows.integer(1));
  }
  return std::vector<std::int64_t>(people.begin(), people.end());
}

/// What can be seen of a gallery's file from outside: it differs once somebody has written to the
/// file, to the log beside it, or has put another file in its place.
class SqlitePulse final : public GalleryPulse {
 public:
  explicit SqlitePulse(const std::string& name) : file_(gallery_file(name).path) {}

  std::string now() override {
    struct stat status {};
    if (stat(file_.c_str(), &status) != 0) return {};
    std::string state = stamp_of(status);
    if (S_ISREG(status.st_mode)) state += file_header(file_);
    // Readers make an empty log and remove it.
    const std::string log = file_.string() + "-wal";
    if (stat(log.c_str(), &status) == 0 && status.st_size > 0) state += stamp_of(status);
    return state;
  }

 private:
  static std::string stamp_of(const struct stat& status) {
    std::string stamp;
    for (const std::int64_t value :
         {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)}) {
      stamp.append(std::to_string(value)).append(" ");
    }
    return stamp;
  }

  static std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  }

  const fs::path file_;
};

}  // namespace

std::unique_ptr<GalleryStore> open_sqlite(const std::string& name, const StoreOptions& options) {
  return std::make_unique<SqliteStore>(name, options);
}

std::unique_ptr<GalleryPulse> sqlite_pulse(const std::string& name) {
  return std::make_unique<SqlitePulse>(name);
}

}  // namespace facerec
