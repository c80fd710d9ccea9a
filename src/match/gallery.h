// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../face.h"
#include "../model/profile.h"
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

/// How embeddings are made that may be compared with those of a gallery.
struct ModelFacts {
  Profile profile;       ///< with the template that was used; its thresholds hold for the gallery
  std::string location;  ///< as find_model() takes it: a name or an absolute path
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

/// Templates that are enrolled under a name.
struct Enrolment {
  std::string name;
  std::vector<Template> templates;
};

/// A threshold set for a false accept rate, and what the rate of any distance is.
struct GalleryCalibration {
  double false_accept_rate = 0;  ///< that was aimed at, for one comparison of two faces
  double threshold = 0;          ///< distances up to it are accepted
  Calibration curve;
};

/// Where the gallery's log of changes ends.
struct GalleryPosition {
  std::int64_t sequence = 0;  ///< of the last change; 0 in an older format, which has no log
  std::int64_t mark = 0;      ///< drawn for each change
  bool operator==(const GalleryPosition& other) const {
    return sequence == other.sequence && mark == other.mark;
  }
};

/// The file that somebody means by `name`: an absolute path. `name` is a path or a URI
/// file:///PATH with escapes. Throws Error (Settings) for what means no file: an empty name,
/// SQLite's ":memory:", another scheme, a URI of another host or with a query, a wrong escape.
std::filesystem::path gallery_file(const std::string& name);

/// People and their templates in one SQLite file (WAL; mode 0600 where it is made here). One
/// gallery holds templates of one model; one of another is refused with both names. Every call may
/// throw Error: Busy where another process holds the file longer than `patience`, Read where it is
/// no gallery or was made to do harm, Write. Not for two threads at once: each opens its own.
class Gallery {
 public:
  enum class Mode {
    ReadOnly,
    ReadWrite,
    Create,  ///< as ReadWrite, and makes the file where there is none
  };

  /// `name` as gallery_file() takes it. Once `stop`, which may be null and outlives the object, is
  /// true, every call throws Error (Busy). A gallery of an older format is brought to the newest
  /// unless it is opened ReadOnly. Throws Error (Read) where the name leads to a folder, a device,
  /// a pipe or a socket.
  Gallery(const std::string& name, Mode mode,
          std::chrono::milliseconds patience = std::chrono::seconds(2),
          const std::atomic<bool>* stop = nullptr);
  ~Gallery();
  Gallery(const Gallery&) = delete;
  Gallery& operator=(const Gallery&) = delete;

  /// Adds templates, and the person where the name is new; names that read alike are one person
  /// (see name_key()). All or nothing. Returns the person's id. `facts`, where given, are kept for
  /// facts(). Throws Error (Mismatch) where the gallery's templates are of another model,
  /// (Settings) where the name is empty or no UTF-8 of one line or an embedding is empty or not
  /// finite. `id` and `person_id` of the entries are not read.
  std::int64_t enroll(const std::string& name, const std::vector<Template>& entries,
                      const ModelFacts* facts = nullptr);
  std::int64_t enroll(const std::string& name, const Template& entry) {
    return enroll(name, std::vector<Template>{entry});
  }

  /// Many people at once, all or nobody, which takes a hundredth of the time of one after the
  /// other. Throws as enroll() of one does.
  void enroll(const std::vector<Enrolment>& people, const ModelFacts* facts = nullptr);

  /// Removes a person with all templates, which are overwritten in the file. Throws Error
  /// (NotFound) where nobody has a name that reads so.
  void remove(const std::string& name);

  /// Sorted by name.
  std::vector<Person> people() const;
  std::vector<Template> templates() const;

  /// Everything that `read` reads of the gallery is as it stood at one moment.
  void at_one_moment(const std::function<void()>& read) const;

  /// Calls `visit` with every person in the order of their ids; some may have no template.
  void visit_people(
      const std::function<void(std::int64_t id, const std::string& name)>& visit) const;

  /// Calls `visit` with the values of all templates, or of those of one person, in the order of
  /// enrolment.
  void visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                 const std::vector<float>& values)>& visit,
                        std::optional<std::int64_t> of_person = std::nullopt) const;

  /// Empty where there is nobody of that id.
  std::optional<std::string> name_of(std::int64_t person_id) const;

  /// Of now.
  GalleryPosition position() const;

  /// The ids of the people who were enrolled, got templates or were removed since; empty where the
  /// log does not reach back so far or is that of another file.
  std::optional<std::vector<std::int64_t>> changed_since(const GalleryPosition& position) const;

  /// Calls `visit` with every template and its person's name, in the order of enrolment, as the
  /// gallery stands at one moment, with one template in memory at a time.
  void visit(const std::function<void(const std::string& name, const Template&)>& visit) const;

  /// The model of the templates; empty strings in an empty gallery.
  ModelId model() const;

  /// Of the model of the templates. Where the gallery does not hold them, as older formats do not,
  /// from the profile of that name in the search path; empty where there is none.
  std::optional<ModelFacts> facts() const;

  /// Sets the calibration for a metric, in place of an earlier one. It goes with the last template.
  /// Throws Error (Settings) where the gallery is empty.
  void calibrate(Metric metric, const GalleryCalibration& calibration);
  std::optional<GalleryCalibration> calibration(Metric metric) const;

  const std::filesystem::path& file() const { return file_; }

 private:
  /// Within a transaction.
  std::int64_t add(const std::string& name, const std::vector<Template>& entries);
  void add_model(const Embedding& embedding);
  void keep(const ModelFacts* facts);
  Profile profile_of_model(const std::string& json) const;
  void add_template(std::int64_t person_id, const Template& entry);
  /// Within a transaction; 0 = of nobody alone.
  void log_change(std::int64_t person_id);
  void open(std::chrono::milliseconds patience, const std::atomic<bool>* stop);

  std::filesystem::path file_;
  Mode mode_;
  std::int64_t format_ = 0;
  std::unique_ptr<Database> db_;
};

}  // namespace facerec
