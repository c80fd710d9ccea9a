// SPDX-License-Identifier: LGPL-2.1-or-later

#include "near_people.h"

#include <optional>
#include <set>

#include "../error.h"
#include "gallery_sample.h"

namespace facerec {

Metric metric_of_search(const Gallery& gallery, const GalleryFacts& facts, Metric wanted) {
  const bool unit_length = facts.profile && facts.profile->unit_length;
  for (const Metric metric : metrics_that_tell(wanted, unit_length)) {
    if (gallery.nearest({}, metric, 0)) return metric;
  }
  throw Error(ErrorCode::Settings,
              "gallery '" + facts.name + "' has no search of its own by the metric '" +
                  to_string(wanted) +
                  "', which index=server asks for; take another index, or keep the gallery in "
                  "PostgreSQL with pgvector, OpenSearch with its k-NN plug-in or Elasticsearch");
}

std::vector<std::int64_t> people_near(const Gallery& gallery, const GalleryFacts& facts,
                                      Metric searched_by, const Embedding& probe, int people) {
  std::vector<std::int64_t> ids;
  if (facts.model.fingerprint.empty()) return ids;
  require_same_model({probe.model, probe.fingerprint}, facts.model, facts.name);
  const auto found = gallery.nearest(probe.values, searched_by, people);
  for (const StoredNeighbour& one : found.value_or(std::vector<StoredNeighbour>())) {
    ids.push_back(one.person_id);
  }
  return ids;
}

Matcher matcher_near(const Gallery& gallery, Metric metric,
                     const std::vector<const Embedding*>& probes, int people) {
  std::optional<Matcher> matcher;
  gallery.at_one_moment([&] {
    const GalleryFacts facts = read_facts(gallery, metric);
    const Metric searched_by = metric_of_search(gallery, facts, metric);
    GallerySample sample;
    sample.follow(gallery, std::nullopt);
    const GallerySize size = sample.size(metric);
    std::set<std::int64_t> near;
    for (const Embedding* probe : probes) {
      const auto ids = people_near(gallery, facts, searched_by, *probe, people);
      near.insert(ids.begin(), ids.end());
    }
    matcher.emplace(facts, read_people(gallery, {near.begin(), near.end()}), metric, &size);
  });
  return std::move(*matcher);
}

}  // namespace facerec
