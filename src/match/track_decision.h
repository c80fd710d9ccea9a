// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decision.h"
#include "strangers.h"
#include "track_evidence.h"

namespace facerec {

/// What is asked of the decisions over tracks.
struct TrackDecisionOptions {
  DecisionOptions decision;  ///< its false_name_rate is the share of strangers' tracks that ever
                             ///< get a name
  int top_k = 3;             ///< how many of the nearest people a verdict lists, at least 2
  int min_shots = 1;         ///< shots that it takes to recognise somebody

  /// By how much nearer than the runner-up somebody has to be, in the metric's unit. With 100 of
  /// LFW's people enrolled it refuses none of their tracks (tests/accuracy/lfw_tracks.cpp); it is
  /// for people who are enrolled twice, and look-alikes.
  double margin = 0.05;

  // What a good shot has at least: worse ones may show who somebody is, but not that nobody knows
  // him. Of shots of LFW's photos, made small, blurred, dark and noisy, 93 of 100 that are better
  // are recognised at a false accept rate of 1e-3, and 66 that are worse; 79 and 40 at 1e-5, which
  // is 1e-3 of a gallery of a hundred. Of photos that were only made dark, with noise of 3 of 255,
  // 93 of 100 are recognised at 1e-3 where the brightness is above 0.1, 88 above 0.08, 75 above
  // 0.06, 53 above 0.05 and 33 above 0.04.
  float min_eye_distance = 18;   ///< pixels
  float min_sharpness = 0.04F;   ///< see align/quality.h
  float max_yaw = 45;            ///< degrees to either side
  float min_brightness = 0.08F;  ///< 0..1
};

bool operator==(const TrackDecisionOptions& a, const TrackDecisionOptions& b);

/// The distance from a face up to which its verdict depends on people: the name that it may get and
/// a runner-up. `by_face` decides of faces alone, which is never stricter than of tracks.
double reach_of_verdicts(const Decision& by_face, const TrackDecisionOptions& options);

enum class TrackState {
  Undecided,   ///< nothing can be said yet, or no more; see the reason
  Unknown,     ///< shots are good enough to tell that it is nobody who is enrolled
  Recognised,  ///< somebody who is enrolled
};

/// Why a track is undecided.
enum class Reason {
  None,
  NoShot,      ///< it was not represented
  TooSmall,    ///< of the best shot: the face is small,
  Blurred,     ///< not sharp,
  TurnedAway,  ///< seen from the side,
  Dark,        ///< dark,
  Cut,         ///< cut by the frame's edge
  FewShots,    ///< there are too few to tell
  BetweenTwo,  ///< it looks like two people
  NameTaken,   ///< another face of the frame is rather the person
  Searching,   ///< its shot is being looked up
};

/// "undecided", "unknown", "recognised".
const char* to_string(TrackState state);
/// "", "no-shot", "too-small", "blurred", "turned-away", "dark", "cut", "few-shots", "between-two",
/// "name-taken", "searching".
const char* to_string(Reason reason);

/// What a shot lacks to be a good one.
struct ShotLack {
  Reason reason = Reason::None;  ///< TooSmall, Dark, Blurred or TurnedAway
  float value = NAN;             ///< of the quality, in the unit of
  float limit = NAN;             ///< what was asked
};

/// The first that a shot of such quality lacks; what is not known lacks nothing.
ShotLack lack_of(const Quality& quality, const TrackDecisionOptions& options);

/// What is decided of a face, by all shots of its track. `accepted` where it is recognised; the
/// nearest person is then whom.
struct TrackVerdict : Verdict {
  TrackState state = TrackState::Undecided;
  Reason reason = Reason::NoShot;
  int shots = 0;
  std::string label;  ///< the name, "unknown-N" for a stranger, empty where nothing is decided
};

/// A face of a frame.
struct TrackedFace {
  std::int64_t track = -1;               ///< -1 = none: decided by itself
  const Embedding* embedding = nullptr;  ///< of a new shot of the track; null where there is none
  Quality quality;
  bool cut = false;  ///< by the frame's edge
  bool searching =
      false;  ///< it has a shot that is being looked up, and will be an embedding later
};

/// What became of a track.
struct TrackSummary {
  std::int64_t track = -1;
  double from = 0, to = 0;     ///< times of its first and last frame, seconds
  double best_distance = NAN;  ///< to the nearest person, the least at any time
  TrackVerdict verdict;        ///< the last one
};

/// Decides whose faces tracks are. Not for two threads at once.
///
/// A track is looked up again with each shot, and is a stranger's at each of them: measured on
/// tracks of LFW's people (12 shots of up to three photos, a gallery of 100), a stranger comes at
/// least once as near as he does in one shot with a rate of f, in 1.6 to 4.7 times as many tracks;
/// so the threshold is that of a quarter of the asked rate. Once given, a name stays until somebody
/// else is nearer by the margin, or the distance exceeds the threshold by a seventh. A shot that
/// shows another person than all others does not count; where the next one shows him, too, the
/// track has gone over to him, and is decided anew from these two. Two faces of one frame are two
/// people: the one who had the name keeps it unless the other is nearer by the margin.
class TrackDecisions {
 public:
  /// The verdicts of a frame's faces, in their order. `profile` as Decision takes it. Throws as
  /// Decision and Matcher do.
  std::vector<TrackVerdict> decide(const std::vector<TrackedFace>& faces,
                                   const std::shared_ptr<const Matcher>& matcher,
                                   const Profile* profile, const TrackDecisionOptions& options,
                                   double time);

  /// See Decision; empty before the first decide().
  std::string caution() const { return by_face_ ? by_face_->caution() : ""; }
  /// See Matcher; empty before the first decide().
  std::string search_caution() const { return by_face_ ? matcher_->search_caution(reach()) : ""; }

  /// Forgets a track that has ended; empty where there is none of the id.
  std::optional<TrackSummary> end(std::int64_t track);
  /// Ends those that did not come for so many seconds.
  std::vector<TrackSummary> end_unseen(double time, double longest);
  /// Ends all tracks; strangers keep their numbers.
  std::vector<TrackSummary> end_all();

 private:
  struct Shot {
    Embedding embedding;
    double value = 0;  ///< see shot_value()
    Reason lacks{};    ///< to be a good one
    double time = 0;
  };

  struct Track {
    TrackSummary summary;
    TrackEvidence evidence;
    std::optional<Shot> doubt;  ///< the last one, where it shows somebody else
    int good_shots = 0;
    double best_value = -1;    ///< of all shots
    Reason best_lacks{};       ///< what the best shot lacks to be a good one
    std::int64_t person = -1;  ///< whom the track's own shots show, -1 = nobody known
    int stranger = 0;          ///< its number; 0 = none
    TrackVerdict own;          ///< as if it were alone in the frame
    bool searching = false;    ///< see TrackedFace
    int decided_by = 0;        ///< of the state below; older than that = has to be decided anew
  };

  void set_up(const std::shared_ptr<const Matcher>& matcher, const Profile* profile,
              const TrackDecisionOptions& options);
  double reach() const { return reach_of_verdicts(*by_face_, options_); }
  void add_shot(Track& track, const TrackedFace& face, double time);
  static void take(Track& track, const Shot& shot);
  void weigh(Track& track) const;
  Reason why_not(const Track& track, bool named) const;
  /// Of those that are of no track.
  std::vector<TrackVerdict> judge_alone(const std::vector<TrackedFace>& faces) const;
  void share_names(const std::vector<Track*>& tracks) const;
  void number_strangers(const std::vector<Track*>& tracks);

  std::map<std::int64_t, Track> tracks_;
  Strangers strangers_;

  // Of the gallery and what is asked; each change counts up.
  int state_ = 0;
  std::shared_ptr<const Matcher> matcher_;
  TrackDecisionOptions options_;
  std::optional<Decision> by_face_;  ///< of faces without a track
  std::optional<Decision> by_track_;
  std::optional<Profile> profile_;
};

}  // namespace facerec
