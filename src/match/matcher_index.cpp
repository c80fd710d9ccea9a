// SPDX-License-Identifier: LGPL-2.1-or-later

// How a matcher searches by an index.

#include <algorithm>
#include <cmath>
#include <sstream>
#include <unordered_map>

#include "../error.h"
#include "matcher.h"
#include "recall_probes.h"

namespace facerec {

namespace {

/// Of vectors that an index has room for, of those that there are: who comes later is added.
constexpr double room = 1.3;
constexpr int least_room = 10'000;
/// Share of templates that a saved index may lack or have too many before it is built anew.
constexpr double most_stale = 0.2;

/// With more comparing with everybody is as fast: of a million 3 ms a face of a frame of twenty.
constexpr std::size_t least_effort = 64, most_effort = 1100;
/// Templates for each candidate of a search: with fewer, comparing with everybody is faster.
constexpr std::size_t least_part = 4;
/// Of the nearest people so many have to be found: the second tells how clear the first is.
constexpr std::size_t people_found = 2;
/// People by whom probes are drawn that are like them.
constexpr std::size_t sample_size = 150;

/// What a share of which a sample was right is but for luck: as if it had one mistake more, less
/// the standard error.
double share_but_for_luck(std::size_t right, std::size_t sample) {
  const auto count = static_cast<double>(sample);
  const double share = (static_cast<double>(right) - 1) / count;
  return share - std::sqrt(share * (1 - share) / count);
}

std::size_t capacity_for(int templates) {
  return static_cast<std::size_t>(templates * room) + least_room;
}

}  // namespace

bool Matcher::put_into(Index& index, int row) const {
  if (!vectors_.is_searched(row)) return true;
  std::vector<float> values(vectors_.dimension());
  vectors_.copy(row, values.data());
  return index.add(row, values.data());
}

std::shared_ptr<Index> Matcher::build_index(const std::string& kind,
                                            const std::atomic<bool>& stop) const {
  std::shared_ptr<Index> index =
      make_index(kind, vectors_.dimension(), capacity_for(vectors_.count()));
  std::vector<int> rows;
  for (int row = 0; row < vectors_.rows(); ++row) {
    if (vectors_.is_searched(row)) rows.push_back(row);
  }
  index->fill(
      rows, [this](int row, float* values) { vectors_.copy(row, values); }, stop);
  return stop ? nullptr : index;
}

std::string Matcher::links_of(const Index& index) const {
  // It may be ahead of this one.
  return index.links([this](int row) { return row < vectors_.rows() ? vectors_.id(row) : -1; });
}

std::shared_ptr<Index> Matcher::load_index(const std::string& kind, std::string_view links,
                                           const std::atomic<bool>& stop) const {
  std::unordered_map<std::int64_t, int> missing;  // rows by the ids of their templates
  for (int row = 0; row < vectors_.rows(); ++row) {
    if (vectors_.is_searched(row)) missing.emplace(vectors_.id(row), row);
  }
  int gone = 0;
  const auto label = [&](std::int64_t id) {
    const auto found = missing.find(id);
    if (found == missing.end()) {
      ++gone;
      return -1;
    }
    const int row = found->second;
    missing.erase(found);
    return row;
  };
  const auto copy = [this](int row, float* values) { vectors_.copy(row, values); };
  std::shared_ptr<Index> index =
      make_index(kind, vectors_.dimension(), capacity_for(vectors_.count()), links, {label, copy});
  bool fits = gone + static_cast<double>(missing.size()) <= most_stale * vectors_.count();
  for (auto one = missing.begin(); fits && one != missing.end(); ++one) {
    if (stop) return nullptr;
    fits = put_into(*index, one->second);
  }
  if (!fits) throw Error(ErrorCode::Read, "too much has changed since it was saved");
  return index;
}

std::shared_ptr<const Matcher> Matcher::with_index(const std::shared_ptr<Index>& index,
                                                   const std::string& kind,
                                                   double min_recall) const {
  auto result = std::make_shared<Matcher>(*this);
  result->index_ = index;
  result->measure(kind, min_recall);
  return result;
}

std::shared_ptr<const Matcher> Matcher::searched_like(const Matcher& earlier) const {
  const auto changed = changed_since(earlier);
  if (!changed) return nullptr;
  const std::shared_ptr<Index>& index = earlier.index_;
  if (index && index != index_) {
    for (const std::int64_t id : *changed) {
      const Owner* before = earlier.find(id);
      for (const int row : before ? before->rows : std::vector<int>()) index->remove(row);
      const Owner* now = find(id);
      for (const int row : now ? now->rows : std::vector<int>()) {
        if (!put_into(*index, row)) return nullptr;
      }
    }
  }

  auto result = std::make_shared<Matcher>(*this);
  result->index_ = index;
  result->search_ = earlier.search_;
  return result;
}

void Matcher::measure(const std::string& kind, double min_recall) {
  const std::vector<std::vector<float>> probes = recall_probes(some_people(), metric_);
  std::vector<float> values;
  for (const auto& probe : probes) values.insert(values.end(), probe.begin(), probe.end());
  const auto nearest = vectors_.nearest(values, people_found);

  const std::size_t most =
      std::min(most_effort, static_cast<std::size_t>(vectors_.count()) / least_part);
  search_ = {kind, {}, vectors_.count(), {}};
  double reached = 0;
  std::vector<std::vector<Found>> found(probes.size());
  for (std::size_t effort = least_effort; effort <= most && reached < any_distance;
       effort += effort / 2) {
    // What little effort finds more does, too.
    for (std::size_t i = 0; i < probes.size(); ++i) {
      if (effort == least_effort || !all_right(found[i]))
        found[i] = find(probes[i], nearest[i], effort);
    }
    const double distance = reach_of(found, min_recall);
    if (distance > reached) search_.reaches.push_back({effort, distance});
    reached = std::max(reached, distance);
  }
  if (!search_.reaches.empty()) return;
  index_.reset();
  search_.index = "exact";
  if (most < least_effort) return;
  search_.caution = "the index " + kind + " finds fewer of the nearest people in gallery '" +
                    facts_.name + "' than min-recall asks for, so that everybody is compared";
}

std::vector<Reach>::const_iterator Matcher::step_for(double distance) const {
  return std::find_if(search_.reaches.begin(), search_.reaches.end(),
                      [&](const Reach& step) { return !(step.distance < distance); });
}

double Matcher::reach_for(double distance) const {
  const auto step = step_for(distance);
  return step == search_.reaches.end() ? any_distance : step->distance;
}

std::string Matcher::search_caution(double reach) const {
  if (!index_ || step_for(reach) != search_.reaches.end()) return search_.caution;
  std::ostringstream text;
  text << "the index " << search_.index << " finds as many of the people in gallery '"
       << facts_.name << "' as min-recall asks for only up to the distance "
       << search_.reaches.back().distance << ", and verdicts depend on those up to " << reach
       << ", so that everybody is compared";
  return text.str();
}

std::vector<std::vector<std::vector<float>>> Matcher::some_people() const {
  std::vector<std::vector<std::vector<float>>> people;
  const std::size_t step = std::max<std::size_t>(1, people_.size() / sample_size);
  for (std::size_t person = 0; person < people_.size(); person += step) {
    std::vector<std::vector<float>> templates;
    for (const int row : people_[person].rows) {
      if (!vectors_.is_searched(row)) continue;
      templates.emplace_back(vectors_.dimension());
      vectors_.copy(row, templates.back().data());
    }
    if (!templates.empty()) people.push_back(std::move(templates));
  }
  return people;
}

std::vector<Matcher::Found> Matcher::find(const std::vector<float>& probe,
                                          const std::vector<TemplateVectors::Near>& nearest,
                                          std::size_t effort) const {
  std::vector<Found> found;
  const auto near = near_of(probe.data(), effort, nearest.size());
  for (const TemplateVectors::Near& person : nearest) {
    const bool right = std::any_of(near.begin(), near.end(),
                                   [&](const auto& other) { return other.owner == person.owner; });
    found.push_back({person.squared, right});
  }
  return found;
}

bool Matcher::all_right(const std::vector<Found>& found) {
  return std::all_of(found.begin(), found.end(), [](const Found& one) { return one.right; });
}

std::vector<TemplateVectors::Near> Matcher::near_of(const float* probe, std::size_t effort,
                                                    std::size_t most) const {
  return vectors_.nearest_of(index_->near(probe, effort), index_->is_in_order(), probe, most);
}

double Matcher::reach_of(const std::vector<std::vector<Found>>& of_probes,
                         double min_recall) const {
  std::vector<Found> found;
  for (const auto& of_probe : of_probes)
    found.insert(found.end(), of_probe.begin(), of_probe.end());
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.squared < b.squared; });
  double reach = 0;
  std::size_t right = 0, seen = 0;
  for (const Found& one : found) {
    right += one.right;
    ++seen;
    if (share_but_for_luck(right, seen) >= min_recall) {
      reach = seen == found.size() ? any_distance : distance_of_squared(one.squared, metric_);
    }
  }
  return reach;
}

std::vector<TemplateVectors::Near> Matcher::near_by_index(const float* probe, std::size_t most,
                                                          double reach) const {
  const std::size_t wanted = std::min<std::size_t>(most, person_count_);
  for (auto step = step_for(reach); step != search_.reaches.end(); ++step) {
    auto near = near_of(probe, step->effort, most);
    if (near.size() >= wanted) return near;
  }
  return {};
}

}  // namespace facerec
