// SPDX-License-Identifier: LGPL-2.1-or-later

#include "awaited_shots.h"

#include <algorithm>
#include <utility>

namespace facerec {

namespace {

/// Shots of a track that wait: where the server is away or slow, older ones are dropped.
constexpr std::size_t most_waiting = 3;
/// Shots of a track whose people stay known: as many as TrackEvidence keeps.
constexpr std::size_t most_answered = 16;
constexpr std::size_t most_alone = 64;
/// Cosine distance up to which two faces without a track are one, about half of what a person's
/// photos differ by: whoever is near one of them is among the people found near the other.
constexpr double alike = 0.3;

}  // namespace

AwaitedShots::Answered AwaitedShots::exchange(const std::vector<TrackedFace>& faces) {
  const std::shared_ptr<const ServerSearch::Known> known = search_.known();
  Answered result{faces, known->matcher};
  for (TrackedFace& face : result.faces) {
    if (face.track >= 0) {
      exchange(face, *known);
    } else if (face.embedding != nullptr) {
      exchange_alone(face, *known);
    }
  }
  if (std::exchange(changed_, false)) ask();
  return result;
}

void AwaitedShots::exchange(TrackedFace& face, const ServerSearch::Known& known) {
  Track& track = tracks_[face.track];
  if (face.embedding != nullptr) {
    track.waiting.push_back(
        {std::make_shared<const Embedding>(*face.embedding), face.quality, face.cut});
    if (track.waiting.size() > most_waiting) track.waiting.pop_front();
    changed_ = true;
  }
  face.embedding = nullptr;
  const auto shot =
      std::find_if(track.waiting.begin(), track.waiting.end(),
                   [&](const Shot& waiting) { return known.answered.count(waiting.probe) > 0; });
  if (shot != track.waiting.end()) {
    face.embedding = shot->probe.get();
    face.quality = shot->quality;
    face.cut = shot->cut;
    track.answered.push_back(shot->probe);
    track.waiting.erase(shot);
    if (track.answered.size() > most_answered) track.answered.pop_front();
  }
  face.searching = !track.waiting.empty();
}

void AwaitedShots::exchange_alone(TrackedFace& face, const ServerSearch::Known& known) {
  const auto answers = [&](const Probe& probe) {
    return probe->fingerprint == face.embedding->fingerprint &&
           distance(probe->values, face.embedding->values, Metric::Cosine) <= alike;
  };
  const auto asked = std::find_if(alone_.begin(), alone_.end(), answers);
  if (asked != alone_.end()) {
    std::rotate(alone_.begin(), asked, std::next(asked));
  } else {
    alone_.push_front(std::make_shared<const Embedding>(*face.embedding));
    if (alone_.size() > most_alone) alone_.pop_back();
    changed_ = true;
  }
  if (known.answered.count(alone_.front()) > 0) return;
  face.embedding = nullptr;
  face.searching = true;
}

void AwaitedShots::forget(std::int64_t track) {
  changed_ |= tracks_.erase(track) > 0;
}

void AwaitedShots::ask() {
  std::vector<Probe> wanted;
  for (const auto& [id, track] : tracks_) {
    for (auto shot = track.waiting.rbegin(); shot != track.waiting.rend(); ++shot) {
      wanted.push_back(shot->probe);
    }
  }
  wanted.insert(wanted.end(), alone_.begin(), alone_.end());
  for (const auto& [id, track] : tracks_) {
    wanted.insert(wanted.end(), track.answered.begin(), track.answered.end());
  }
  search_.look_for(std::move(wanted));
}

}  // namespace facerec
