// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_copy.h"

#include <set>
#include <unordered_map>

#include "../error.h"
#include "../model/digest.h"
#include "../store/person_name.h"

namespace facerec {

namespace {

/// Templates that are enrolled at once.
constexpr std::size_t at_once = 5000;

/// Equal for equal templates of one person.
std::string digest_of(const std::string& name, const Template& entry) {
  std::string all = name_key(name);
  all.append(1, '\0').append(entry.source).append(1, '\0').append(std::to_string(entry.time));
  return sha256(all.append(1, '\0').append(to_blob(entry.embedding.values)));
}

std::unordered_map<std::string, int> digests_of(const Gallery& gallery) {
  std::unordered_map<std::string, int> digests;
  gallery.visit(
      [&](const std::string& name, const Template& entry) { ++digests[digest_of(name, entry)]; });
  return digests;
}

/// Collects templates and enrolls them in the order in which they came.
class Enroller {
 public:
  Enroller(Gallery& to, const std::optional<ModelFacts>& facts) : to_(to), facts_(facts) {}

  void add(const std::string& name, const Template& entry) {
    if (people_.empty() || people_.back().name != name) people_.push_back({name, {}});
    people_.back().templates.push_back(entry);
    if (++waiting_ == at_once) enroll();
  }
  void add(const std::string& name) { people_.push_back({name, {}}); }

  void enroll() {
    if (!people_.empty()) to_.enroll(people_, facts_ ? &*facts_ : nullptr);
    people_.clear();
    waiting_ = 0;
  }

 private:
  Gallery& to_;
  const std::optional<ModelFacts>& facts_;
  std::vector<Enrolment> people_;
  std::size_t waiting_ = 0;
};

}  // namespace

GalleryCopy copy_gallery(const Gallery& from, Gallery& to,
                         const std::function<void(std::size_t done, std::size_t all)>& progress) {
  if (from.name() == to.name()) {
    throw Error(ErrorCode::Settings,
                "gallery '" + from.name() + "' cannot be copied to itself; name another one");
  }
  require_same_model(from.model(), to.model(), to.name());
  std::unordered_map<std::string, int> present = digests_of(to);
  std::set<std::string> known;
  to.visit_people([&](std::int64_t, const std::string& name) { known.insert(name_key(name)); });

  GalleryCopy result;
  from.at_one_moment([&] {
    const auto facts = from.facts();
    const std::vector<Person> people = from.people();
    std::size_t all = 0;
    for (const Person& person : people) all += person.template_count;
    Enroller enroller(to, facts);
    from.visit([&](const std::string& name, const Template& entry) {
      const auto there = present.find(digest_of(name, entry));
      const bool is_there = there != present.end() && there->second-- > 0;
      if (!is_there) enroller.add(name, entry);
      ++(is_there ? result.present : result.copied);
      if (progress) progress(result.present + result.copied, all);
    });
    for (const Person& person : people) {
      if (person.template_count == 0 && known.count(name_key(person.name)) == 0) {
        enroller.add(person.name);
      }
    }
    enroller.enroll();
    for (const Metric metric : {Metric::Cosine, Metric::Euclidean, Metric::EuclideanL2}) {
      const auto calibration = from.calibration(metric);
      if (calibration && !to.calibration(metric)) to.calibrate(metric, *calibration);
    }
  });
  return result;
}

}  // namespace facerec
