// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "../store/person_name.h"
#include "matcher.h"
#include "metric.h"

namespace facerec {

/// What is asked of decisions.
struct DecisionOptions {
  Metric metric = Metric::Cosine;
  double threshold = 0;  ///< greatest distance that is accepted; 0 = by the rate
  /// Share of the faces of strangers that get a name when they are looked up in the gallery.
  double false_name_rate = 1e-3;
};

bool operator==(const DecisionOptions& a, const DecisionOptions& b);

constexpr double least_false_name_rate = 1e-9;
constexpr double greatest_false_name_rate = 0.5;

/// What a gallery says of one face.
struct Verdict {
  std::vector<Candidate> nearest;  ///< nearest first
  Metric metric = Metric::Cosine;
  double threshold = 0;  ///< greatest distance that is accepted; NaN where none is known
  bool accepted = false;
  // Of the nearest distance, estimated, 0..1; NaN where the model's distances are not known.
  double false_accept_rate = NAN;  ///< share of strangers that come as near in one comparison
  double false_name_rate = NAN;    ///< share of strangers that come as near to somebody enrolled
};

/// The threshold of one comparison of two faces: the one that was asked for, else the profile's.
/// Throws Error (Settings) as default_threshold does.
double pair_threshold(const DecisionOptions& options, const Profile& profile);

/// That of two faces of one of the gallery's people: the one that was asked for, else that of the
/// gallery's calibration, else of the profile that the gallery keeps, where it keeps none of
/// `profile`, which may be null. Throws Error (Settings) where no threshold is known.
double pair_threshold(const DecisionOptions& options, const Matcher& matcher,
                      const Profile* profile);

/// How many comparisons of independent people a gallery amounts to, where strangers come as near
/// as asked with a probability of `rate` a comparison. A person of m templates counts as
/// m^log2(2 - k): k is the probability that a stranger who is near one template is near another,
/// that of caps on a sphere, erfc(u sqrt(x / (2 - x)) / sqrt(2)), where u is the normal quantile of
/// the rate and x the spread of the templates in units of `median`, the median distance of
/// different people (cosine; of euclidean distances the squares). So the same photo twice counts
/// once, and of two templates exactly the overlap is taken off. Without a median (NaN) every
/// template counts.
///
/// Measured on LFW (YuNet; people of at least so many photos, each against everybody else, rates
/// of 1e-3 and 1e-4): with MobileFaceNet 2, 5 and 10 templates are 1.78 and 1.82, 3.45 and 4.12,
/// 6.2 and 7.2 comparisons, by this rule 1.81 and 1.88, 4.13 and 4.48, 7.8 and 8.8; with
/// facerec-embed 1.82 and 1.90, 3.84 and 4.18, 6.9 and 8.8, by this rule 1.88 and 1.93, 4.47 and
/// 4.73, 8.7 and 9.4. What the rule counts too much lowers the threshold.
double effective_people(const GallerySize& size, Metric metric, double rate, double median);

/// Decides whether faces are people of one gallery. The threshold is the one that was asked for.
/// Else it is that of the false name rate F among n people, which is a rate f a comparison with
/// 1 - (1 - f)^n = F: by the calibrated gallery's curve, else by the profile's, else by the
/// profile's threshold, which is then taken to be that of a bad network (see decision.cpp).
class Decision {
 public:
  /// `of_gallery` is the gallery's calibration for the metric, `profile` the one of its model, null
  /// where nothing is known of it.
  Decision(const DecisionOptions& options, const GallerySize& size,
           const std::optional<GalleryCalibration>& of_gallery, const Profile* profile);
  /// By the profile that the gallery keeps, where it keeps none by `profile`. Throws Error
  /// (Settings) where people are enrolled and no threshold is known.
  Decision(const DecisionOptions& options, const Matcher& matcher, const Profile* profile);

  /// NaN where none is known: nothing is accepted.
  double threshold() const { return threshold_; }
  bool accepts(double distance) const { return distance <= threshold_; }
  /// Whether a face gets that name, where the person is the nearest one.
  bool names(const Candidate& nearest) const {
    return accepts(nearest.distance) && !is_not_a_match(nearest.name);
  }

  /// As in Verdict, of any distance.
  double false_accept_rate(double distance) const;
  double false_name_rate(double distance) const;

  /// For the user, where the threshold is a guess because the model's distances are not known;
  /// empty otherwise.
  const std::string& caution() const { return caution_; }

  /// What is decided of a face whose nearest people these are.
  Verdict decide(std::vector<Candidate> nearest) const;

 private:
  Metric metric_;
  double threshold_ = NAN;
  double comparisons_ = 1;
  std::optional<Calibration> curve_;
  Metric curve_metric_;  ///< whose distances curve_ is of
  std::string caution_;
};

}  // namespace facerec
