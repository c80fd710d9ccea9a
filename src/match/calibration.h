// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace facerec {

/// How often a stranger comes as near as a given distance, learnt from impostor distances.
///
/// Where a hundred pairs or more came the rate is the empirical one. Nearer, in the tail, distances
/// follow a generalised Pareto distribution (peaks over threshold, Pickands, "Statistical inference
/// using extreme order statistics", Annals of Statistics 3(1), 1975; probability-weighted moments
/// of Hosking and Wallis, Technometrics 29(3), 1987), so that the rate can be told where no pair of
/// the sample came; where fewer than ten did, one that would end somewhere goes on as an
/// exponential one.
class Calibration {
 public:
  /// From distances between pictures of different people. Throws Error (Settings) with fewer than
  /// `least_pairs`.
  static Calibration from_impostors(std::vector<double> distances);

  struct Knot {
    double distance = 0;
    double rate = 0;  ///< share of impostors that come at least as near
  };
  struct Tail {
    double scale = 0;  ///< in units of the distance
    double shape = 0;  ///< negative where there is a least distance, 0 = exponential
  };

  /// From what knots(), tail() and pairs() gave. Throws Error (Read) where they are no curve: knots
  /// that are missing, not finite or do not rise, rates outside of 0..1, a tail without a scale.
  Calibration(std::vector<Knot> knots, Tail tail, int pairs);

  /// Estimated false accept rate when everything up to this distance is accepted; never less than
  /// what the sample can tell, a tenth of one pair.
  double false_accept_rate(double distance) const;

  /// The distance up to which this share of strangers comes, 0 < rate < 1.
  double threshold(double false_accept_rate) const;

  const std::vector<Knot>& knots() const { return knots_; }  ///< by ascending distance
  Tail tail() const { return tail_; }
  int pairs() const { return pairs_; }  ///< impostor pairs it was learnt from

  static constexpr int least_pairs = 100;

 private:
  std::vector<Knot> knots_;
  Tail tail_;
  int pairs_;
};

/// An object with knots (pairs of distance and rate), scale, shape and pairs.
std::string to_json(const Calibration& curve);
/// Throws Error (Read) that says what is wrong where it is not what to_json() made.
Calibration calibration_from_json(const std::string& text);

}  // namespace facerec
