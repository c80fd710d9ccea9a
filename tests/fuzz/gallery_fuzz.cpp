// SPDX-License-Identifier: LGPL-2.1-or-later

// A file of any content as a gallery. Half of the inputs are the file itself; the others are values
// that a good gallery holds instead of its own, so that what is read behind SQLite's own checks is
// reached.

#include <fuzzer/FuzzedDataProvider.h>
#include <sqlite3.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "error.h"
#include "match/gallery.h"
#include "match/matcher.h"
#include "scratch.h"

namespace {

namespace fs = std::filesystem;
using facerec::Gallery;

Scratch& scratch() {
  static Scratch folder;
  return folder;
}

facerec::Template example(float first) {
  facerec::Template entry;
  entry.embedding = {"test", "f00d", {first, 0.5F, -0.25F, 1.F}, false};
  entry.source = "photo.jpg";
  entry.quality.eye_distance = 40;
  entry.time = 1700000000;
  return entry;
}

/// A good gallery's bytes, with people, templates and a calibration.
std::vector<std::uint8_t> good_gallery() {
  const fs::path file = scratch().write("good.db", nullptr, 0);
  fs::remove(file);
  {
    Gallery gallery(file, Gallery::Mode::Create);
    gallery.enroll("Ada", example(0.1F));
    gallery.enroll("Ada", example(0.2F));
    gallery.enroll("B\u00e9la", example(-0.9F));
    const facerec::Calibration curve({{0.3, 0.001}, {0.9, 0.5}}, {0.1, -0.2}, 1000);
    gallery.calibrate(facerec::Metric::Cosine, {0.01, 0.4, curve});
  }
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(stream)), {});
  scratch().clear();
  return bytes;
}

std::vector<std::vector<std::string>> query(sqlite3* db, const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  sqlite3_exec(
      db, text.c_str(),
      [](void* target, int count, char** columns, char**) {
        auto& row = static_cast<std::vector<std::vector<std::string>>*>(target)->emplace_back();
        for (int i = 0; i < count; ++i) row.emplace_back(columns[i] ? columns[i] : "");
        return 0;
      },
      &rows, nullptr);
  return rows;
}

/// A calibration's curve in the form that galleries hold, with numbers of any kind.
std::string curve(FuzzedDataProvider& source) {
  const auto number = [&] {
    return source.PickValueInArray(
        {"0", "-1", "0.3", "0.7", "1", "1e308", "-1e308", "null", "\"\""});
  };
  std::string knots;
  for (int left = source.ConsumeIntegralInRange(0, 4); left > 0; --left) {
    knots += knots.empty() ? "" : ",";
    knots += std::string("[") + number() + "," + number() + "]";
  }
  return "{\"knots\":[" + knots + "],\"scale\":" + number() + ",\"shape\":" + number() +
         ",\"pairs\":" + number() + "}";
}

void bind(sqlite3_stmt* statement, FuzzedDataProvider& source) {
  switch (source.ConsumeIntegralInRange(0, 6)) {
    case 0:
      sqlite3_bind_null(statement, 1);
      break;
    case 1:
      sqlite3_bind_int64(statement, 1, source.ConsumeIntegral<std::int64_t>());
      break;
    case 2:
      sqlite3_bind_double(statement, 1,
                          source.PickValueInArray({0., -1., 1e300, -1e300, double(INFINITY), 0.5}));
      break;
    case 3:
      sqlite3_bind_int64(statement, 1, source.ConsumeIntegralInRange(-2, 3));
      break;
    case 4:
      sqlite3_bind_text(statement, 1, curve(source).c_str(), -1, SQLITE_TRANSIENT);
      break;
    default: {
      const std::string bytes = source.ConsumeRandomLengthString(40);
      if (source.ConsumeBool()) {
        sqlite3_bind_text(statement, 1, bytes.data(), static_cast<int>(bytes.size()),
                          SQLITE_TRANSIENT);
      } else {
        sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()),
                          SQLITE_TRANSIENT);
      }
    }
  }
}

/// Puts other values, of any type, where the gallery has its own.
void change_values(const fs::path& file, FuzzedDataProvider& source) {
  sqlite3* db = nullptr;
  if (sqlite3_open(file.c_str(), &db) == SQLITE_OK) {
    query(db,
          "PRAGMA ignore_check_constraints = 1; PRAGMA foreign_keys = 0; PRAGMA synchronous = 0");
    const auto tables = query(db, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    for (int left = source.ConsumeIntegralInRange(1, 4); left > 0 && !tables.empty(); --left) {
      const std::string table =
          tables[source.ConsumeIntegralInRange<std::size_t>(0, tables.size() - 1)][0];
      const auto columns = query(db, "PRAGMA table_info('" + table + "')");
      if (columns.empty()) continue;
      const std::string column =
          columns[source.ConsumeIntegralInRange<std::size_t>(0, columns.size() - 1)][1];
      const std::string text = "UPDATE OR IGNORE \"" + table + "\" SET \"" + column + "\" = ?1" +
                               (source.ConsumeBool() ? " WHERE rowid = 1" : "");
      sqlite3_stmt* statement = nullptr;
      if (sqlite3_prepare_v2(db, text.c_str(), -1, &statement, nullptr) != SQLITE_OK) continue;
      bind(statement, source);
      sqlite3_step(statement);
      sqlite3_finalize(statement);
    }
  }
  sqlite3_close(db);
}

template <typename Action>
void attempt(Action action) {
  try {
    action();
  } catch (const facerec::Error&) {
  }
}

void use(const fs::path& file) {
  const auto patience = std::chrono::milliseconds(20);
  for (const auto metric : {facerec::Metric::Cosine, facerec::Metric::Euclidean}) {
    attempt([&] {
      const Gallery gallery(file, Gallery::Mode::ReadOnly, patience);
      const facerec::Matcher matcher(gallery, metric);
      facerec::Embedding probe = example(0.3F).embedding;
      const auto nearest = matcher.nearest(probe, 3);
      if (nearest.size() > 3) std::abort();
      if (matcher.calibration() && !nearest.empty())
        matcher.calibration()->curve.false_accept_rate(nearest.front().distance);
    });
  }
  attempt([&] {
    Gallery gallery(file, Gallery::Mode::ReadWrite, patience);
    gallery.people();
    auto matcher = facerec::Matcher::follow(nullptr, gallery, facerec::Metric::Cosine);
    gallery.enroll("Cy", example(0.7F));
    matcher = facerec::Matcher::follow(matcher, gallery, facerec::Metric::Cosine);
    gallery.remove("Ada");
    facerec::Matcher::follow(matcher, gallery, facerec::Metric::Cosine);
    gallery.templates();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::uint8_t> good = good_gallery();
  FuzzedDataProvider source(data, size);
  // The byte at the end chooses, so that a seed is a gallery's file with one byte more.
  fs::path file;
  if (source.ConsumeIntegral<std::uint8_t>() % 2 == 0) {
    const auto bytes = source.ConsumeRemainingBytes<std::uint8_t>();
    file = scratch().write("people.db", bytes.data(), bytes.size());
  } else {
    file = scratch().write("people.db", good.data(), good.size());
    change_values(file, source);
  }
  use(file);
  scratch().clear();
  return 0;
}
