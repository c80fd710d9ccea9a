// SPDX-License-Identifier: LGPL-2.1-or-later

#include "enrolment.h"

#include <algorithm>
#include <cmath>

#include "../error.h"
#include "../store/person_name.h"
#include "decision.h"

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

std::optional<double> naming_threshold(const Matcher& matcher, const Profile& profile) {
  try {
    DecisionOptions options;
    options.metric = matcher.metric();
    return Decision(options, matcher, &profile).threshold();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

EnrolmentCheck::EnrolmentCheck(const Gallery* gallery, const std::string& name,
                               const Profile& profile)
    : metric_(metric_of(profile)) {
  const std::string key = name_key(name);
  if (!gallery) return;
  gallery->visit_people([&](std::int64_t id, const std::string& other) {
    if (name_key(other) == key) own_.push_back(id);
  });
  matcher_.emplace(*gallery, metric_);
  threshold_ = naming_threshold(*matcher_, profile);
}

Resemblance EnrolmentCheck::examine(const Embedding& embedding) const {
  Resemblance result;
  if (matcher_) {
    for (const std::int64_t id : own_) {
      const std::optional<Candidate> own = matcher_->compare(embedding, id);
      if (own && !(result.own_distance <= own->distance)) result.own_distance = own->distance;
    }
    for (const Candidate& person :
         matcher_->nearest(embedding, static_cast<int>(own_.size()) + 1)) {
      if (std::find(own_.begin(), own_.end(), person.person_id) != own_.end()) continue;
      result.other = person.name;
      result.other_distance = person.distance;
      break;
    }
  }
  for (const Embedding& added : added_) {
    const double value = distance(added.values, embedding.values, metric_);
    if (!(result.own_distance <= value)) result.own_distance = value;
  }

  const bool known = !std::isnan(result.own_distance);
  if (known && result.own_distance <= greatest_noise(embedding.values, metric_)) {
    result.likeness = Likeness::Same;
  } else if (known ? result.other_distance < result.own_distance
                   : threshold_ && result.other_distance <= *threshold_) {
    result.likeness = Likeness::OfAnother;
  }
  return result;
}

}  // namespace facerec
