// SPDX-License-Identifier: LGPL-2.1-or-later

#include "metric.h"

#include <array>
#include <cmath>
#include <opencv2/core.hpp>

#include "../error.h"

namespace facerec {

namespace {

struct NamedMetric {
  Metric metric;
  const char* name;
};

constexpr std::array<NamedMetric, 3> metrics{{
    {Metric::Cosine, "cosine"},
    {Metric::Euclidean, "euclidean"},
    {Metric::EuclideanL2, "euclidean-l2"},
}};

/// Of the length of an embedding: more than what engines differ by, less than a photo that was
/// saved anew.
constexpr double noise = 1e-3;

double squared_length(const std::vector<float>& values) {
  double sum = 0;
  for (double value : values) sum += value * value;
  return sum;
}

/// |a/|a| - b/|b||², from the difference and not from the product, which would lose the digits of
/// small distances.
double squared_distance(const std::vector<float>& a, double a_length, const std::vector<float>& b,
                        double b_length) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = a[i] / a_length - b[i] / b_length;
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

std::string to_string(Metric metric) {
  for (const auto& entry : metrics) {
    if (entry.metric == metric) return entry.name;
  }
  throw Error(ErrorCode::Settings, "unknown metric " + std::to_string(static_cast<int>(metric)));
}

Metric parse_metric(const std::string& name) {
  std::string names;
  for (const auto& entry : metrics) {
    if (name == entry.name) return entry.metric;
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorCode::Settings, "no metric is called '" + name + "'; use one of " + names);
}

std::vector<Metric> all_metrics() {
  return {Metric::Cosine, Metric::Euclidean, Metric::EuclideanL2};
}

double distance(const std::vector<float>& a, const std::vector<float>& b, Metric metric) {
  if (a.size() != b.size()) {
    throw Error(ErrorCode::Mismatch,
                "embeddings of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                    " values cannot be compared; represent both faces with one model");
  }
  if (metric == Metric::Euclidean) return std::sqrt(squared_distance(a, 1, b, 1));

  const double a_length = std::sqrt(squared_length(a));
  const double b_length = std::sqrt(squared_length(b));
  if (a_length == 0 || b_length == 0) return NAN;
  const double squared = squared_distance(a, a_length, b, b_length);
  return distance_of_squared(squared, metric);
}

std::vector<float> scaled(const std::vector<float>& values, Metric metric) {
  std::vector<float> result = values;
  if (metric == Metric::Euclidean) return result;
  const auto length = static_cast<float>(cv::norm(values));
  for (float& value : result) value /= length;
  return result;
}

double distance_of_squared(double squared, Metric metric) {
  return metric == Metric::Cosine ? squared / 2 : std::sqrt(squared);
}

double distance_of_scaled(const std::vector<float>& a, const std::vector<float>& b, Metric metric) {
  return convert(cv::norm(a, b), Metric::EuclideanL2, metric);
}

double greatest_noise(const std::vector<float>& values, Metric metric) {
  if (metric == Metric::Cosine) return noise * noise / 2;
  return metric == Metric::Euclidean ? noise * std::sqrt(squared_length(values)) : noise;
}

std::vector<Metric> metrics_that_tell(Metric wanted, bool unit_length) {
  std::vector<Metric> result{wanted};
  if (wanted == Metric::Euclidean && !unit_length) return result;
  for (Metric other : {Metric::Cosine, Metric::EuclideanL2, Metric::Euclidean}) {
    const bool of_unit_vectors = other != Metric::Euclidean || unit_length;
    if (other != wanted && of_unit_vectors) result.push_back(other);
  }
  return result;
}

double convert(double distance, Metric from, Metric to) {
  if ((from == Metric::Cosine) == (to == Metric::Cosine)) return distance;
  return to == Metric::Cosine ? distance * distance / 2 : std::sqrt(2 * distance);
}

double default_threshold(const Profile& profile, Metric metric) {
  for (Metric stated : metrics_that_tell(metric, profile.unit_length)) {
    const auto found = profile.thresholds.find(to_string(stated));
    if (found != profile.thresholds.end()) return convert(found->second.value, stated, metric);
  }
  throw Error(ErrorCode::Settings, "the profile of model '" + profile.name +
                                       "' states no threshold for the metric '" +
                                       to_string(metric) + "'; choose a threshold yourself");
}

}  // namespace facerec
