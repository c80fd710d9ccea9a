// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <vector>

#include "matcher.h"
#include "metric.h"

namespace facerec {

/// What is asked of decisions.
struct DecisionOptions {
  Metric metric = Metric::Cosine;
  double threshold = 0;  ///< greatest distance that is accepted; 0 = what is known of the model
};

/// What a gallery says of one face.
struct Verdict {
  std::vector<Candidate> nearest;  ///< nearest first
  Metric metric = Metric::Cosine;
  double threshold = 0;  ///< greatest distance that is accepted
  bool accepted = false;
  double false_accept_rate = NAN;  ///< of the nearest distance, where the gallery is calibrated
};

/// The threshold of one comparison of two faces: the one that was asked for, else the profile's.
/// Throws Error (Settings) as default_threshold does.
double pair_threshold(const DecisionOptions& options, const Profile& profile);

/// Decides whether faces are people of one gallery. The threshold is the one that was asked for,
/// else the calibrated gallery's, else the profile's.
class Decision {
 public:
  /// The matcher outlives the decision. `profile` is that of the gallery's model, null where
  /// nothing is known of it. Throws Error (Settings) where no threshold is known.
  Decision(const DecisionOptions& options, const Matcher& matcher, const Profile* profile);

  double threshold() const { return threshold_; }
  bool accepts(double distance) const { return distance <= threshold_; }
  /// Estimated share of strangers that come at least as near in one comparison; NaN where unknown.
  double false_accept_rate(double distance) const;

  /// The `top_k` nearest people and whether the first is accepted. Throws Error as
  /// Matcher::nearest does.
  Verdict decide(const Embedding& probe, int top_k) const;

 private:
  const Matcher& matcher_;
  double threshold_ = 0;
};

}  // namespace facerec
