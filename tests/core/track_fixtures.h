// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "gallery_fixtures.h"
#include "match/matcher.h"
#include "temporary_folder.h"

/// How many values the embeddings have.
constexpr int dimension = 64;

/// A unit vector of which `cosine` lies along an axis and the rest along another one.
inline facerec::Embedding view(int axis, double cosine, int rest,
                               const std::string& fingerprint = "f00d") {
  std::vector<float> values(dimension);
  values[rest] = static_cast<float>(std::sqrt(1 - cosine * cosine));
  values[axis] = static_cast<float>(cosine);
  return {"test", fingerprint, values, true};
}

/// A gallery of people "p0", "p1" ..., each of one template along the axis of that number.
inline std::shared_ptr<const facerec::Matcher> people_along(
    const std::vector<int>& axes, facerec::Metric metric = facerec::Metric::Cosine,
    const std::string& fingerprint = "f00d", double length = 1) {
  const TemporaryFolder folder;
  facerec::Gallery gallery(folder / "people.db", facerec::Gallery::Mode::Create);
  for (const int axis : axes) {
    std::vector<float> values(dimension);
    values[axis] = static_cast<float>(length);
    gallery.enroll("p" + std::to_string(axis), make_template(values, "test", fingerprint));
  }
  return std::make_shared<const facerec::Matcher>(gallery, metric);
}
