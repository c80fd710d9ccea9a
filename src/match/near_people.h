// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "gallery_facts.h"
#include "matcher.h"

namespace facerec {

/// The index of which users say that the gallery's server shall search.
constexpr const char* server_index = "server";

/// The metric by which the gallery's server searches and whose order is that of `wanted`. Throws
/// Error (Settings) with the remedy where it has no such search.
Metric metric_of_search(const Gallery& gallery, const GalleryFacts& facts, Metric wanted);

/// The ids of the people whom the server finds near a probe, nearest first. Throws Error (Mismatch)
/// as Matcher does, else as Gallery.
std::vector<std::int64_t> people_near(const Gallery& gallery, const GalleryFacts& facts,
                                      Metric searched_by, const Embedding& probe, int people);

/// A matcher of so many people near each of these probes, found by the gallery's server, for one
/// look: its size is the whole gallery's. Throws as the two above do.
Matcher matcher_near(const Gallery& gallery, Metric metric,
                     const std::vector<const Embedding*>& probes, int people);

}  // namespace facerec
