// SPDX-License-Identifier: LGPL-2.1-or-later

// How a matcher searches by an index.

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <unordered_map>

#include "../error.h"
#include "matcher.h"

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
/// Templates of the gallery, and as many drawn strangers, whose nearest people are looked for to
/// measure the recall.
constexpr int sample_size = 150;
constexpr std::size_t sample_people = 4;

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
  return index.links([this](int row) { return vectors_.id(row); });
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
  if (gone + static_cast<double>(missing.size()) > most_stale * vectors_.count()) {
    throw Error(ErrorCode::Read, "too much has changed since it was saved");
  }
  for (const auto& [id, row] : missing) {
    if (stop) return nullptr;
    put_into(*index, row);
  }
  return index;
}

std::shared_ptr<const Matcher> Matcher::with_index(const std::shared_ptr<Index>& index,
                                                   const std::string& kind, const Matcher& made_of,
                                                   double min_recall) const {
  const auto changed = changed_since(made_of);
  if (!changed) return nullptr;
  for (const std::int64_t id : *changed) {
    const Owner* before = made_of.find(id);
    for (const int row : before ? before->rows : std::vector<int>()) index->remove(row);
    const Owner* now = find(id);
    for (const int row : now ? now->rows : std::vector<int>()) {
      if (!put_into(*index, row)) return nullptr;
    }
  }

  auto result = std::make_shared<Matcher>(*this);
  result->index_ = index;
  result->search_ = {kind, least_effort, 0, vectors_.count(), {}};
  SearchFacts& search = result->search_;
  const std::vector<Sample> all = samples();
  double best = 0;
  const std::size_t most =
      std::min(most_effort, static_cast<std::size_t>(vectors_.count()) / least_part);
  for (; search.effort <= most; search.effort *= 2) {
    search.recall = 1;
    for (const Sample& sample : all) {
      search.recall = std::min(search.recall, result->recall_of(sample, search.effort));
    }
    if (search.recall >= min_recall) return result;
    best = std::max(best, search.recall);
  }
  result->index_.reset();
  search = {"exact", 0, 1, vectors_.count(), {}};
  if (most >= least_effort) {
    std::ostringstream text;
    text << "the index " << kind << " finds " << 100 * best
         << " % of the nearest people in gallery '" << gallery_
         << "', less than min-recall asks for, so that everybody is compared";
    search.caution = text.str();
  }
  return result;
}

std::vector<TemplateVectors::Near> Matcher::near_by_index(const float* probe, std::size_t most,
                                                          std::size_t effort) const {
  const std::size_t wanted = std::min<std::size_t>(most, person_count_);
  for (; effort < static_cast<std::size_t>(vectors_.count()); effort *= 4) {
    auto near = vectors_.nearest_of(index_->near(probe, effort), probe, most);
    if (near.size() >= wanted) return near;
  }
  return vectors_.nearest({probe, probe + vectors_.dimension()}, most).front();
}

Matcher::Sample Matcher::sample_of(const std::vector<std::vector<float>>& probes,
                                   std::size_t first_place) const {
  Sample sample;
  for (const std::vector<float>& probe : probes) {
    if (is_finite(probe)) sample.probes.insert(sample.probes.end(), probe.begin(), probe.end());
  }
  sample.nearest = vectors_.nearest(sample.probes, sample_people);
  sample.first_place = first_place;
  return sample;
}

std::vector<Matcher::Sample> Matcher::samples() const {
  const auto length = static_cast<std::size_t>(vectors_.dimension());
  const int step = std::max(1, vectors_.rows() / sample_size);
  std::vector<std::vector<float>> templates, strangers;
  std::vector<float> mean(length);
  for (int row = 0; row < vectors_.rows(); row += step) {
    if (!vectors_.is_searched(row)) continue;
    templates.emplace_back(length);
    vectors_.copy(row, templates.back().data());
    for (std::size_t i = 0; i < length; ++i) mean[i] += templates.back()[i];
  }
  const auto count = static_cast<float>(templates.size());
  for (float& value : mean) value /= count;

  std::minstd_rand random;  // the same each time
  std::normal_distribution<float> normal(0, 1 / std::sqrt(count));
  for (std::size_t n = 0; n < templates.size(); ++n) {
    std::vector<float> stranger = mean;
    for (const std::vector<float>& values : templates) {
      const float weight = normal(random);
      for (std::size_t i = 0; i < length; ++i) stranger[i] += weight * (values[i] - mean[i]);
    }
    strangers.push_back(scaled(stranger, metric_));
  }
  return {sample_of(templates, 1), sample_of(strangers, 0)};
}

double Matcher::recall_of(const Sample& sample, std::size_t effort) const {
  std::size_t asked = 0, found = 0;
  for (std::size_t i = 0; i < sample.nearest.size(); ++i) {
    const auto near =
        near_by_index(&sample.probes[i * vectors_.dimension()], sample_people, effort);
    for (std::size_t place = sample.first_place; place < sample.nearest[i].size();
         ++place, ++asked) {
      found += std::any_of(near.begin(), near.end(), [&](const TemplateVectors::Near& other) {
        return other.owner == sample.nearest[i][place].owner;
      });
    }
  }
  return asked > 0 ? static_cast<double>(found) / static_cast<double>(asked) : 1;
}

}  // namespace facerec
