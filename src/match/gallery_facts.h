// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gallery.h"
#include "metric.h"

namespace facerec {

/// What a gallery tells of itself, but for its people.
struct GalleryFacts {
  std::string name;          ///< for messages
  GalleryPosition position;  ///< where its log stood
  ModelId model;             ///< of the templates; empty strings for an empty gallery
  std::optional<Profile> profile;
  std::optional<GalleryCalibration> calibration;  ///< for the metric
};

/// Throws Error as Gallery does.
GalleryFacts read_facts(const Gallery& gallery, Metric metric);

/// Somebody who is enrolled.
struct EnrolledPerson {
  std::string name;
  std::vector<std::pair<std::int64_t, std::vector<float>>> templates;  ///< ids and values
};
using EnrolledPeople = std::map<std::int64_t, EnrolledPerson>;  ///< by id

/// Those of these ids whom the gallery has. Throws Error as Gallery does.
EnrolledPeople read_people(const Gallery& gallery, const std::vector<std::int64_t>& ids);

}  // namespace facerec
