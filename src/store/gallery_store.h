// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../face.h"

namespace facerec {

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

/// One enrolled face: an embedding and where it came from.
struct Template {
  std::int64_t id = 0;
  std::int64_t person_id = 0;
  Embedding embedding;
  std::string source;  ///< file or URI
  Quality quality;
  std::int64_t time = 0;  ///< seconds since 1970-01-01 UTC
};

/// Where the gallery's log of changes ends.
struct GalleryPosition {
  std::int64_t sequence = 0;  ///< of the last change; 0 where there is no log
  std::int64_t mark = 0;      ///< drawn for each change
  bool operator==(const GalleryPosition& other) const {
    return sequence == other.sequence && mark == other.mark;
  }
};

/// The model of a gallery's templates as a store keeps it.
struct StoredModel {
  ModelId id;
  int dimension = 0;
  bool unit_length = false;
  std::string location;  ///< see ModelFacts; empty where an older format does not have it
  std::string profile;   ///< JSON; empty as well
};

struct StoredCalibration {
  double false_accept_rate = 0;
  double threshold = 0;
  std::string curve;  ///< see to_json(Calibration)
};

/// Somebody to be enrolled.
struct StoredPerson {
  std::string name;  ///< see shown_name()
  std::string key;   ///< see name_key()
  std::vector<Template> templates;
};

/// Somebody near a probe: the distance of the nearest template.
struct StoredNeighbour {
  std::int64_t person_id = 0;
  double distance = 0;
};

enum class StoreMode {
  ReadOnly,
  ReadWrite,
  Create,  ///< as ReadWrite, and makes the gallery where there is none
};

/// How a store is opened.
struct StoreOptions {
  StoreMode mode = StoreMode::ReadOnly;
  /// How long it waits for whoever holds the gallery, or for a server's answer.
  std::chrono::milliseconds patience = std::chrono::seconds(2);
  /// Once true, every call throws Error (Busy). May be null, outlives the store.
  const std::atomic<bool>* stop = nullptr;
};

/// Where a gallery's people and templates are kept. Gallery decides what may be kept; a store keeps
/// it: what a call that changes something has returned from is not lost when the program, the
/// machine or the server goes down, and of one that was cut short there is all or nothing.
///
/// Every call may throw Error: Busy where the gallery is held or the server does not answer in
/// time, Read where what is there is no gallery or damaged, Write. Not for two threads at once:
/// each opens its own. Programs may change one gallery at the same time.
class GalleryStore {
 public:
  virtual ~GalleryStore() = default;

  /// What messages call it: a path, or a URI without its password.
  virtual const std::string& name() const = 0;

  /// The model of the templates; empty where there are none.
  virtual std::optional<StoredModel> model() const = 0;

  /// Adds people whose key is new and the templates; returns their ids in the order of `people`.
  /// The gallery takes `model`, null where there are no templates, if it has none, else calls
  /// require_model(); location and profile of that are kept unless empty.
  virtual std::vector<std::int64_t> enroll(const std::vector<StoredPerson>& people,
                                           const StoredModel* model) = 0;

  /// Removes a person with all templates; with the last template model and calibrations go. False
  /// where nobody has that key.
  virtual bool remove(const std::string& key) = 0;

  virtual void calibrate(const std::string& metric, const StoredCalibration& calibration) = 0;
  virtual std::optional<StoredCalibration> calibration(const std::string& metric) const = 0;

  /// What `read` reads is as it stood at one moment.
  virtual void at_one_moment(const std::function<void()>& read) const = 0;

  virtual std::vector<Person> people() const = 0;

  /// All, or those of these ids where that is not null, in the order of ids; some may have no
  /// template.
  virtual void visit_people(
      const std::function<void(std::int64_t id, const std::string& name)>& visit,
      const std::vector<std::int64_t>* of_people) const = 0;

  /// The values of all templates, or of those of these people, in the order of ids.
  virtual void visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                         const std::vector<float>& values)>& visit,
                                const std::vector<std::int64_t>* of_people) const = 0;

  /// All of all templates, in the order of ids, as they stood at one moment.
  virtual void visit(
      const std::function<void(const std::string& name, const Template&)>& visit) const = 0;

  virtual GalleryPosition position() const = 0;
  /// See Gallery::changed_since().
  virtual std::optional<std::vector<std::int64_t>> changed_since(
      const GalleryPosition& position) const = 0;

  /// The nearest people by the store's own search, nearest first; empty where it has none for that
  /// metric, which it says of no `people` too.
  virtual std::optional<std::vector<StoredNeighbour>> nearest(const std::vector<float>& /*probe*/,
                                                              const std::string& /*metric*/,
                                                              int /*people*/) const {
    return std::nullopt;
  }
};

/// Notices from outside that a gallery has changed. Not for two threads at once.
class GalleryPulse {
 public:
  virtual ~GalleryPulse() = default;
  /// Differs once somebody has changed the gallery. Cheap. A server that does not answer gives what
  /// it gave before.
  virtual std::string now() = 0;
};

/// The store of a gallery, by its name: see gallery_name(). Throws Error (NotFound) where there is
/// none and none is to be made, (Settings) for a scheme that this build does not have.
std::unique_ptr<GalleryStore> open_store(const std::string& name, const StoreOptions& options);
std::unique_ptr<GalleryPulse> open_pulse(const std::string& name);

/// False where there is nothing of that name; true also where it cannot be opened.
bool gallery_exists(const std::string& name);

/// Throws Error (Mismatch) that names both models and the remedy where `wanted` is not the model
/// of the gallery's templates. An empty gallery takes any.
void require_same_model(const ModelId& wanted, const ModelId& of_gallery,
                        const std::string& gallery);
/// The same, and where the number of values differs.
void require_model(const StoredModel& wanted, const StoredModel& held, const std::string& gallery);

/// Throws Error (Mismatch) with the remedy where a probe has another number of values.
void require_dimension(std::size_t probe, std::size_t of_gallery, const std::string& gallery);

/// Changes that a gallery's log remembers; who missed more reads everything anew.
constexpr int most_logged = 100'000;

/// Throw Error (Read) where what was read of a gallery is no person's name, and no model's name or
/// fingerprint.
void require_name(const std::string& name, const std::string& gallery);
void require_sound(const StoredModel& model, const std::string& gallery);

/// Throws Error (Read) that says so and the remedy.
[[noreturn]] void fail_damaged(const std::string& gallery, const std::string& how = "");
[[noreturn]] void fail_template(const std::string& gallery, std::int64_t id,
                                const std::string& how);

/// "(1,2,3)", as SQL lists what is IN; "(NULL)" for nothing.
std::string sql_list(const std::vector<std::int64_t>& ids);

/// Embeddings as bytes: little-endian IEEE 754 single precision.
std::string to_blob(const std::vector<float>& values);
/// `values` as long as `dimension` says; of template `id`. Throws Error (Read) where the bytes are
/// not as many, or a value is not finite.
void from_blob(const void* bytes, std::size_t size, std::int64_t dimension, std::int64_t id,
               const std::string& gallery, std::vector<float>& values);

}  // namespace facerec
