// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "gallery_store.h"
#include "search_client.h"
#include "search_state.h"

namespace facerec {

/// How the server is told of a field that it searches by euclidean distance.
nlohmann::json vector_mapping(bool elasticsearch, int dimension);

/// What such a field holds, of length 1; empty where the values have no direction.
std::vector<float> direction_of(const std::vector<float>& values);

/// As GalleryStore::nearest() has it. The server finds them, by direction; the distances are those
/// of the embeddings as they were enrolled.
std::optional<std::vector<StoredNeighbour>> nearest_people(SearchClient& client,
                                                           const SearchState& state,
                                                           const std::vector<float>& probe,
                                                           const std::string& metric, int people);

}  // namespace facerec
