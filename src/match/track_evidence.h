// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "../face.h"
#include "matcher.h"

namespace facerec {

/// Whether two shots of what should be one track show different people. Measured on LFW's photos,
/// made small, blurred, dark and noisy, with mobilefacenet and facerec-embed: two shots of one
/// photo do in 12 and 4 of 1,000 cases, those of two people in 97 and 95 of 100.
bool show_different_people(const Embedding& a, const Embedding& b);

/// The shots by which a track is known, and whom they show all together. Not for two threads at
/// once.
///
/// Shots are compared with a person as one: the mean of their embeddings, each weighted by how good
/// the view is and by how much it resembles that person. So a bad view, or one from another side
/// than the templates, takes little away, and what many shots say counts more than the best of
/// them says alone. (Under the metric euclidean, whose distances do not tell an angle, by how good
/// the view is alone.) How it compares with others' rules: tests/accuracy/lfw_tracks.cpp.
///
/// The best sixteen shots are kept, where an older one counts half as much after each half a
/// minute: a track that went over to somebody else finds out.
class TrackEvidence {
 public:
  /// `value` is the shot_value() of the view, `time` in seconds.
  void add(const Embedding& embedding, double value, double time);

  int shots() const { return shots_; }  ///< that were added

  /// Whether a shot shows somebody else than each of those that are kept: one more of the same
  /// person does in one of 1,000 cases where there are three.
  bool contradicts(const Embedding& embedding) const;

  /// The `top_k` people whom the shots show at most, nearest first. People farther than `reach`
  /// from each of the shots may be missed, see Matcher::nearest().
  std::vector<Candidate> nearest(const std::shared_ptr<const Matcher>& matcher, int top_k,
                                 double reach = any_distance);

  /// Looks in one pass over the gallery for the people near the shots of these tracks, where that
  /// was not done as far as `reach`; nearest() does it for one track.
  static void look_up(const std::vector<TrackEvidence*>& tracks,
                      const std::shared_ptr<const Matcher>& matcher, double reach);

  /// A person of whom the shots are this far; empty where there is none of the id.
  std::optional<Candidate> compare(const Matcher& matcher, std::int64_t person_id) const;

  /// The mean of the shots' embeddings, weighted by how good the views are: of unit length, or as
  /// long as they are on average where the metric is euclidean. Empty without shots.
  std::optional<Embedding> mean(Metric metric) const;

 private:
  struct Kept {
    Embedding embedding;
    double weight = 0;  ///< 0..1
    double time = 0;
    std::optional<std::vector<std::int64_t>> near = std::nullopt;  ///< people; empty until asked
  };

  double weight_of(const Kept& shot) const;
  void follow(const std::shared_ptr<const Matcher>& matcher, double reach);
  Embedding pool(const std::vector<double>& weights, Metric metric) const;

  std::vector<Kept> kept_;
  int shots_ = 0;
  double time_ = 0;                         ///< of the last one
  std::shared_ptr<const Matcher> matcher_;  ///< of which `near` is
  double reach_ = any_distance;             ///< up to which it is known
};

}  // namespace facerec
