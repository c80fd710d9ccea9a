// SPDX-License-Identifier: LGPL-2.1-or-later

#include "verification.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "../error.h"

namespace facerec {

namespace {

struct Counts {
  int same = 0;
  int different = 0;
};

Counts count(const std::vector<PairDistance>& pairs) {
  Counts counts;
  for (const PairDistance& pair : pairs) ++(pair.same ? counts.same : counts.different);
  return counts;
}

std::vector<PairDistance> by_distance(const std::vector<PairDistance>& pairs) {
  std::vector<PairDistance> sorted;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(sorted),
               [](const PairDistance& pair) { return std::isfinite(pair.distance); });
  std::sort(sorted.begin(), sorted.end(),
            [](const PairDistance& a, const PairDistance& b) { return a.distance < b.distance; });
  return sorted;
}

}  // namespace

double best_threshold(const std::vector<PairDistance>& pairs) {
  const std::vector<PairDistance> sorted = by_distance(pairs);
  int right = 0, best = 0;
  double threshold = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    right += sorted[i].same ? 1 : -1;
    const bool last = i + 1 == sorted.size();
    if (!last && sorted[i + 1].distance == sorted[i].distance) continue;
    if (right > best) {
      best = right;
      threshold = last ? sorted[i].distance : (sorted[i].distance + sorted[i + 1].distance) / 2;
    }
  }
  return threshold;
}

Proportion proportion(int hits, int trials) {
  Proportion result;
  result.hits = hits;
  result.trials = trials;
  if (trials == 0) return result;
  constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const double n = trials;
  const double p = hits / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  result.rate = p;
  result.low = std::max(0.0, centre - half);
  result.high = std::min(1.0, centre + half);
  return result;
}

std::vector<RocPoint> roc_curve(const std::vector<PairDistance>& pairs) {
  const Counts total = count(pairs);
  if (total.same == 0 || total.different == 0)
    throw Error(ErrorCode::Settings,
                "a curve needs pairs of one person and pairs of two people; these are all of one "
                "kind");
  const std::vector<PairDistance> sorted = by_distance(pairs);
  std::vector<RocPoint> curve{{-std::numeric_limits<double>::infinity(), 0, 0}};
  Counts accepted;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    ++(sorted[i].same ? accepted.same : accepted.different);
    if (i + 1 < sorted.size() && sorted[i + 1].distance == sorted[i].distance) continue;
    curve.push_back({sorted[i].distance, static_cast<double>(accepted.different) / total.different,
                     static_cast<double>(accepted.same) / total.same});
  }
  return curve;
}

double area_under_curve(const std::vector<RocPoint>& curve) {
  double area = 0;
  for (std::size_t i = 1; i < curve.size(); ++i)
    area += (curve[i].false_accept_rate - curve[i - 1].false_accept_rate) *
            (curve[i].true_accept_rate + curve[i - 1].true_accept_rate) / 2;
  // Pairs without a face are never accepted by a threshold: they are ordered by chance.
  const RocPoint& last = curve.back();
  return area + (1 - last.false_accept_rate) * (last.true_accept_rate + 1) / 2;
}

double equal_error_rate(const std::vector<RocPoint>& curve) {
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const RocPoint& a = curve[i - 1];
    const RocPoint& b = curve[i];
    const double before = 1 - a.true_accept_rate - a.false_accept_rate;
    const double after = 1 - b.true_accept_rate - b.false_accept_rate;
    if (after > 0) continue;
    const double part = before / (before - after);
    return a.false_accept_rate + part * (b.false_accept_rate - a.false_accept_rate);
  }
  return 1 - curve.back().true_accept_rate;
}

Operating operating_point(const std::vector<PairDistance>& pairs, double false_accept_rate) {
  Operating result;
  result.aim = false_accept_rate;
  for (const RocPoint& point : roc_curve(pairs)) {
    if (point.false_accept_rate > false_accept_rate) break;
    result.threshold = point.threshold;
  }
  result.rates = rates_at(pairs, result.threshold);
  return result;
}

AcceptRates rates_at(const std::vector<PairDistance>& pairs, double threshold) {
  std::vector<PairDistance> accepted;
  std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(accepted),
               [&](const PairDistance& pair) { return pair.distance <= threshold; });
  const Counts hits = count(accepted);
  const Counts total = count(pairs);
  return {proportion(hits.different, total.different), proportion(hits.same, total.same)};
}

Proportion accuracy_at(const std::vector<PairDistance>& pairs, double threshold) {
  const auto right = std::count_if(pairs.begin(), pairs.end(), [&](const PairDistance& pair) {
    return std::isfinite(pair.distance) && (pair.distance <= threshold) == pair.same;
  });
  return proportion(static_cast<int>(right), static_cast<int>(pairs.size()));
}

FoldAccuracy fold_accuracy(const std::vector<PairDistance>& pairs) {
  std::map<int, std::vector<PairDistance>> folds;
  for (const PairDistance& pair : pairs) folds[pair.fold].push_back(pair);
  if (folds.size() < 2)
    throw Error(ErrorCode::Settings,
                "accuracy by folds needs at least two folds; these pairs are in one");
  FoldAccuracy result;
  for (const auto& [fold, held_out] : folds) {
    std::vector<PairDistance> others;
    for (const PairDistance& pair : pairs)
      if (pair.fold != fold) others.push_back(pair);
    result.thresholds.push_back(best_threshold(others));
    result.folds.push_back(accuracy_at(held_out, result.thresholds.back()).rate);
  }
  for (double accuracy : result.folds) result.mean += accuracy / result.folds.size();
  double squares = 0;
  for (double accuracy : result.folds)
    squares += (accuracy - result.mean) * (accuracy - result.mean);
  result.deviation = std::sqrt(squares / (result.folds.size() - 1));
  return result;
}

}  // namespace facerec
