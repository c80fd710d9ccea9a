// SPDX-License-Identifier: LGPL-2.1-or-later

#include "own_photos.h"

#include <algorithm>

namespace facerec {

namespace {

void keep_nearer(OwnLikeness& photo, std::size_t other, double distance) {
  if (!(distance < photo.distance)) return;  // or not known
  photo.nearest = other;
  photo.distance = distance;
}

}  // namespace

std::vector<OwnLikeness> compare_own(const std::vector<const std::vector<float>*>& photos,
                                     Metric metric, double threshold) {
  std::vector<OwnLikeness> found(photos.size());
  std::vector<std::size_t> distinct;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    const double noise = greatest_noise(*photos[i], metric);
    for (const std::size_t other : distinct) {
      const double distance = distance_of_scaled(*photos[i], *photos[other], metric);
      if (distance <= noise) {
        found[i].repeated = other;
        break;
      }
      keep_nearer(found[i], other, distance);
      keep_nearer(found[other], i, distance);
    }
    if (!found[i].repeated) distinct.push_back(i);
  }

  const auto count = [&](auto holds) {
    return std::count_if(distinct.begin(), distinct.end(),
                         [&](std::size_t i) { return found[i].nearest && holds(found[i]); });
  };
  const auto is_alone = [&](const OwnLikeness& photo) { return photo.distance > threshold; };
  const auto is_alike = [&](const OwnLikeness& photo) { return photo.distance <= threshold; };
  if (count(is_alike) > count(is_alone)) {
    for (const std::size_t i : distinct) found[i].unlike = found[i].nearest && is_alone(found[i]);
  }
  for (OwnLikeness& photo : found) {
    if (!photo.repeated) continue;
    const OwnLikeness& first = found[*photo.repeated];
    photo.nearest = first.nearest;
    photo.distance = first.distance;
    photo.unlike = first.unlike;
  }
  return found;
}

}  // namespace facerec
