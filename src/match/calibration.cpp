// SPDX-License-Identifier: LGPL-2.1-or-later

#include "calibration.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "../error.h"

namespace facerec {

namespace {

// The share of a sample that the tail's shape is learnt from. The nearest tenth is not yet of the
// Pareto form: of 7.2 million pairs of LFW it accepts ten times what was asked for at 1e-6. A small
// sample has no more than that to learn from.
constexpr double kLargestTail = 0.1;
constexpr double kLeastTail = 0.01;
constexpr double kTailPairs = 2000;
// A rate is measured where at least so many pairs come; the tail begins at the least of these.
constexpr double kMeasuredPairs = 100;
constexpr double kRates[] = {1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01,
                             0.02, 0.05, 0.1,  0.2,  0.3,  0.5,  0.75, 0.9,  1.0};
// Where fewer pairs came a tail that ends somewhere goes on as an exponential one, since where it
// ends nobody knows. Without this the curves of 150 people accept 2.6e-5 of strangers where 4e-8
// are asked for, with it 8.5e-8 (normal distances, means of forty curves).
constexpr double kSeenPairs = 10;
constexpr double kShapeLimit = 0.25;
constexpr double kExponential = 1e-6;  // shapes nearer to 0 use the limit

// Estimators from probability-weighted moments, which a few pairs that are one person under two
// names move little; the shape is kept to where a light tail stays smooth and a heavy one finite.
Calibration::Tail fit_tail(std::vector<double> excesses) {
  std::sort(excesses.begin(), excesses.end());
  const auto count = static_cast<double>(excesses.size());
  double mean = 0, weighted = 0;
  for (std::size_t i = 0; i < excesses.size(); ++i) {
    mean += excesses[i] / count;
    weighted += (1 - (static_cast<double>(i) + 0.65) / count) * excesses[i] / count;
  }
  const double shape = std::clamp(2 - mean / (mean - 2 * weighted), -kShapeLimit, kShapeLimit);
  return {mean * (1 - shape), shape};
}

/// How far beyond the first knot how many come, distances in units of the tail's scale.
class Beyond {
 public:
  /// `seen`: the share of those beyond the knot down to which the sample tells.
  Beyond(double shape, double seen)
      : shape_(std::abs(shape) < kExponential ? 0 : shape),
        seen_(shape_ < 0 ? std::min(seen, 1.0) : 0),
        farthest_seen_(pareto_excess(seen_)) {}

  double excess(double share) const {
    if (share >= seen_) return pareto_excess(share);
    return farthest_seen_ + slope() * std::log(seen_ / share);
  }

  double share(double excess) const {
    if (excess <= farthest_seen_) {
      return shape_ == 0 ? std::exp(-excess) : std::pow(1 + shape_ * excess, -1 / shape_);
    }
    return seen_ * std::exp((farthest_seen_ - excess) / slope());
  }

 private:
  double pareto_excess(double share) const {
    return shape_ == 0 ? -std::log(share) : (std::pow(share, -shape_) - 1) / shape_;
  }
  double slope() const { return 1 + shape_ * farthest_seen_; }

  double shape_, seen_, farthest_seen_;
};

Beyond beyond_knots(const Calibration& curve) {
  return {curve.tail().shape, kSeenPairs / curve.pairs() / curve.knots().front().rate};
}

void require(bool holds, const char* what) {
  if (!holds) throw Error(ErrorCode::Read, std::string("the curve of a calibration ") + what);
}

}  // namespace

Calibration Calibration::from_impostors(std::vector<double> distances) {
  distances.erase(std::remove_if(distances.begin(), distances.end(),
                                 [](double distance) { return !std::isfinite(distance); }),
                  distances.end());
  std::sort(distances.begin(), distances.end());
  const std::size_t count = distances.size();
  if (count < least_pairs)
    throw Error(ErrorCode::Settings, "calibration needs at least " + std::to_string(least_pairs) +
                                         " pairs of different people and got " +
                                         std::to_string(count) +
                                         "; enrol more people or give more labelled pairs");

  const auto quantile = [&](double rate) {
    return distances[static_cast<std::size_t>(std::ceil(rate * count)) - 1];
  };
  std::vector<Knot> knots;
  for (double rate : kRates) {
    if (rate < std::min(kLargestTail, kMeasuredPairs / count)) continue;
    const double distance = quantile(rate);
    if (knots.empty() || distance > knots.back().distance) knots.push_back({distance, rate});
  }

  const double edge = quantile(std::clamp(kTailPairs / count, kLeastTail, kLargestTail));
  std::vector<double> excesses;
  for (double distance : distances)
    if (distance < edge) excesses.push_back(edge - distance);
  if (excesses.size() < 2 || excesses.front() == excesses.back())
    throw Error(ErrorCode::Settings,
                "calibration needs pairs of different distances; these are all alike");
  Tail tail = fit_tail(std::move(excesses));
  // A Pareto tail stays one of the same shape beyond a nearer edge.
  const double moved = tail.scale + tail.shape * (edge - knots.front().distance);
  tail.scale = std::max(moved, tail.scale / 10);
  return {std::move(knots), tail, static_cast<int>(count)};
}

Calibration::Calibration(std::vector<Knot> knots, Tail tail, int pairs)
    : knots_(std::move(knots)), tail_(tail), pairs_(pairs) {
  require(!knots_.empty(), "has no knots");
  const Knot* before = nullptr;
  for (const Knot& knot : knots_) {
    require(std::isfinite(knot.distance) && knot.rate > 0 && knot.rate <= 1,
            "has a knot that is no distance with a rate of 0 to 1");
    require(!before || (knot.distance > before->distance && knot.rate >= before->rate),
            "has knots that do not rise");
    before = &knot;
  }
  require(std::isfinite(tail_.scale) && tail_.scale > 0, "has a tail without a scale");
  require(std::abs(tail_.shape) <= 1, "has a tail of an impossible shape");
  require(pairs_ > 0, "is of no pairs");
}

double Calibration::false_accept_rate(double distance) const {
  const Knot& edge = knots_.front();
  if (distance <= edge.distance) {
    const double share = beyond_knots(*this).share((edge.distance - distance) / tail_.scale);
    return std::max(edge.rate * share, 0.1 / pairs_);
  }
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    const Knot& a = knots_[i - 1];
    const Knot& b = knots_[i];
    if (distance > b.distance) continue;
    const double part = (distance - a.distance) / (b.distance - a.distance);
    return a.rate * std::pow(b.rate / a.rate, part);
  }
  return 1;
}

double Calibration::threshold(double rate) const {
  const Knot& edge = knots_.front();
  if (rate <= edge.rate) {
    return edge.distance - tail_.scale * beyond_knots(*this).excess(rate / edge.rate);
  }
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    const Knot& a = knots_[i - 1];
    const Knot& b = knots_[i];
    if (rate > b.rate) continue;
    return a.distance +
           std::log(rate / a.rate) / std::log(b.rate / a.rate) * (b.distance - a.distance);
  }
  return knots_.back().distance;
}

std::string to_json(const Calibration& curve) {
  nlohmann::json knots = nlohmann::json::array();
  for (const Calibration::Knot& knot : curve.knots()) knots.push_back({knot.distance, knot.rate});
  return nlohmann::json{{"knots", knots},
                        {"scale", curve.tail().scale},
                        {"shape", curve.tail().shape},
                        {"pairs", curve.pairs()}}
      .dump();
}

Calibration calibration_from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    std::vector<Calibration::Knot> knots;
    for (const auto& knot : json.at("knots")) {
      knots.push_back({knot.at(0).get<double>(), knot.at(1).get<double>()});
    }
    const auto pairs = json.at("pairs").get<double>();
    require(pairs >= 1 && pairs <= INT32_MAX, "is of no number of pairs");
    return {std::move(knots),
            {json.at("scale").get<double>(), json.at("shape").get<double>()},
            static_cast<int>(pairs)};
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        ErrorCode::Read,
        std::string("the curve of a calibration is not as it was written: ") + error.what());
  }
}

}  // namespace facerec
