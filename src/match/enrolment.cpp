// SPDX-License-Identifier: LGPL-2.1-or-later

#include "enrolment.h"

#include <algorithm>
#include <cmath>

#include "../error.h"
#include "../store/person_name.h"
#include "decision.h"
#include "own_photos.h"

namespace facerec {

namespace {

/// The first metric that the profile knows a threshold for.
Metric metric_of(const Profile& profile) {
  for (Metric metric : all_metrics()) {
    try {
      default_threshold(profile, metric);
      return metric;
    } catch (const Error&) {
      // Another one may be known.
    }
  }
  return Metric::Cosine;
}

/// NaN where it throws because no threshold is known.
template <typename Threshold>
double known(const Threshold& threshold) {
  try {
    return threshold();
  } catch (const Error&) {
    return NAN;
  }
}

}  // namespace

EnrolmentCheck::EnrolmentCheck(const Gallery* gallery, const std::string& name,
                               const Profile& profile)
    : metric_(metric_of(profile)), of_one_person_(!is_not_a_match(name)) {
  DecisionOptions options;
  options.metric = metric_;
  const std::string key = name_key(name);
  if (gallery) {
    gallery->visit_people([&](std::int64_t id, const std::string& other) {
      if (name_key(other) == key) own_ids_.push_back(id);
    });
    gallery->visit_embeddings(
        [&](std::int64_t, std::int64_t, const Values& values) {
          own_.push_back(scaled(values, metric_));
        },
        &own_ids_);
    matcher_.emplace(*gallery, metric_);
    naming_threshold_ = known([&] { return Decision(options, *matcher_, &profile).threshold(); });
  }
  pair_threshold_ = known([&] {
    return matcher_ ? facerec::pair_threshold(options, *matcher_, &profile)
                    : facerec::pair_threshold(options, profile);
  });
}

Resemblance EnrolmentCheck::compare(const Embedding& photo, const std::vector<Values>& own) const {
  Resemblance result;
  if (matcher_) {
    const int most = static_cast<int>(own_ids_.size()) + 1;
    for (const Candidate& person : matcher_->nearest(photo, most)) {
      if (std::find(own_ids_.begin(), own_ids_.end(), person.person_id) != own_ids_.end()) continue;
      result.other = person.name;
      result.other_distance = person.distance;
      break;
    }
  }
  const Values values = scaled(photo.values, metric_);
  for (const Values& other : own) {
    const double distance = distance_of_scaled(values, other, metric_);
    if (!(result.own_distance <= distance)) result.own_distance = distance;
  }

  const bool known = !std::isnan(result.own_distance);
  if (known && result.own_distance <= greatest_noise(values, metric_)) {
    result.likeness = Likeness::Same;
  } else if (known ? result.other_distance < result.own_distance
                   : result.other_distance <= naming_threshold_) {
    result.likeness = Likeness::OfAnother;
  }
  return result;
}

std::vector<Resemblance> EnrolmentCheck::examine(const std::vector<Embedding>& photos,
                                                 bool force) const {
  const bool is_strict = of_one_person_ && !force;
  std::vector<Resemblance> results;
  std::vector<Values> own = own_;
  std::vector<std::size_t> places;  // of `results` in `own` behind those of the gallery
  for (const Embedding& photo : photos) {
    Resemblance& result = results.emplace_back(compare(photo, own));
    if (result.likeness == Likeness::OfAnother) {
      if (is_strict) continue;
      result.likeness = Likeness::New;
    }
    own.push_back(scaled(photo.values, metric_));
    places.push_back(results.size() - 1);
  }
  if (!is_strict) return results;

  std::vector<const Values*> values;
  values.reserve(own.size());
  for (const Values& each : own) values.push_back(&each);
  const std::vector<OwnLikeness> found = compare_own(values, metric_, pair_threshold_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const OwnLikeness& photo = found[own_.size() + i];
    const bool is_there = photo.repeated && *photo.repeated < own_.size();
    if (!photo.unlike || is_there) continue;
    results[places[i]].likeness = Likeness::UnlikeOwn;
    results[places[i]].own_distance = photo.distance;
  }
  return results;
}

}  // namespace facerec
