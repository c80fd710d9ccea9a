// SPDX-License-Identifier: LGPL-2.1-or-later

#include "search_neighbours.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "../match/metric.h"

namespace facerec {

namespace {

using Json = nlohmann::json;

/// Templates that are asked for at first: fewer are found less surely.
constexpr int least_neighbours = 100;
constexpr int most_neighbours = 10'000;  ///< templates that a server finds at once

/// The people of the `count` templates that the server finds, and how many it found.
std::pair<std::vector<StoredNeighbour>, int> nearest_of(SearchClient& client,
                                                        const SearchState& state,
                                                        const std::vector<float>& probe,
                                                        const std::string& metric, int count) {
  const Json filter = visible(state, "template");
  Json query{{"size", count}, {"_source", {"id", "person", "values"}}};
  if (client.is_elasticsearch()) {
    query["knn"] = {{"field", state.vector_field},
                    {"query_vector", direction_of(probe)},
                    {"k", count},
                    {"num_candidates", std::min(4 * count, most_neighbours)},
                    {"filter", filter}};
  } else {
    query["query"] = {{"knn",
                       {{state.vector_field,
                         {{"vector", direction_of(probe)}, {"k", count}, {"filter", filter}}}}}};
  }
  const std::vector<Json> hits = client.search(query);
  std::map<std::int64_t, double> by_person;
  std::vector<float> values;
  for (const Json& hit : hits) {
    const Json& source = source_of(hit);
    const SearchFields fields(source, client.gallery(), "a template");
    read_values(fields, fields.integer("id", 1), state, client.gallery(), values);
    const double distance = facerec::distance(probe, values, parse_metric(metric));
    const auto [person, is_new] = by_person.emplace(fields.integer("person", 1), distance);
    if (!is_new) person->second = std::min(person->second, distance);
  }
  std::vector<StoredNeighbour> result;
  result.reserve(by_person.size());
  for (const auto& [person, distance] : by_person) result.push_back({person, distance});
  std::sort(result.begin(), result.end(), [](const StoredNeighbour& a, const StoredNeighbour& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.person_id < b.person_id;
  });
  return {result, static_cast<int>(hits.size())};
}

}  // namespace

Json vector_mapping(bool elasticsearch, int dimension) {
  if (elasticsearch) {
    return {{"type", "dense_vector"},
            {"dims", dimension},
            {"index", true},
            {"similarity", "l2_norm"},
            // Not the default, which rounds the values.
            {"index_options", {{"type", "hnsw"}, {"m", 16}, {"ef_construction", 100}}}};
  }
  return {{"type", "knn_vector"},
          {"dimension", dimension},
          {"method", {{"name", "hnsw"}, {"engine", "lucene"}, {"space_type", "l2"}}}};
}

std::vector<float> direction_of(const std::vector<float>& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  const double length = std::sqrt(sum);
  std::vector<float> result;
  if (length == 0 || !std::isfinite(length)) return result;
  result.reserve(values.size());
  for (const double value : values) result.push_back(static_cast<float>(value / length));
  return result;
}

std::optional<std::vector<StoredNeighbour>> nearest_people(SearchClient& client,
                                                           const SearchState& state,
                                                           const std::vector<float>& probe,
                                                           const std::string& metric, int people) {
  const bool by_direction = metric == "cosine" || metric == "euclidean-l2" ||
                            (metric == "euclidean" && state.model && state.model->unit_length);
  if (!by_direction || (state.model && state.vector_field.empty())) return std::nullopt;
  if (!state.model || people <= 0) return std::vector<StoredNeighbour>();
  if (direction_of(probe).empty()) return std::nullopt;
  if (probe.size() != static_cast<std::size_t>(state.model->dimension)) return std::nullopt;
  for (int count = std::min(std::max(people * 4, least_neighbours), most_neighbours);;
       count = std::min(count * 4, most_neighbours)) {
    auto [found, templates] = nearest_of(client, state, probe, metric, count);
    const bool enough = static_cast<int>(found.size()) >= people;
    if (!enough && templates == count && count < most_neighbours) continue;
    if (enough) found.resize(people);
    return std::optional(std::move(found));
  }
}

}  // namespace facerec
