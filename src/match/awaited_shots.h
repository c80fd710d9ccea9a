// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "server_search.h"
#include "track_decision.h"

namespace facerec {

/// Keeps the shots of faces back until a server has told who is near them. Frames never wait: a
/// track's shot comes with a later face of the track. A face without a track is known by whom the
/// server has found near an earlier one that looks alike, and looked up where there is none. Not
/// for two threads at once.
class AwaitedShots {
 public:
  /// `search` outlives the object.
  explicit AwaitedShots(ServerSearch& search) : search_(search) {}

  /// What to decide now of a frame's faces. The embeddings live until the next call.
  struct Answered {
    std::vector<TrackedFace> faces;  ///< in their order
    std::shared_ptr<const Matcher> matcher;
  };
  Answered exchange(const std::vector<TrackedFace>& faces);

  /// Of a track that has ended.
  void forget(std::int64_t track);

 private:
  using Probe = ServerSearch::Probe;

  struct Shot {
    Probe probe;
    Quality quality;
    bool cut = false;
  };
  struct Track {
    std::deque<Shot> waiting;
    std::deque<Probe> answered;
  };

  void exchange(TrackedFace& face, const ServerSearch::Known& known);
  void exchange_alone(TrackedFace& face, const ServerSearch::Known& known);
  void ask();

  ServerSearch& search_;
  std::map<std::int64_t, Track> tracks_;
  std::deque<Probe> alone_;  ///< of faces without a track, the one that was of use last in front
  bool changed_ = false;     ///< what is to be asked
};

}  // namespace facerec
