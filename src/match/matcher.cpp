// SPDX-License-Identifier: LGPL-2.1-or-later

#include "matcher.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "../error.h"

namespace facerec {

namespace {

/// How many templates of a person are compared with each other.
constexpr std::size_t most_measured = 50;
/// Changes that a matcher remembers.
constexpr std::size_t most_changes = 256;
/// Of a distance: spreads that differ by less are one.
constexpr double spread_step = 1e-3;

std::int64_t next_load() {
  static std::atomic<std::int64_t> last = 0;
  return ++last;
}

}  // namespace

bool operator==(const GallerySize& a, const GallerySize& b) {
  return a.people == b.people &&
         std::equal(a.several.begin(), a.several.end(), b.several.begin(), b.several.end(),
                    [](const GallerySize::Several& one, const GallerySize::Several& other) {
                      return one.templates == other.templates && one.people == other.people &&
                             (one.spread == other.spread ||
                              (std::isnan(one.spread) && std::isnan(other.spread)));
                    });
}

Matcher::Matcher(const Gallery& gallery, Metric metric) : metric_(metric), load_(next_load()) {
  gallery.at_one_moment([&] {
    facts_ = read_facts(gallery, metric_);
    gallery.visit_people([&](std::int64_t id, const std::string& name) {
      people_.push_back({id, name, {}});
    });
    std::size_t person = 0;
    gallery.visit_embeddings(
        [&](std::int64_t template_id, std::int64_t id, const std::vector<float>& values) {
          if (person >= people_.size() || people_[person].id != id) person = place_of(id);
          if (person >= people_.size() || people_[person].id != id) {
            fail_damaged(facts_.name, "a template is of nobody");
          }
          add_row(person, template_id, values);
        });
  });
  for (std::size_t person = 0; person < people_.size(); ++person) count(people_[person], 1);
  sum_up();
}

Matcher::Matcher(GalleryFacts facts, const EnrolledPeople& people, Metric metric,
                 const GallerySize* whole)
    : metric_(metric), facts_(std::move(facts)), load_(next_load()) {
  for (const auto& [id, person] : people) {
    people_.push_back({id, person.name, {}});
    const std::size_t place = people_.size() - 1;
    for (const auto& [template_id, values] : person.templates) add_row(place, template_id, values);
    count(people_[place], 1);
  }
  sum_up();
  if (whole) size_ = *whole;
}

void Matcher::come_after(const Matcher& earlier, const std::vector<std::int64_t>& changed) {
  load_ = earlier.load_;
  version_ = earlier.version_;
  first_version_ = earlier.first_version_;
  changes_ = earlier.changes_;
  const bool same = facts_.position == earlier.facts_.position && size_ == earlier.size_;
  if (same && changed.empty()) return;
  ++version_;
  for (const std::int64_t id : changed) changes_.emplace_back(version_, id);
  forget_old_changes();
}

std::shared_ptr<const Matcher> Matcher::follow(const std::shared_ptr<const Matcher>& earlier,
                                               const Gallery& gallery, Metric metric) {
  if (earlier && earlier->metric_ == metric && earlier->facts_.name == gallery.name()) {
    const GalleryPosition position = gallery.position();
    if (position.sequence > 0 && position == earlier->facts_.position) return earlier;
    auto next = std::make_shared<Matcher>(*earlier);
    if (next->follow(gallery)) return next;
  }
  return std::make_shared<const Matcher>(gallery, metric);
}

bool Matcher::follow(const Gallery& gallery) {
  const GalleryPosition before = facts_.position;
  const std::string fingerprint = facts_.model.fingerprint;
  bool told = false;
  gallery.at_one_moment([&] {
    const auto changed = gallery.changed_since(before);
    if (!changed || changed->size() > most_changes) return;
    facts_ = read_facts(gallery, metric_);
    if (facts_.model.fingerprint != fingerprint) return;
    ++version_;
    told = std::all_of(changed->begin(), changed->end(),
                       [&](std::int64_t id) { return replace(gallery, id); });
  });
  if (!told) return false;
  forget_old_changes();
  sum_up();
  return true;
}

void Matcher::forget_old_changes() {
  while (changes_.size() > most_changes) {
    first_version_ = changes_.front().first;
    changes_.erase(changes_.begin());
  }
}

bool Matcher::replace(const Gallery& gallery, std::int64_t person_id) {
  const EnrolledPeople read = read_people(gallery, {person_id});
  std::size_t person = place_of(person_id);
  if (person < people_.size() && people_[person].id != person_id) {
    return read.empty();  // SQLite never gives an id twice, and so ids only grow
  }
  if (person == people_.size()) {
    if (read.empty()) return true;
    people_.push_back({person_id, {}, {}});
  }
  changes_.emplace_back(version_, person_id);
  Owner& owner = people_.edit(person);
  count(owner, -1);
  for (const int row : owner.rows) {
    vectors_.remove(row);
    if (index_) index_->remove(row);
  }
  owner.rows.clear();
  owner.name.clear();
  for (const auto& [read_id, found] : read) {
    owner.name = found.name;
    for (const auto& [id, values] : found.templates) add_row(person, id, values);
  }
  count(people_[person], 1);
  return true;
}

std::size_t Matcher::place_of(std::int64_t person_id) const {
  std::size_t low = 0, high = people_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    people_[middle].id < person_id ? low = middle + 1 : high = middle;
  }
  return low;
}

const Matcher::Owner* Matcher::find(std::int64_t person_id) const {
  const std::size_t place = place_of(person_id);
  return place < people_.size() && people_[place].id == person_id ? &people_[place] : nullptr;
}

bool Matcher::has(std::int64_t person_id) const {
  const Owner* person = find(person_id);
  return person != nullptr && !person->rows.empty();
}

void Matcher::add_row(std::size_t person, std::int64_t id, const std::vector<float>& values) {
  if (vectors_.dimension() == 0) vectors_ = TemplateVectors(static_cast<int>(values.size()));
  const int row = vectors_.add(scaled(values, metric_).data(), static_cast<int>(person), id);
  people_.edit(person).rows.push_back(row);
  if (index_ && !put_into(*index_, row)) {
    index_.reset();
    search_ = {};
  }
}

double Matcher::spread_of(const Owner& person) const {
  const std::vector<int>& rows = person.rows;
  double sum = 0;
  int pairs = 0;
  const std::size_t stride = (rows.size() + most_measured - 1) / most_measured;
  for (std::size_t i = 0; i < rows.size(); i += stride) {
    for (std::size_t j = 0; j < i; j += stride, ++pairs) {
      sum += distance_of_squared(vectors_.squared_distance(rows[i], rows[j]), metric_);
    }
  }
  return sum / pairs;
}

void Matcher::count(const Owner& person, int sign) {
  if (person.rows.empty()) return;
  person_count_ += sign;
  if (person.rows.size() < 2) return;
  const double spread = spread_of(person);
  const long step = std::isnan(spread) ? -1 : std::lround(spread / spread_step);
  const std::pair key(static_cast<int>(person.rows.size()), step);
  Group& group = groups_[key];
  group.people += sign;
  group.spreads += sign * spread;
  if (group.people == 0) groups_.erase(key);
}

void Matcher::sum_up() {
  size_ = {person_count_, {}};
  for (const auto& [key, group] : groups_) {
    size_.several.push_back({key.first, group.spreads / group.people, group.people});
  }
}

std::optional<std::vector<std::int64_t>> Matcher::changed_since(const Matcher& earlier) const {
  if (earlier.load_ != load_ || earlier.version_ < first_version_ || earlier.version_ > version_) {
    return std::nullopt;
  }
  std::vector<std::int64_t> people;
  for (const auto& [version, person] : changes_) {
    if (version > earlier.version_) people.push_back(person);
  }
  return people;
}

void Matcher::require_comparable(const Embedding& probe) const {
  require_same_model({probe.model, probe.fingerprint}, facts_.model, facts_.name);
  require_dimension(probe.values.size(), vectors_.dimension(), facts_.name);
}

Candidate Matcher::candidate(const Owner& person, double squared) const {
  return {person.id, person.name, distance_of_squared(squared, metric_)};
}

std::optional<Candidate> Matcher::compare(const Embedding& probe, std::int64_t person_id) const {
  const Owner* person = find(person_id);
  if (person == nullptr) return std::nullopt;
  require_comparable(probe);
  const std::vector<float> values = scaled(probe.values, metric_);
  double best = std::numeric_limits<double>::infinity();
  for (const int row : person->rows) {
    const double squared = vectors_.squared_distance(row, values.data());
    if (squared < best) best = squared;  // false for NaN
  }
  if (std::isinf(best)) return std::nullopt;
  return candidate(*person, best);
}

std::vector<Candidate> Matcher::nearest(const Embedding& probe, int top_k, double reach) const {
  return nearest(std::vector<const Embedding*>{&probe}, top_k, reach).front();
}

std::vector<std::vector<Candidate>> Matcher::nearest(const std::vector<const Embedding*>& probes,
                                                     int top_k, double reach) const {
  std::vector<std::vector<Candidate>> result(probes.size());
  if (template_count() == 0 || top_k <= 0) return result;
  const auto most = static_cast<std::size_t>(top_k);
  const auto take = [&](std::size_t probe, const std::vector<TemplateVectors::Near>& near) {
    for (const TemplateVectors::Near& found : near) {
      result[probe].push_back(candidate(people_[found.owner], found.squared));
    }
  };
  std::vector<std::vector<float>> scaled_probes;
  for (const Embedding* probe : probes) {
    require_comparable(*probe);
    scaled_probes.push_back(scaled(probe->values, metric_));
  }
  if (step_for(reach) != search_.reaches.end()) {
    cv::parallel_for_({0, static_cast<int>(probes.size())}, [&](const cv::Range& range) {
      for (int i = range.start; i < range.end; ++i) {
        const std::vector<float>& probe = scaled_probes[i];
        if (is_finite(probe)) take(i, near_by_index(probe.data(), most, reach));
      }
    });
  }
  std::vector<float> values;  // of those that are compared with everybody
  std::vector<std::size_t> compared;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const std::vector<float>& probe = scaled_probes[i];
    if (!result[i].empty() || !is_finite(probe)) continue;
    values.insert(values.end(), probe.begin(), probe.end());
    compared.push_back(i);
  }
  if (compared.empty()) return result;
  const auto near = vectors_.nearest(values, most);
  for (std::size_t i = 0; i < compared.size(); ++i) take(compared[i], near[i]);
  return result;
}

}  // namespace facerec
