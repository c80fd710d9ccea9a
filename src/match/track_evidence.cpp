// SPDX-License-Identifier: LGPL-2.1-or-later

#include "track_evidence.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <set>

namespace facerec {
namespace {

constexpr std::size_t most_kept = 16;
constexpr int near_each = 3;  ///< people who are compared with all shots for each shot
/// Of those, with everybody who has been enrolled since: more are looked for anew.
constexpr std::size_t most_near = 50;
constexpr double enough_value = 0.4;  ///< of a shot: better ones are recognised no more often
constexpr double half_life = 30;      ///< seconds
/// Cosine similarity up to which a shot does not speak for a person: strangers' deviation is 0.1.
constexpr double no_likeness = 0.1;
constexpr double least_weight = 1e-6;
/// Cosine similarity of two shots of one person.
constexpr double least_resemblance = 0.2;

/// How much a shot at that distance speaks for a person.
double likeness(double distance, Metric metric) {
  if (metric == Metric::Euclidean) return 1;
  const double cosine = convert(distance, metric, Metric::Cosine);
  return std::max(1 - cosine - no_likeness, least_weight);
}

}  // namespace

bool show_different_people(const Embedding& a, const Embedding& b) {
  return a.fingerprint == b.fingerprint &&
         distance(a.values, b.values, Metric::Cosine) > 1 - least_resemblance;
}

bool TrackEvidence::contradicts(const Embedding& embedding) const {
  return !kept_.empty() && std::all_of(kept_.begin(), kept_.end(), [&](const Kept& shot) {
    return show_different_people(shot.embedding, embedding);
  });
}

double TrackEvidence::weight_of(const Kept& shot) const {
  return shot.weight * std::exp2(-std::abs(time_ - shot.time) / half_life);
}

void TrackEvidence::add(const Embedding& embedding, double value, double time) {
  if (!kept_.empty() && kept_.front().embedding.fingerprint != embedding.fingerprint) kept_.clear();
  ++shots_;
  time_ = time;
  kept_.push_back({embedding, std::clamp(value / enough_value, least_weight, 1.0), time, {}});
  if (kept_.size() <= most_kept) return;
  kept_.erase(std::min_element(kept_.begin(), kept_.end(), [&](const Kept& a, const Kept& b) {
    return weight_of(a) < weight_of(b);
  }));
}

Embedding TrackEvidence::pool(const std::vector<double>& weights, Metric metric) const {
  Embedding pooled = kept_.front().embedding;
  std::vector<double> sum(pooled.values.size());
  double total = 0, lengths = 0;
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const std::vector<float>& values = kept_[i].embedding.values;
    const double length = cv::norm(values);
    if (length == 0) continue;
    total += weights[i];
    lengths += weights[i] * length;
    for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += weights[i] * values[j] / length;
  }
  const double length = cv::norm(sum);
  const double wanted = metric == Metric::Euclidean ? lengths / total : 1;
  for (std::size_t j = 0; j < sum.size(); ++j) {
    pooled.values[j] = length > 0 ? static_cast<float>(sum[j] / length * wanted) : 0;
  }
  return pooled;
}

std::optional<Candidate> TrackEvidence::compare(const Matcher& matcher,
                                                std::int64_t person_id) const {
  if (kept_.empty()) return std::nullopt;
  std::vector<double> weights;
  for (const Kept& shot : kept_) {
    const std::optional<Candidate> alone = matcher.compare(shot.embedding, person_id);
    weights.push_back(alone ? weight_of(shot) * likeness(alone->distance, matcher.metric()) : 0);
  }
  return matcher.compare(pool(weights, matcher.metric()), person_id);
}

void TrackEvidence::follow(const std::shared_ptr<const Matcher>& matcher, double reach) {
  std::optional<std::vector<std::int64_t>> changed;
  if (matcher_ && reach <= reach_) changed = matcher->changed_since(*matcher_);
  reach_ = changed ? std::min(reach_, matcher->reach_for(reach)) : matcher->reach_for(reach);
  matcher_ = matcher;
  for (Kept& shot : kept_) {
    if (!shot.near) continue;
    std::vector<std::int64_t>& near = *shot.near;
    const bool known = changed && near.size() + changed->size() <= most_near;
    if (known) near.insert(near.end(), changed->begin(), changed->end());
    const auto is_there = [&](std::int64_t id) { return matcher->has(id); };
    if (!known || !std::all_of(near.begin(), near.end(), is_there)) shot.near.reset();
  }
}

void TrackEvidence::look_up(const std::vector<TrackEvidence*>& tracks,
                            const std::shared_ptr<const Matcher>& matcher, double reach) {
  std::vector<Kept*> shots;
  std::vector<const Embedding*> probes;
  for (TrackEvidence* track : tracks) {
    if (track->matcher_ != matcher || reach > track->reach_) track->follow(matcher, reach);
    for (Kept& shot : track->kept_) {
      if (shot.near) continue;
      shots.push_back(&shot);
      probes.push_back(&shot.embedding);
    }
  }
  const auto people = matcher->nearest(probes, near_each, reach);
  for (std::size_t i = 0; i < shots.size(); ++i) {
    shots[i]->near.emplace();
    for (const Candidate& person : people[i]) shots[i]->near->push_back(person.person_id);
  }
}

std::vector<Candidate> TrackEvidence::nearest(const std::shared_ptr<const Matcher>& matcher,
                                              int top_k, double reach) {
  look_up({this}, matcher, reach);
  std::set<std::int64_t> near;
  for (const Kept& shot : kept_) near.insert(shot.near->begin(), shot.near->end());
  std::vector<Candidate> people;
  for (const std::int64_t id : near) {
    if (std::optional<Candidate> person = compare(*matcher, id)) people.push_back(*person);
  }
  std::sort(people.begin(), people.end(), [](const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.person_id < b.person_id;
  });
  if (people.size() > static_cast<std::size_t>(top_k)) people.resize(top_k);
  return people;
}

std::optional<Embedding> TrackEvidence::mean(Metric metric) const {
  if (kept_.empty()) return std::nullopt;
  std::vector<double> weights;
  for (const Kept& shot : kept_) weights.push_back(weight_of(shot));
  return pool(weights, metric);
}

}  // namespace facerec
