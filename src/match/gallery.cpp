// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "../error.h"
#include "../model/catalog.h"
#include "gallery_schema.h"
#include "person_name.h"
#include "sqlite.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t max_dimension = 1 << 20;
constexpr std::int64_t most_logged = 100'000;  ///< changes; who missed more reads everything anew

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

/// Embeddings are stored as little-endian IEEE 754 single precision.
std::string to_blob(const std::vector<float>& values) {
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return bytes;
}

void from_blob(const std::uint8_t* bytes, std::vector<float>& values) {
  for (float& value : values) {
    const std::uint32_t bits =
        bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
    std::memcpy(&value, &bits, sizeof value);
    bytes += 4;
  }
}

[[noreturn]] void fail_template(const fs::path& file, std::int64_t id, const std::string& how) {
  fail_damaged(file, "template " + std::to_string(id) + " " + how);
}

/// `values` as long as the model's; from the template of that id.
void read_values(const Statement& rows, int column, std::int64_t id, std::int64_t dimension,
                 const fs::path& file, std::vector<float>& values) {
  const auto [bytes, size] = rows.blob(column);
  if (dimension <= 0 || dimension > max_dimension ||
      size != static_cast<std::size_t>(dimension) * 4) {
    fail_template(
        file, id,
        "has " + std::to_string(size) + " bytes for " + std::to_string(dimension) + " values");
  }
  values.resize(dimension);
  from_blob(bytes, values);
  if (!is_finite(values)) fail_template(file, id, "has values that are not finite");
}

void check_embedding(const Embedding& embedding) {
  if (embedding.values.empty() || !is_finite(embedding.values)) {
    throw Error(ErrorCode::Settings, "the embedding of model '" + embedding.model +
                                         "' is empty or not finite and cannot be enrolled; check "
                                         "the model with another photo");
  }
}

}  // namespace

void require_same_model(const ModelId& wanted, const ModelId& of_gallery, const fs::path& gallery) {
  if (of_gallery.fingerprint.empty() || wanted.fingerprint == of_gallery.fingerprint) return;
  const auto describe = [&](const ModelId& model) {
    std::string text = "'" + model.name + "'";
    if (wanted.name == of_gallery.name) text += " (" + model.fingerprint.substr(0, 12) + ")";
    return text;
  };
  const std::string remedy = wanted.name == of_gallery.name
                                 ? "use the same file of the model, template and mask"
                                 : "use the gallery's model";
  throw Error(ErrorCode::Mismatch, "gallery " + quoted(gallery) + " holds templates of model " +
                                       describe(of_gallery) + " and embeddings of model " +
                                       describe(wanted) + " cannot be compared with them; " +
                                       remedy +
                                       ", or enroll its people anew in a gallery for this one");
}

Gallery::Gallery(const std::string& name, Mode mode, std::chrono::milliseconds patience,
                 const std::atomic<bool>* stop)
    : file_(gallery_file(name)), mode_(mode) {
  if (mode_ == Mode::Create) create_private_file(file_);
  require_regular_file(file_);
  open(patience, stop);
  if (mode_ == Mode::Create) create_schema(*db_, file_);
  format_ = check_schema(*db_, file_);
  db_->end_haste();
  if (mode_ == Mode::ReadOnly) return;
  if (format_ < newest_schema) {
    migrate_schema(*db_, file_);
    format_ = newest_schema;
  }
  db_->execute("PRAGMA foreign_keys = ON");
  db_->execute("PRAGMA secure_delete = ON");
}

Gallery::~Gallery() {
  if (mode_ == Mode::ReadOnly || !db_) return;
  try {
    // Nothing stays in the -wal file, so that the gallery may be copied, moved and replaced as one
    // file even while somebody reads it.
    db_->execute("PRAGMA busy_timeout = 200");
    db_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch (const Error&) {
    // A reader is busy with it; SQLite does it at another time.
  }
}

void Gallery::open(std::chrono::milliseconds patience, const std::atomic<bool>* stop) {
  if (mode_ != Mode::ReadOnly) {
    db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READWRITE, patience, stop);
    return;
  }
  db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READONLY, patience, stop);
  try {
    db_->integer("PRAGMA application_id");
  } catch (const Error&) {
    // SQLite reads a WAL database without writing beside it only where nobody else has it open.
    const bool can_write_beside = eaccess(file_.parent_path().c_str(), W_OK) == 0;
    if (can_write_beside || fs::exists(file_.string() + "-wal")) throw;
    db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READONLY, patience, stop, true);
  }
}

std::int64_t Gallery::enroll(const std::string& name, const std::vector<Template>& entries,
                             const ModelFacts* facts) {
  Transaction transaction(*db_);
  const std::int64_t person_id = add(name, entries);
  keep(facts);
  transaction.commit();
  return person_id;
}

void Gallery::enroll(const std::vector<Enrolment>& people, const ModelFacts* facts) {
  Transaction transaction(*db_);
  for (const Enrolment& person : people) add(person.name, person.templates);
  keep(facts);
  transaction.commit();
}

void Gallery::keep(const ModelFacts* facts) {
  if (!facts) return;
  auto update = db_->prepare("UPDATE model SET location = ?, profile = ?");
  update.bind(1, facts->location);
  update.bind(2, to_json(facts->profile));
  update.step();
}

std::int64_t Gallery::add(const std::string& name, const std::vector<Template>& entries) {
  const std::string shown = shown_name(name);
  const std::string key = name_key(name);
  for (const Template& entry : entries) {
    check_embedding(entry.embedding);
    add_model(entry.embedding);
  }
  auto add_person =
      db_->prepare("INSERT INTO person (name, key) VALUES (?, ?) ON CONFLICT DO NOTHING");
  add_person.bind(1, shown);
  add_person.bind(2, key);
  add_person.step();
  auto find_person = db_->prepare("SELECT id FROM person WHERE key = ?");
  find_person.bind(1, key);
  find_person.step();
  const std::int64_t person_id = find_person.integer(0);
  for (const Template& entry : entries) add_template(person_id, entry);
  log_change(person_id);
  return person_id;
}

void Gallery::add_model(const Embedding& embedding) {
  require_same_model({embedding.model, embedding.fingerprint}, model(), file_);
  auto add_model = db_->prepare(
      "INSERT OR IGNORE INTO model (id, name, fingerprint, dimension, unit_length)"
      " VALUES (1, ?, ?, ?, ?)");
  add_model.bind(1, embedding.model);
  add_model.bind(2, embedding.fingerprint);
  add_model.bind(3, static_cast<std::int64_t>(embedding.values.size()));
  add_model.bind(4, static_cast<std::int64_t>(embedding.unit_length));
  add_model.step();
  const auto dimension = db_->integer("SELECT dimension FROM model");
  if (dimension != static_cast<std::int64_t>(embedding.values.size())) {
    throw Error(ErrorCode::Mismatch, "gallery " + quoted(file_) + " holds embeddings of " +
                                         std::to_string(dimension) + " values, this one has " +
                                         std::to_string(embedding.values.size()) +
                                         "; enroll into a gallery of its own");
  }
}

void Gallery::add_template(std::int64_t person_id, const Template& entry) {
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

void Gallery::log_change(std::int64_t person_id) {
  auto insert = db_->prepare("INSERT INTO change (person_id, mark) VALUES (?, random())");
  insert.bind(1, person_id);
  insert.step();
  auto forget = db_->prepare("DELETE FROM change WHERE sequence <= ?");
  forget.bind(1, db_->last_insert_id() - most_logged);
  forget.step();
}

void Gallery::remove(const std::string& name) {
  Transaction transaction(*db_);
  auto find_person = db_->prepare("SELECT id FROM person WHERE key = ?");
  find_person.bind(1, name_key(name));
  if (!find_person.step()) {
    throw Error(ErrorCode::NotFound, "nobody is called '" + name + "' in gallery " + quoted(file_) +
                                         "; `facerec list` shows who is there");
  }
  const std::int64_t person_id = find_person.integer(0);
  auto remove_person = db_->prepare("DELETE FROM person WHERE id = ?");
  remove_person.bind(1, person_id);
  remove_person.step();
  log_change(person_id);
  db_->execute("DELETE FROM model WHERE NOT EXISTS (SELECT 1 FROM template)");
  db_->execute("DELETE FROM calibration WHERE NOT EXISTS (SELECT 1 FROM template)");
  transaction.commit();
}

std::vector<Person> Gallery::people() const {
  std::map<std::int64_t, Person> by_id;
  visit_people([&](std::int64_t id, const std::string& name) { by_id[id] = {id, name}; });
  auto templates = db_->prepare("SELECT id, person_id FROM template ORDER BY id");
  for (std::int64_t before = 0; templates.step();) {
    if (templates.integer(0) <= before) fail_damaged(file_, "a template is there twice");
    before = templates.integer(0);
    const auto person = by_id.find(templates.integer(1));
    if (person == by_id.end()) fail_damaged(file_, "a template is of nobody");
    ++person->second.template_count;
  }
  std::vector<Person> result;
  result.reserve(by_id.size());
  for (auto& [id, person] : by_id) result.push_back(std::move(person));
  std::sort(result.begin(), result.end(),
            [](const Person& a, const Person& b) { return a.name < b.name; });
  return result;
}

std::vector<Template> Gallery::templates() const {
  std::vector<Template> result;
  visit([&](const std::string&, const Template& entry) { result.push_back(entry); });
  return result;
}

void Gallery::visit(
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
      if (!holds) fail_template(file_, entry.id, how);
    };
    require(entry.id > before, "is there twice");
    require(!rows.is_null(2), "is of nobody");
    require(!rows.is_null(11), "is of no model");
    entry.person_id = rows.integer(1);
    const std::string name = rows.text(2);
    require(is_name(name), "is of a person without a name");
    read_values(rows, 3, entry.id, rows.integer(12), file_, entry.embedding.values);
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

void Gallery::at_one_moment(const std::function<void()>& read) const {
  const Transaction moment(*db_, Transaction::Lock::Read);
  read();
}

void Gallery::visit_people(
    const std::function<void(std::int64_t id, const std::string& name)>& visit) const {
  auto rows = db_->prepare("SELECT id, name FROM person ORDER BY id");
  for (std::int64_t before = 0; rows.step();) {
    const std::int64_t id = rows.integer(0);
    const std::string name = rows.text(1);
    if (id <= before) fail_damaged(file_, "a person is there twice");
    if (!is_name(name)) fail_damaged(file_, "a person has no name");
    before = id;
    visit(id, name);
  }
}

void Gallery::visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                        const std::vector<float>& values)>& visit,
                               std::optional<std::int64_t> of_person) const {
  auto model = db_->prepare("SELECT dimension FROM model WHERE id = 1");
  const std::int64_t dimension = model.step() ? model.integer(0) : -1;
  auto rows = db_->prepare(std::string("SELECT id, person_id, embedding FROM template") +
                           (of_person ? " WHERE person_id = ?" : "") + " ORDER BY id");
  if (of_person) rows.bind(1, *of_person);
  std::vector<float> values;
  for (std::int64_t before = 0; rows.step();) {
    const std::int64_t id = rows.integer(0);
    if (id <= before) fail_template(file_, id, "is there twice");
    if (dimension < 0) fail_template(file_, id, "is of no model");
    before = id;
    read_values(rows, 2, id, dimension, file_, values);
    visit(id, rows.integer(1), values);
  }
}

std::optional<std::string> Gallery::name_of(std::int64_t person_id) const {
  auto rows = db_->prepare("SELECT name FROM person WHERE id = ?");
  rows.bind(1, person_id);
  if (!rows.step()) return std::nullopt;
  std::string name = rows.text(0);
  if (!is_name(name)) fail_damaged(file_, "a person has no name");
  return name;
}

GalleryPosition Gallery::position() const {
  if (format_ < 3) return {};
  auto rows = db_->prepare("SELECT sequence, mark FROM change ORDER BY sequence DESC LIMIT 1");
  if (!rows.step()) return {};
  return {rows.integer(0), rows.integer(1)};
}

std::optional<std::vector<std::int64_t>> Gallery::changed_since(
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
    if (rows.integer(0) <= before) fail_damaged(file_, "a change is there twice");
    before = rows.integer(0);
    if (rows.integer(1) > 0) people.insert(rows.integer(1));
  }
  return std::vector<std::int64_t>(people.begin(), people.end());
}

ModelId Gallery::model() const {
  auto rows = db_->prepare("SELECT name, fingerprint FROM model WHERE id = 1");
  if (!rows.step()) return {};
  ModelId model{rows.text(0), rows.text(1)};
  if (!is_name(model.name) || model.fingerprint.empty()) {
    fail_damaged(file_, "its model has no name or no fingerprint");
  }
  return model;
}

Profile Gallery::profile_of_model(const std::string& json) const {
  try {
    return parse_profile(json, "the profile of its model");
  } catch (const Error& error) {
    fail_damaged(file_, error.what());
  }
}

std::optional<ModelFacts> Gallery::facts() const {
  const ModelId id = model();
  if (id.fingerprint.empty()) return std::nullopt;
  if (format_ >= 2) {
    auto rows = db_->prepare("SELECT profile, location FROM model WHERE id = 1");
    const bool kept = rows.step() && !rows.text(0).empty();
    if (kept) return ModelFacts{profile_of_model(rows.text(0)), rows.text(1)};
  }
  std::optional<Profile> profile = find_profile(id.name, Role::Embedder);
  if (!profile) return std::nullopt;
  return ModelFacts{std::move(*profile), id.name};
}

void Gallery::calibrate(Metric metric, const GalleryCalibration& calibration) {
  Transaction transaction(*db_);
  if (model().fingerprint.empty()) {
    throw Error(ErrorCode::Settings, "gallery " + quoted(file_) +
                                         " is empty and cannot be calibrated; enroll people first");
  }
  auto insert = db_->prepare("INSERT OR REPLACE INTO calibration VALUES (?, ?, ?, ?)");
  insert.bind(1, to_string(metric));
  insert.bind(2, calibration.false_accept_rate);
  insert.bind(3, calibration.threshold);
  insert.bind(4, to_json(calibration.curve));
  insert.step();
  log_change(0);
  transaction.commit();
}

std::optional<GalleryCalibration> Gallery::calibration(Metric metric) const {
  auto rows =
      db_->prepare("SELECT false_accept_rate, threshold, curve FROM calibration WHERE metric = ?");
  rows.bind(1, to_string(metric));
  if (!rows.step()) return std::nullopt;
  const std::string remedy = "; calibrate it anew with `facerec calibrate`";
  const double rate = rows.real(0), threshold = rows.real(1);
  if (!(rate > 0 && rate < 1) || !std::isfinite(threshold)) {
    throw Error(ErrorCode::Read, "gallery " + quoted(file_) +
                                     " holds a calibration whose rate or threshold is no such "
                                     "number" +
                                     remedy);
  }
  try {
    return GalleryCalibration{rate, threshold, calibration_from_json(rows.text(2))};
  } catch (const Error& error) {
    throw Error(ErrorCode::Read, "gallery " + quoted(file_) +
                                     " holds a damaged calibration: " + error.what() + remedy);
  }
}

}  // namespace facerec
