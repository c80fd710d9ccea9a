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

#include "../model/profile.h"
#include "../store/gallery_store.h"
#include "calibration.h"
#include "metric.h"

namespace facerec {

/// How embeddings are made that may be compared with those of a gallery.
struct ModelFacts {
  Profile profile;       ///< with the template that was used; its thresholds hold for the gallery
  std::string location;  ///< as find_model() takes it: a name or an absolute path
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

/// People and their templates: what may be enrolled, and what a store keeps of it. One gallery
/// holds templates of one model; one of another is refused with both names. Every call may throw
/// Error as GalleryStore says. Not for two threads at once: each opens its own.
class Gallery {
 public:
  using Mode = StoreMode;

  /// `name` is a path or a URI: see gallery_name(). Once `stop`, which may be null and outlives the
  /// object, is true, every call throws Error (Busy). A gallery of an older format is brought to
  /// the newest unless it is opened ReadOnly. Throws Error as open_store() does.
  Gallery(const std::string& name, Mode mode,
          std::chrono::milliseconds patience = std::chrono::seconds(2),
          const std::atomic<bool>* stop = nullptr)
      : store_(open_store(name, {mode, patience, stop})) {}

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
  void enroll(const std::vector<Enrolment>& people, const ModelFacts* facts = nullptr) {
    add(people, facts);
  }

  /// Removes a person with all templates, which are overwritten in a file. Throws Error
  /// (NotFound) where nobody has a name that reads so.
  void remove(const std::string& name);

  /// Sorted by name.
  std::vector<Person> people() const;
  std::vector<Template> templates() const;

  /// Everything that `read` reads of the gallery is as it stood at one moment.
  void at_one_moment(const std::function<void()>& read) const { store_->at_one_moment(read); }

  /// Calls `visit` with every person, or those of these ids where that is not null, in the order of
  /// their ids; some may have no template.
  void visit_people(const std::function<void(std::int64_t id, const std::string& name)>& visit,
                    const std::vector<std::int64_t>* of_people = nullptr) const {
    store_->visit_people(visit, of_people);
  }

  /// Calls `visit` with the values of all templates, or of those of these people, in the order of
  /// enrolment.
  void visit_embeddings(const std::function<void(std::int64_t id, std::int64_t person_id,
                                                 const std::vector<float>& values)>& visit,
                        const std::vector<std::int64_t>* of_people = nullptr) const {
    store_->visit_embeddings(visit, of_people);
  }

  /// Empty where there is nobody of that id.
  std::optional<std::string> name_of(std::int64_t person_id) const;

  /// Of now.
  GalleryPosition position() const { return store_->position(); }

  /// The ids of the people who were enrolled, got templates or were removed since; empty where the
  /// log does not reach back so far or is that of another file.
  std::optional<std::vector<std::int64_t>> changed_since(const GalleryPosition& position) const {
    return store_->changed_since(position);
  }

  /// Calls `visit` with every template and its person's name, in the order of enrolment, as the
  /// gallery stands at one moment, with one template in memory at a time.
  void visit(const std::function<void(const std::string& name, const Template&)>& visit) const {
    store_->visit(visit);
  }

  /// The nearest people by the store's own search, nearest first; empty where it has none for that
  /// metric.
  std::optional<std::vector<StoredNeighbour>> nearest(const std::vector<float>& probe,
                                                      Metric metric, int people) const {
    return store_->nearest(probe, to_string(metric), people);
  }

  /// The model of the templates; empty strings in an empty gallery.
  ModelId model() const;

  /// Of the model of the templates. Where the gallery does not hold them, as older formats do not,
  /// from the profile of that name in the search path; empty where there is none.
  std::optional<ModelFacts> facts() const;

  /// Sets the calibration for a metric, in place of an earlier one. It goes with the last template.
  /// Throws Error (Settings) where the gallery is empty.
  void calibrate(Metric metric, const GalleryCalibration& calibration);
  std::optional<GalleryCalibration> calibration(Metric metric) const;

  /// What messages call it: a path, or a URI without its password.
  const std::string& name() const { return store_->name(); }

 private:
  std::vector<std::int64_t> add(const std::vector<Enrolment>& people, const ModelFacts* facts);

  std::unique_ptr<GalleryStore> store_;
};

}  // namespace facerec
