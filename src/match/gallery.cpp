// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "../error.h"
#include "sqlite.h"

namespace facerec {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t application_id = 0x46524543;  // "FREC"
constexpr std::int64_t schema_version = 1;

// The table model has one row as long as there are templates. AUTOINCREMENT: an id that an
// application has seen never means somebody else later.
constexpr const char* schema[] = {
    "CREATE TABLE model (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL,"
    " fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL, unit_length INTEGER NOT NULL)",
    "CREATE TABLE calibration (metric TEXT PRIMARY KEY, false_accept_rate REAL NOT NULL,"
    " threshold REAL NOT NULL, curve TEXT NOT NULL)",
    "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE template (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " person_id INTEGER NOT NULL REFERENCES person (id) ON DELETE CASCADE,"
    " embedding BLOB NOT NULL, source TEXT NOT NULL, eye_distance REAL, sharpness REAL,"
    " roll REAL, yaw REAL, time INTEGER NOT NULL)",
    "CREATE INDEX template_of_person ON template (person_id)",
};

std::string quoted(const fs::path& file) {
  return "'" + file.string() + "'";
}

/// Makes an empty file that nobody else may read before anything is written to it.
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

std::string to_json(const Calibration& curve) {
  nlohmann::json knots = nlohmann::json::array();
  for (const Calibration::Knot& knot : curve.knots()) knots.push_back({knot.distance, knot.rate});
  return nlohmann::json{{"knots", knots},
                        {"scale", curve.tail().scale},
                        {"shape", curve.tail().shape},
                        {"pairs", curve.pairs()}}
      .dump();
}

Calibration curve_from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  std::vector<Calibration::Knot> knots;
  for (const auto& knot : json.at("knots")) {
    knots.push_back({knot.at(0).get<double>(), knot.at(1).get<double>()});
  }
  return {knots,
          {json.at("scale").get<double>(), json.at("shape").get<double>()},
          json.at("pairs").get<int>()};
}

void check_name(const std::string& name) {
  const bool one_line =
      std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  bool utf8 = true;
  try {
    nlohmann::json(name).dump();
  } catch (const nlohmann::json::type_error&) {
    utf8 = false;
  }
  if (name.empty() || !one_line || !utf8) {
    throw Error(ErrorCode::Settings,
                "a person's name must be one line of UTF-8 text and not empty");
  }
}

void check_embedding(const Embedding& embedding) {
  const auto& values = embedding.values;
  if (values.empty() ||
      !std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
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

Gallery::Gallery(const fs::path& file, Mode mode, std::chrono::milliseconds patience)
    : file_(file), mode_(mode) {
  std::error_code ignored;
  if (fs::is_directory(file_, ignored)) {
    throw Error(ErrorCode::Read, quoted(file_) + " is a folder; name a gallery file");
  }
  if (mode_ == Mode::Create) {
    create_private_file(file_);
  } else if (!fs::exists(file_, ignored)) {
    throw Error(ErrorCode::NotFound, "gallery " + quoted(file_) +
                                         " does not exist; make it with `facerec enroll`, or "
                                         "correct the name");
  }
  open(patience);
  if (mode_ == Mode::Create) create_schema();
  check_schema();
  if (mode_ != Mode::ReadOnly) {
    db_->execute("PRAGMA foreign_keys = ON");
    db_->execute("PRAGMA secure_delete = ON");
  }
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

void Gallery::open(std::chrono::milliseconds patience) {
  if (mode_ != Mode::ReadOnly) {
    db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READWRITE, patience);
    return;
  }
  db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READONLY, patience);
  try {
    db_->integer("PRAGMA application_id");
  } catch (const Error&) {
    // SQLite reads a WAL database without writing beside it only where nobody else has it open.
    const fs::path folder = fs::absolute(file_).parent_path();
    const bool can_write_beside = eaccess(folder.c_str(), W_OK) == 0;
    if (can_write_beside || fs::exists(file_.string() + "-wal")) throw;
    immutable_ = true;
    db_ = std::make_unique<Database>(file_, SQLITE_OPEN_READONLY, patience, true);
  }
}

void Gallery::create_schema() {
  const auto is_empty = [this] {
    return db_->integer("SELECT count(*) FROM sqlite_master") == 0 &&
           db_->integer("PRAGMA application_id") == 0;
  };
  if (!is_empty()) return;
  chmod(file_.c_str(), 0600);
  db_->log_ahead();
  Transaction transaction(*db_);
  if (!is_empty()) return;  // another program was faster
  for (const char* sql : schema) db_->execute(sql);
  db_->execute("PRAGMA application_id = " + std::to_string(application_id));
  db_->execute("PRAGMA user_version = " + std::to_string(schema_version));
  transaction.commit();
}

void Gallery::check_schema() const {
  if (db_->integer("PRAGMA application_id") != application_id) {
    throw Error(ErrorCode::Read,
                quoted(file_) + " is no gallery; name a gallery that `facerec enroll` made");
  }
  const auto version = db_->integer("PRAGMA user_version");
  if (version != schema_version) {
    throw Error(ErrorCode::Read, "gallery " + quoted(file_) + " has format " +
                                     std::to_string(version) + ", this program reads format " +
                                     std::to_string(schema_version) +
                                     "; use the gst-facerec version that made it");
  }
}

std::int64_t Gallery::enroll(const std::string& name, const Template& entry) {
  check_name(name);
  check_embedding(entry.embedding);
  const Embedding& embedding = entry.embedding;
  Transaction transaction(*db_);

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

  auto add_person = db_->prepare("INSERT INTO person (name) VALUES (?) ON CONFLICT DO NOTHING");
  add_person.bind(1, name);
  add_person.step();
  auto find_person = db_->prepare("SELECT id FROM person WHERE name = ?");
  find_person.bind(1, name);
  find_person.step();
  const std::int64_t person_id = find_person.integer(0);

  auto add_template = db_->prepare(
      "INSERT INTO template (person_id, embedding, source, eye_distance, sharpness, roll, yaw, "
      "time)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  add_template.bind(1, person_id);
  add_template.bind_blob(2, to_blob(embedding.values));
  add_template.bind(3, entry.source);
  add_template.bind(4, static_cast<double>(entry.quality.eye_distance));
  add_template.bind(5, static_cast<double>(entry.quality.sharpness));
  add_template.bind(6, static_cast<double>(entry.quality.roll));
  add_template.bind(7, static_cast<double>(entry.quality.yaw));
  add_template.bind(8, entry.time);
  add_template.step();
  transaction.commit();
  return person_id;
}

void Gallery::remove(const std::string& name) {
  Transaction transaction(*db_);
  auto remove_person = db_->prepare("DELETE FROM person WHERE name = ?");
  remove_person.bind(1, name);
  remove_person.step();
  if (db_->changes() == 0) {
    throw Error(ErrorCode::NotFound, "nobody is called '" + name + "' in gallery " + quoted(file_) +
                                         "; `facerec list` shows who is there");
  }
  db_->execute("DELETE FROM model WHERE NOT EXISTS (SELECT 1 FROM template)");
  db_->execute("DELETE FROM calibration WHERE NOT EXISTS (SELECT 1 FROM template)");
  transaction.commit();
}

std::vector<Person> Gallery::people() const {
  auto rows = db_->prepare(
      "SELECT person.id, person.name, count(template.id) FROM person"
      " LEFT JOIN template ON template.person_id = person.id"
      " GROUP BY person.id ORDER BY person.name");
  std::vector<Person> result;
  while (rows.step()) {
    result.push_back({rows.integer(0), rows.text(1), static_cast<int>(rows.integer(2))});
  }
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
      " roll, yaw, time, model.name, fingerprint, dimension, unit_length"
      " FROM template JOIN person ON person.id = person_id JOIN model ORDER BY template.id");
  Template entry;
  while (rows.step()) {
    entry.id = rows.integer(0);
    entry.person_id = rows.integer(1);
    const auto [bytes, size] = rows.blob(3);
    const auto dimension = rows.integer(12);
    if (dimension <= 0 || size != static_cast<std::size_t>(dimension) * 4) {
      throw Error(ErrorCode::Read, "gallery " + quoted(file_) + " is damaged: template " +
                                       std::to_string(entry.id) + " has " + std::to_string(size) +
                                       " bytes for " + std::to_string(dimension) +
                                       " values; restore a copy of it or enroll its people anew");
    }
    entry.embedding.values.resize(dimension);
    from_blob(bytes, entry.embedding.values);
    entry.embedding.model = rows.text(10);
    entry.embedding.fingerprint = rows.text(11);
    entry.embedding.unit_length = rows.integer(13) != 0;
    entry.source = rows.text(4);
    entry.quality = {static_cast<float>(rows.real(5)), static_cast<float>(rows.real(6)),
                     static_cast<float>(rows.real(7)), static_cast<float>(rows.real(8))};
    entry.time = rows.integer(9);
    visit(rows.text(2), entry);
  }
}

ModelId Gallery::model() const {
  auto rows = db_->prepare("SELECT name, fingerprint FROM model");
  if (!rows.step()) return {};
  return {rows.text(0), rows.text(1)};
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
  transaction.commit();
}

std::optional<GalleryCalibration> Gallery::calibration(Metric metric) const {
  auto rows =
      db_->prepare("SELECT false_accept_rate, threshold, curve FROM calibration WHERE metric = ?");
  rows.bind(1, to_string(metric));
  if (!rows.step()) return std::nullopt;
  try {
    return GalleryCalibration{rows.real(0), rows.real(1), curve_from_json(rows.text(2))};
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorCode::Read, "gallery " + quoted(file_) +
                                     " holds a damaged calibration; calibrate it anew with "
                                     "`facerec calibrate`");
  }
}

std::int64_t Gallery::version() const {
  if (!immutable_) return db_->integer("PRAGMA data_version");
  // An immutable connection sees no change; the file's times do, and a -wal file announces one.
  struct stat status {};
  if (stat(file_.c_str(), &status) != 0) return 0;
  const bool written_now = fs::exists(file_.string() + "-wal");
  return (status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec) * 2 + written_now;
}

}  // namespace facerec
