// SPDX-License-Identifier: LGPL-2.1-or-later

// How a matcher searches by an index.

#include <algorithm>
#include <cmath>
#include <limits>
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

constexpr std::size_t least_effort = 64, most_effort = 4096;
/// Templates for each candidate of a search: with fewer, comparing with everybody is faster.
constexpr std::size_t least_part = 4;
/// From one effort to the next that is tried.
constexpr std::size_t effort_step = 4;
/// Of a stranger's nearest people so many have to be found: the second tells how clear the first
/// is.
constexpr std::size_t people_found = 2;
/// Templates by which probes are drawn that are like them.
constexpr int sample_size = 150;

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
  result->reaches_ = earlier.reaches_;
  result->search_ = earlier.search_;
  return result;
}

void Matcher::measure(const std::string& kind, double min_recall) {
  const auto flat = [](const std::vector<std::vector<float>>& probes) {
    std::vector<float> values;
    for (const auto& probe : probes) values.insert(values.end(), probe.begin(), probe.end());
    return values;
  };
  const RecallProbes probes = recall_probes(some_templates(), metric_);
  const auto near_photos = vectors_.nearest(flat(probes.photos), 1);
  const auto near_strangers = vectors_.nearest(flat(probes.strangers), people_found);

  const std::size_t most =
      std::min(most_effort, static_cast<std::size_t>(vectors_.count()) / least_part);
  double best = 0;
  reaches_.clear();
  for (std::size_t effort = least_effort; effort <= most; effort *= 2) {
    auto found = find(probes.strangers, near_strangers, effort);
    const std::size_t right = right_of(found);
    const double recall = static_cast<double>(right) / static_cast<double>(found.size());
    if (share_but_for_luck(right, found.size()) >= min_recall) {
      reaches_.push_back({effort, std::numeric_limits<double>::infinity()});
      search_ = {kind, effort, recall, vectors_.count(), {}};
      return;
    }
    best = std::max(best, recall);
    if (!reaches_.empty() && effort < effort_step * reaches_.back().effort) continue;
    const auto photos = find(probes.photos, near_photos, effort);
    found.insert(found.end(), photos.begin(), photos.end());
    reaches_.push_back({effort, reach_of(std::move(found), min_recall)});
  }
  index_.reset();
  reaches_.clear();
  search_ = {"exact", 0, 1, vectors_.count(), {}};
  if (most < least_effort) return;
  std::ostringstream text;
  text << "the index " << kind << " finds " << 100 * best << " % of the nearest people in gallery '"
       << facts_.name << "', less than min-recall asks for, so that everybody is compared";
  search_.caution = text.str();
}

std::vector<std::vector<float>> Matcher::some_templates() const {
  std::vector<std::vector<float>> templates;
  const int step = std::max(1, vectors_.rows() / sample_size);
  for (int row = 0; row < vectors_.rows(); row += step) {
    if (!vectors_.is_searched(row)) continue;
    templates.emplace_back(vectors_.dimension());
    vectors_.copy(row, templates.back().data());
  }
  return templates;
}

std::vector<Matcher::Found> Matcher::find(
    const std::vector<std::vector<float>>& probes,
    const std::vector<std::vector<TemplateVectors::Near>>& nearest, std::size_t effort) const {
  std::vector<Found> found;
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const float* probe = probes[i].data();
    const auto near = near_of(probe, effort, nearest[i].size());
    for (const TemplateVectors::Near& person : nearest[i]) {
      const bool right = std::any_of(
          near.begin(), near.end(), [&](const auto& other) { return other.owner == person.owner; });
      found.push_back(
          {near.empty() ? std::numeric_limits<double>::infinity() : near[0].squared, right});
    }
  }
  return found;
}

std::vector<TemplateVectors::Near> Matcher::near_of(const float* probe, std::size_t effort,
                                                    std::size_t most) const {
  return vectors_.nearest_of(index_->near(probe, effort), index_->is_in_order(), probe, most);
}

double Matcher::reach_of(std::vector<Found> found, double min_recall) {
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.squared < b.squared; });
  double reach = 0;
  std::size_t right = 0, seen = 0;
  for (const Found& one : found) {
    right += one.right;
    ++seen;
    if (share_but_for_luck(right, seen) >= min_recall) reach = one.squared;
  }
  return reach;
}

std::size_t Matcher::right_of(const std::vector<Found>& found) {
  return std::count_if(found.begin(), found.end(), [](const Found& one) { return one.right; });
}

std::vector<TemplateVectors::Near> Matcher::near_by_index(const float* probe,
                                                          std::size_t most) const {
  const std::size_t wanted = std::min<std::size_t>(most, person_count_);
  for (const Reach& reach : reaches_) {
    auto near = near_of(probe, reach.effort, most);
    if (near.size() >= wanted && !near.empty() && near[0].squared <= reach.squared) return near;
  }
  return vectors_.nearest({probe, probe + vectors_.dimension()}, most).front();
}

}  // namespace facerec
