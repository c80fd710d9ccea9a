// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

namespace facerec {

/// The outcome of comparing one labelled pair.
struct PairDistance {
  double distance = 0;  ///< NaN where one of the pictures has no face that was found
  bool same = false;    ///< both pictures show one person
  int fold = 0;
};

/// A proportion with its 95 % confidence interval: Wilson, "Probable inference, the law of
/// succession, and statistical inference", JASA 22, 1927.
struct Proportion {
  int hits = 0;
  int trials = 0;
  double rate = 0;  ///< 0 where there were no trials
  double low = 0;
  double high = 1;
};

Proportion proportion(int hits, int trials);

/// One point of the receiver operating characteristic: pairs with distance <= threshold are
/// accepted. A pair without a face is never accepted.
struct RocPoint {
  double threshold = 0;
  double false_accept_rate = 0;
  double true_accept_rate = 0;
};

/// Accuracy by folds: for each fold the threshold that is best on all others decides.
struct FoldAccuracy {
  double mean = 0;                 ///< 0..1
  double deviation = 0;            ///< sample standard deviation over folds
  std::vector<double> folds;       ///< accuracy of each
  std::vector<double> thresholds;  ///< that was chosen for each
};

/// How many pairs of two people and of one person a threshold accepts.
struct AcceptRates {
  Proportion false_accepts;
  Proportion true_accepts;
};

/// True accept rate at the largest threshold whose false accept rate is at most `aim`.
struct Operating {
  double aim = 0;
  double threshold = 0;
  AcceptRates rates;

  /// Whether there are enough pairs of two people for one false accept to be within the aim.
  bool is_told() const { return aim * rates.false_accepts.trials >= 1; }
};

/// Points of the curve by ascending threshold, (0, 0) first. Throws Error (Settings) where either
/// kind of pair is absent.
std::vector<RocPoint> roc_curve(const std::vector<PairDistance>& pairs);

/// Area under the curve: the probability that a pair of one person is nearer than a pair of two;
/// ties count half.
double area_under_curve(const std::vector<RocPoint>& curve);

/// The rate at which false accepts and false rejects are equal, between points linear.
double equal_error_rate(const std::vector<RocPoint>& curve);

Operating operating_point(const std::vector<PairDistance>& pairs, double false_accept_rate);

AcceptRates rates_at(const std::vector<PairDistance>& pairs, double threshold);

/// The threshold that gives most right verdicts, half way between two distances.
double best_threshold(const std::vector<PairDistance>& pairs);

/// Share of right verdicts at one threshold; a pair without a face counts as wrong.
Proportion accuracy_at(const std::vector<PairDistance>& pairs, double threshold);

/// Throws Error (Settings) where there are fewer than two folds.
FoldAccuracy fold_accuracy(const std::vector<PairDistance>& pairs);

}  // namespace facerec
