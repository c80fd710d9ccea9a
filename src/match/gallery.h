// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../face.h"
#include "calibration.h"
#include "metric.h"

namespace facerec {

class Database;

struct Person {
  std::int64_t id = 0;  ///< never given to another person of the gallery again
  std::string name;
  int template_count = 0;
};

/// What made an embedding: only those of equal fingerprints may be compared.
struct ModelId {
  std::string name;
  std::string fingerprint;
};

/// Throws Error (Mismatch) that names both models and the remedy where `wanted` is not the model
/// of the gallery's templates. An empty gallery takes any.
void require_same_model(const ModelId& wanted, const ModelId& of_gallery,
                        const std::filesystem::path& gallery);

/// One enrolled face: an embedding and where it came from.
struct Template {
  std::int64_t id = 0;
  std::int64_t person_id = 0;
  Embedding embedding;
  std::string source;  ///< file or URI
  Quality quality;
  std::int64_t time = 0;  ///< seconds since 1970-01-01 UTC
};

/// A threshold set for a false accept rate, and what the rate of any distance is.
struct GalleryCalibration {
  double false_accept_rate = 0;  ///< that was aimed at, for one comparison of two faces
  double threshold = 0;          ///< distances up to it are accepted
  Calibration curve;
};

/// People and their templates in one SQLite file (WAL, mode 0600). One gallery holds templates of
/// one model; one of another is refused with both names. Every call may throw Error: Busy where
/// another process holds the file longer than `patience`, Read where it is no gallery, Write.
/// Not for two threads at once: each opens its own.
class Gallery {
 public:
  enum class Mode {
    ReadOnly,
    ReadWrite,
    Create,  ///< as ReadWrite, and makes the file where there is none
  };

  Gallery(const std::filesystem::path& file, Mode mode,
          std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~Gallery();
  Gallery(const Gallery&) = delete;
  Gallery& operator=(const Gallery&) = delete;

  /// Adds a template, and the person where the name is new. All or nothing. Returns the person's
  /// id. Throws Error (Mismatch) where the gallery's templates are of another model, (Settings)
  /// where the name is empty or no UTF-8 of one line or the embedding is empty or not finite.
  /// `entry.id` and `entry.person_id` are not read.
  std::int64_t enroll(const std::string& name, const Template& entry);

  /// Removes a person with all templates, which are overwritten in the file. Throws Error
  /// (NotFound) where nobody has that name.
  void remove(const std::string& name);

  /// Sorted by name.
  std::vector<Person> people() const;
  std::vector<Template> templates() const;

  /// Calls `visit` with every template and its person's name, in the order of enrolment, as the
  /// gallery stands at one moment, with one template in memory at a time.
  void visit(const std::function<void(const std::string& name, const Template&)>& visit) const;

  /// The model of the templates; empty strings in an empty gallery.
  ModelId model() const;

  /// Sets the calibration for a metric, in place of an earlier one. It goes with the last template.
  /// Throws Error (Settings) where the gallery is empty.
  void calibrate(Metric metric, const GalleryCalibration& calibration);
  std::optional<GalleryCalibration> calibration(Metric metric) const;

  /// Differs from an earlier value where another connection has committed in between (SQLite's
  /// data_version); for polling. Values of two objects cannot be compared.
  std::int64_t version() const;

  const std::filesystem::path& file() const { return file_; }

 private:
  void open(std::chrono::milliseconds patience);
  void create_schema();
  void check_schema() const;

  std::filesystem::path file_;
  Mode mode_;
  bool immutable_ = false;  ///< on a medium that cannot be written
  std::unique_ptr<Database> db_;
};

}  // namespace facerec
