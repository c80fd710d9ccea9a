// SPDX-License-Identifier: LGPL-2.1-or-later

#include "calibration.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "../error.h"

namespace facerec {

namespace {

constexpr double kTail = 0.1;
constexpr double kRates[] = {kTail, 0.15, 0.2, 0.3, 0.5, 0.75, 0.9, 1.0};
constexpr double kShapeLimit = 0.25;
constexpr double kExponential = 1e-6;  // shapes nearer to 0 use the limit

// Moment estimators; the shape is kept to where a light tail stays smooth and a heavy one finite.
Calibration::Tail fit_tail(const std::vector<double>& excesses) {
  double mean = 0, variance = 0;
  for (double excess : excesses) mean += excess / excesses.size();
  for (double excess : excesses) variance += (excess - mean) * (excess - mean) / excesses.size();
  const double ratio = mean * mean / variance;
  const double shape = std::clamp((1 - ratio) / 2, -kShapeLimit, kShapeLimit);
  return {mean * (1 - shape), shape};
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

  std::vector<Knot> knots;
  for (double rate : kRates) {
    const double distance = distances[static_cast<std::size_t>(std::ceil(rate * count)) - 1];
    if (knots.empty() || distance > knots.back().distance) knots.push_back({distance, rate});
  }

  std::vector<double> excesses;
  for (double distance : distances)
    if (distance < knots.front().distance) excesses.push_back(knots.front().distance - distance);
  if (excesses.size() < 2 || excesses.front() == excesses.back())
    throw Error(ErrorCode::Settings,
                "calibration needs pairs of different distances; these are all alike");
  const Tail tail = fit_tail(excesses);
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
    const double excess = (edge.distance - distance) / tail_.scale;
    const double survival =
        std::abs(tail_.shape) < kExponential
            ? std::exp(-excess)
            : std::pow(std::max(0.0, 1 + tail_.shape * excess), -1 / tail_.shape);
    return std::max(edge.rate * survival, 0.1 / pairs_);
  }
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    const Knot& a = knots_[i - 1];
    const Knot& b = knots_[i];
    if (distance > b.distance) continue;
    const double part = (distance - a.distance) / (b.distance - a.distance);
    return a.rate + part * (b.rate - a.rate);
  }
  return 1;
}

double Calibration::threshold(double rate) const {
  const Knot& edge = knots_.front();
  if (rate <= edge.rate) {
    const double part = rate / edge.rate;
    const double excess = std::abs(tail_.shape) < kExponential
                              ? -std::log(part)
                              : (std::pow(part, -tail_.shape) - 1) / tail_.shape;
    return edge.distance - tail_.scale * excess;
  }
  for (std::size_t i = 1; i < knots_.size(); ++i) {
    const Knot& a = knots_[i - 1];
    const Knot& b = knots_[i];
    if (rate > b.rate) continue;
    return a.distance + (rate - a.rate) / (b.rate - a.rate) * (b.distance - a.distance);
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
    return {std::move(knots),
            {json.at("scale").get<double>(), json.at("shape").get<double>()},
            json.at("pairs").get<int>()};
  } catch (const nlohmann::json::exception& error) {
    throw Error(
        ErrorCode::Read,
        std::string("the curve of a calibration is not as it was written: ") + error.what());
  }
}

}  // namespace facerec
