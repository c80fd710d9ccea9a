// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "../geometry.h"

namespace facerec {

/// What the area that two boxes share is a part of: of both together, or of the smaller one, which
/// also tells a box inside of another.
enum class Overlap { Union, Smaller };

inline float shared_part(const cv::Rect2f& a, const cv::Rect2f& b, Overlap kind) {
  if (kind == Overlap::Union) return overlap(a, b);
  return (a & b).area() / std::min(a.area(), b.area());
}

/// The finds, which have a box and a confidence, by descending confidence, without those that a
/// surer one covers: covers(surer, find).
template <typename Find, typename Covers>
std::vector<Find> suppress(std::vector<Find> finds, const Covers& covers) {
  std::stable_sort(finds.begin(), finds.end(),
                   [](const Find& a, const Find& b) { return a.confidence > b.confidence; });
  std::vector<Find> kept;
  for (Find& find : finds) {
    const bool covered = std::any_of(kept.begin(), kept.end(),
                                     [&](const Find& surer) { return covers(surer, find); });
    if (!covered) kept.push_back(std::move(find));
  }
  return kept;
}

/// Without those that share more than `limit` with one that is surer.
template <typename Find>
std::vector<Find> suppress(std::vector<Find> finds, float limit, Overlap kind) {
  return suppress(std::move(finds), [&](const Find& surer, const Find& find) {
    return shared_part(surer.box, find.box, kind) > limit;
  });
}

}  // namespace facerec
