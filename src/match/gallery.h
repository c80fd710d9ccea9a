#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../face.h"

struct sqlite3;

namespace facerec {

struct Person {
  std::int64_t id = 0;
  std::string name;
  int template_count = 0;
};

/// One enrolled face: an embedding and where it came from.
struct Template {
  std::int64_t id = 0;
  std::int64_t person_id = 0;
  Embedding embedding;
  std::string source;  ///< file or URI
  Quality quality;
  std::int64_t time = 0;  ///< seconds since 1970-01-01 UTC
};

/// People and their templates in one SQLite file (WAL, mode 0600). One gallery holds templates of
/// one model; one of another is refused with both names. Every call may throw Error: Busy where
/// another process holds the file longer than two seconds, Read where it is no gallery, Write.
class Gallery {
 public:
  enum class Mode { ReadOnly, ReadWrite, Create };

  Gallery(const std::filesystem::path& file, Mode mode);
  ~Gallery();
  Gallery(const Gallery&) = delete;
  Gallery& operator=(const Gallery&) = delete;

  /// Adds a template, and the person where the name is new. All or nothing. Returns the person's
  /// id. Throws Error (Mismatch) where the gallery's templates are of another model.
  std::int64_t enroll(const std::string& name, const Template& entry);

  /// Removes a person with all templates. Throws Error (NotFound) where nobody has that name.
  void remove(const std::string& name);

  std::vector<Person> people() const;
  std::vector<Template> templates() const;

  /// Model name and fingerprint of the templates; empty strings in an empty gallery.
  std::pair<std::string, std::string> model() const;

  /// Changes when another connection has committed (SQLite's data_version); for polling.
  std::int64_t version() const;

 private:
  std::filesystem::path file_;
  sqlite3* db_ = nullptr;
};

}  // namespace facerec
