// SPDX-License-Identifier: LGPL-2.1-or-later

#include "track_decision.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "../track/shot.h"

namespace facerec {
namespace {

/// How many times a stranger's track is at risk, see TrackDecisions.
constexpr double risks = 4;
/// How far a name holds, in thresholds.
constexpr double hold = 1.15;
/// Good shots that tell that nobody knows somebody; by the third shot 87 of 100 of LFW's people are
/// recognised at a rate of 1e-3, 93 at 1e-2 (tests/accuracy/lfw_tracks.cpp).
constexpr int shots_of_a_stranger = 3;

void put_first(std::vector<Candidate>& people, const Candidate& chosen) {
  const auto same = [&](const Candidate& person) { return person.person_id == chosen.person_id; };
  people.erase(std::remove_if(people.begin(), people.end(), same), people.end());
  people.insert(people.begin(), chosen);
}

}  // namespace

bool operator==(const TrackDecisionOptions& a, const TrackDecisionOptions& b) {
  const auto all = [](const TrackDecisionOptions& o) {
    return std::tie(o.top_k, o.min_shots, o.margin, o.min_eye_distance, o.min_sharpness, o.max_yaw,
                    o.min_brightness);
  };
  return a.decision == b.decision && all(a) == all(b);
}

double reach_of_verdicts(const Decision& by_face, const TrackDecisionOptions& options) {
  return by_face.threshold() + options.margin;
}

const char* to_string(TrackState state) {
  switch (state) {
    case TrackState::Undecided:
      return "undecided";
    case TrackState::Unknown:
      return "unknown";
    case TrackState::Recognised:
      return "recognised";
  }
  return "";
}

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::None:
      return "";
    case Reason::NoShot:
      return "no-shot";
    case Reason::TooSmall:
      return "too-small";
    case Reason::Blurred:
      return "blurred";
    case Reason::TurnedAway:
      return "turned-away";
    case Reason::Dark:
      return "dark";
    case Reason::Cut:
      return "cut";
    case Reason::FewShots:
      return "few-shots";
    case Reason::BetweenTwo:
      return "between-two";
    case Reason::NameTaken:
      return "name-taken";
    case Reason::Searching:
      return "searching";
  }
  return "";
}

ShotLack lack_of(const Quality& quality, const TrackDecisionOptions& options) {
  const float eyes = quality.eye_distance, sharpness = quality.sharpness;
  const float brightness = quality.brightness, turn = std::abs(quality.yaw);
  // Comparisons are false where it is not known.
  if (eyes < options.min_eye_distance) return {Reason::TooSmall, eyes, options.min_eye_distance};
  if (brightness < options.min_brightness)
    return {Reason::Dark, brightness, options.min_brightness};
  if (sharpness < options.min_sharpness) return {Reason::Blurred, sharpness, options.min_sharpness};
  if (turn > options.max_yaw) return {Reason::TurnedAway, turn, options.max_yaw};
  return {};
}

void TrackDecisions::set_up(const std::shared_ptr<const Matcher>& matcher, const Profile* profile,
                            const TrackDecisionOptions& options) {
  const bool same = matcher_ && (matcher_ == matcher || matcher->same_gallery(*matcher_));
  if (same && by_face_ && options_ == options) {
    matcher_ = matcher;
    return;
  }
  DecisionOptions of_track = options.decision;
  of_track.false_name_rate = std::max(of_track.false_name_rate / risks, least_false_name_rate);
  by_face_.emplace(options.decision, *matcher, profile);
  by_track_.emplace(of_track, *matcher, profile);
  profile_ = matcher->profile();
  if (!profile_ && profile) profile_ = *profile;
  matcher_ = matcher;
  options_ = options;
  ++state_;
}

void TrackDecisions::add_shot(Track& track, const TrackedFace& face, double time) {
  const Reason lacks = face.cut ? Reason::Cut : lack_of(face.quality, options_).reason;
  const Shot shot{*face.embedding, shot_value(face.quality, face.cut), lacks, time};
  if (!track.evidence.contradicts(shot.embedding)) {
    track.doubt.reset();
    take(track, shot);
  } else if (track.doubt && !show_different_people(track.doubt->embedding, shot.embedding)) {
    if (track.stranger > 0) {
      strangers_.see(track.stranger, *track.evidence.mean(options_.decision.metric));
    }
    const Shot first = *track.doubt;
    Track anew;
    anew.summary = std::move(track.summary);
    track = std::move(anew);
    take(track, first);
    take(track, shot);
  } else {
    track.doubt = shot;
  }
}

void TrackDecisions::take(Track& track, const Shot& shot) {
  track.evidence.add(shot.embedding, shot.value, shot.time);
  if (shot.lacks == Reason::None) ++track.good_shots;
  if (shot.value > track.best_value) {
    track.best_value = shot.value;
    track.best_lacks = shot.lacks;
  }
}

Reason TrackDecisions::why_not(const Track& track, bool named) const {
  if (track.evidence.shots() == 0) return track.searching ? Reason::Searching : Reason::NoShot;
  if (named) return track.own.shots < options_.min_shots ? Reason::FewShots : Reason::BetweenTwo;
  if (track.good_shots >= std::max(options_.min_shots, shots_of_a_stranger)) return Reason::None;
  return track.good_shots > 0 ? Reason::FewShots : track.best_lacks;
}

void TrackDecisions::weigh(Track& track) const {
  TrackVerdict& own = track.own;
  std::vector<Candidate> people =
      track.evidence.nearest(matcher_, std::max(2, options_.top_k), reach());
  const double nearest = people.empty() ? NAN : people[0].distance;
  const bool near_enough = by_track_->accepts(nearest);
  const bool named = near_enough && by_track_->names(people[0]);
  const bool clear = people.size() < 2 || people[1].distance - nearest >= options_.margin;
  own.shots = track.evidence.shots();

  // The name that was given holds against what does not outweigh it.
  const std::optional<Candidate> incumbent =
      track.person < 0 ? std::nullopt : track.evidence.compare(*matcher_, track.person);
  const bool holds = incumbent && incumbent->distance <= hold * by_track_->threshold();
  const bool outweighed =
      near_enough && (!holds || nearest + options_.margin < incumbent->distance);
  if (holds && !outweighed) {
    put_first(people, *incumbent);
  } else {
    const bool recognised = named && clear && own.shots >= options_.min_shots;
    track.person = recognised ? people[0].person_id : -1;
  }

  static_cast<Verdict&>(own) = by_track_->decide(std::move(people));
  own.accepted = track.person >= 0;
  own.false_name_rate = -std::expm1(risks * std::log1p(-own.false_name_rate));
  own.reason = own.accepted ? Reason::None : why_not(track, named);
  own.state = own.accepted                 ? TrackState::Recognised
              : own.reason == Reason::None ? TrackState::Unknown
                                           : TrackState::Undecided;
  own.label = own.accepted ? own.nearest[0].name : "";
}

std::vector<TrackVerdict> TrackDecisions::judge_alone(const std::vector<TrackedFace>& faces) const {
  std::vector<TrackVerdict> verdicts(faces.size());
  std::vector<TrackVerdict*> of_probe;
  std::vector<const Embedding*> probes;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces[i].track >= 0) continue;
    if (faces[i].embedding == nullptr) {
      if (faces[i].searching) verdicts[i].reason = Reason::Searching;
      continue;
    }
    of_probe.push_back(&verdicts[i]);
    probes.push_back(faces[i].embedding);
  }
  auto people = matcher_->nearest(probes, std::max(2, options_.top_k), reach());
  for (std::size_t i = 0; i < of_probe.size(); ++i) {
    TrackVerdict& verdict = *of_probe[i];
    static_cast<Verdict&>(verdict) = by_face_->decide(std::move(people[i]));
    verdict.state = verdict.accepted ? TrackState::Recognised : TrackState::Unknown;
    verdict.reason = Reason::None;
    verdict.shots = 1;
    verdict.label = verdict.accepted ? verdict.nearest[0].name : "unknown";
  }
  return verdicts;
}

void TrackDecisions::share_names(const std::vector<Track*>& tracks) const {
  std::map<std::int64_t, Track*> owner;
  const auto yields = [&](const Track& a, const Track& b) {
    const auto had = [](const Track& track) {
      return track.summary.verdict.state == TrackState::Recognised &&
             track.summary.verdict.nearest[0].person_id == track.person;
    };
    const double head_start = (had(a) ? options_.margin : 0) - (had(b) ? options_.margin : 0);
    return a.own.nearest[0].distance - head_start > b.own.nearest[0].distance;
  };
  for (Track* track : tracks) {
    if (track->own.state != TrackState::Recognised) continue;
    Track*& of_person = owner.try_emplace(track->person, track).first->second;
    if (of_person != track && yields(*of_person, *track)) of_person = track;
  }
  for (Track* track : tracks) {
    TrackVerdict verdict = track->own;
    if (verdict.state == TrackState::Recognised && owner.at(track->person) != track) {
      verdict.accepted = false;
      verdict.state = TrackState::Undecided;
      verdict.reason = Reason::NameTaken;
      verdict.label.clear();
    }
    track->summary.verdict = std::move(verdict);
  }
}

void TrackDecisions::number_strangers(const std::vector<Track*>& tracks) {
  std::vector<int> numbers;
  for (Track* track : tracks) {
    int& number = track->stranger;
    if (number == 0) continue;
    if (track->summary.verdict.state == TrackState::Recognised) {
      strangers_.forget(number);
      number = 0;
    } else if (std::find(numbers.begin(), numbers.end(), number) != numbers.end()) {
      number = 0;  // the two got it while they were not in one frame
    } else {
      numbers.push_back(number);
    }
  }
  for (Track* track : tracks) {
    TrackVerdict& verdict = track->summary.verdict;
    if (verdict.state != TrackState::Unknown) continue;
    if (track->stranger == 0) {
      const Metric metric = options_.decision.metric;
      track->stranger =
          strangers_.number_of(*track->evidence.mean(metric), options_.decision,
                               matcher_->calibration(), profile_ ? &*profile_ : nullptr, numbers);
      numbers.push_back(track->stranger);
    }
    verdict.label = "unknown-" + std::to_string(track->stranger);
  }
}

std::vector<TrackVerdict> TrackDecisions::decide(const std::vector<TrackedFace>& faces,
                                                 const std::shared_ptr<const Matcher>& matcher,
                                                 const Profile* profile,
                                                 const TrackDecisionOptions& options, double time) {
  set_up(matcher, profile, options);
  std::vector<Track*> tracks, weighed;
  for (const TrackedFace& face : faces) {
    if (face.track < 0) continue;
    const auto [entry, is_new] = tracks_.try_emplace(face.track);
    Track& track = entry->second;
    TrackSummary& summary = track.summary;
    if (is_new) {
      summary.track = face.track;
      summary.from = time;
    }
    summary.to = time;
    const bool was_searching = std::exchange(track.searching, face.searching);
    if (face.embedding != nullptr) add_shot(track, face, time);
    const bool same = face.embedding == nullptr && was_searching == face.searching;
    if (!same || track.decided_by != state_) weighed.push_back(&track);
    tracks.push_back(&track);
  }
  std::vector<TrackEvidence*> evidence;
  evidence.reserve(weighed.size());
  for (Track* track : weighed) evidence.push_back(&track->evidence);
  TrackEvidence::look_up(evidence, matcher_, reach());
  for (Track* track : weighed) {
    weigh(*track);
    track->decided_by = state_;
    if (track->own.nearest.empty()) continue;
    double& best = track->summary.best_distance;
    best = std::fmin(best, track->own.nearest[0].distance);
  }
  share_names(tracks);
  number_strangers(tracks);

  std::vector<TrackVerdict> verdicts = judge_alone(faces);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces[i].track >= 0) verdicts[i] = tracks_.at(faces[i].track).summary.verdict;
  }
  return verdicts;
}

std::optional<TrackSummary> TrackDecisions::end(std::int64_t id) {
  const auto found = tracks_.find(id);
  if (found == tracks_.end()) return std::nullopt;
  Track& track = found->second;
  if (track.stranger > 0)
    strangers_.see(track.stranger, *track.evidence.mean(options_.decision.metric));
  TrackSummary summary = std::move(track.summary);
  tracks_.erase(found);
  return summary;
}

std::vector<TrackSummary> TrackDecisions::end_unseen(double time, double longest) {
  std::vector<std::int64_t> unseen;
  for (const auto& [id, track] : tracks_) {
    if (std::abs(time - track.summary.to) > longest) unseen.push_back(id);
  }
  std::vector<TrackSummary> summaries;
  summaries.reserve(unseen.size());
  for (const std::int64_t id : unseen) summaries.push_back(*end(id));
  return summaries;
}

std::vector<TrackSummary> TrackDecisions::end_all() {
  std::vector<TrackSummary> summaries;
  while (!tracks_.empty()) summaries.push_back(*end(tracks_.begin()->first));
  return summaries;
}

}  // namespace facerec
