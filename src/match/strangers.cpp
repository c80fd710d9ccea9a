// SPDX-License-Identifier: LGPL-2.1-or-later

#include "strangers.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

namespace facerec {
namespace {

constexpr std::size_t most = 1000;
/// Share of strangers' tracks that are taken for an earlier stranger's.
constexpr double confusion_rate = 1e-4;

/// Greatest distance of two tracks of one stranger; NaN where nothing tells it.
double threshold_among(int people, DecisionOptions options,
                       const std::optional<GalleryCalibration>& calibration,
                       const Profile* profile) {
  const double asked = options.threshold;
  options.threshold = 0;
  options.false_name_rate = confusion_rate;
  const double threshold = Decision(options, {people, {}}, calibration, profile).threshold();
  return asked > 0 ? std::fmin(asked, threshold) : threshold;
}

}  // namespace

int Strangers::number_of(const Embedding& mean, const DecisionOptions& options,
                         const std::optional<GalleryCalibration>& calibration,
                         const Profile* profile, const std::vector<int>& others) {
  const double threshold =
      threshold_among(static_cast<int>(strangers_.size()), options, calibration, profile);
  int nearest = 0;
  double least = threshold;
  for (const auto& [number, stranger] : strangers_) {
    if (stranger.mean.fingerprint != mean.fingerprint) continue;
    if (std::find(others.begin(), others.end(), number) != others.end()) continue;
    const double away = distance(stranger.mean.values, mean.values, options.metric);
    if (away <= least) {
      nearest = number;
      least = away;
    }
  }
  if (nearest == 0) {
    if (strangers_.size() >= most) {
      strangers_.erase(std::min_element(
          strangers_.begin(), strangers_.end(),
          [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
    }
    nearest = ++last_;
    strangers_[nearest].mean = mean;
  }
  strangers_[nearest].used = ++uses_;
  return nearest;
}

void Strangers::see(int number, const Embedding& mean) {
  const auto found = strangers_.find(number);
  if (found == strangers_.end()) return;
  Stranger& stranger = found->second;
  stranger.used = ++uses_;
  std::vector<float>& values = stranger.mean.values;
  if (values.size() != mean.values.size()) return;
  const double earlier = stranger.tracks++;
  const double length = (earlier * cv::norm(values) + cv::norm(mean.values)) / (earlier + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(earlier * values[i] + mean.values[i]);
  }
  const double sum = cv::norm(values);
  if (sum == 0) return;
  for (float& value : values) value = static_cast<float>(value / sum * length);
}

void Strangers::forget(int number) {
  const auto found = strangers_.find(number);
  if (found != strangers_.end() && found->second.tracks == 0) strangers_.erase(found);
}

}  // namespace facerec
