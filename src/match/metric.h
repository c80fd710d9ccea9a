// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <vector>

#include "../model/profile.h"

namespace facerec {

enum class Metric {
  Cosine,       ///< 1 - cos(a, b): 0 (same direction) .. 2
  Euclidean,    ///< |a - b|: 0 ..
  EuclideanL2,  ///< |a/|a| - b/|b||: 0 .. 2
};

/// "cosine", "euclidean", "euclidean-l2".
std::string to_string(Metric metric);
/// Throws Error (Settings) that lists the names.
Metric parse_metric(const std::string& name);
std::vector<Metric> all_metrics();

/// The distance of two embeddings of one length. NaN where one of them is all zeros and the metric
/// needs a direction. Throws Error (Mismatch) where the lengths differ.
double distance(const std::vector<float>& a, const std::vector<float>& b, Metric metric);

/// Values between which distances are Euclidean ones, see convert(): of unit length unless the
/// metric is Euclidean. Not finite where they have no direction and the metric needs one.
std::vector<float> scaled(const std::vector<float>& values, Metric metric);

/// The distance of two vectors whose squared Euclidean one, of scaled() values, this is.
double distance_of_squared(double squared, Metric metric);

/// The distance of two vectors of scaled() values of one length.
double distance_of_scaled(const std::vector<float>& a, const std::vector<float>& b, Metric metric);

/// The greatest distance of `values` to another embedding of the same photo: numeric noise, by
/// which engines differ.
double greatest_noise(const std::vector<float>& values, Metric metric);

/// The metrics whose distances tell those of `wanted` exactly, itself first: between unit vectors
/// euclidean distance² = 2 × cosine distance.
std::vector<Metric> metrics_that_tell(Metric wanted, bool unit_length);

/// A distance, at least 0, in another of these metrics.
double convert(double distance, Metric from, Metric to);

/// The model's threshold for a metric: a distance at or below it means the same person. Where the
/// profile states it for another metric only, it is converted if that is exact. Throws Error
/// (Settings) where neither helps.
double default_threshold(const Profile& profile, Metric metric);

}  // namespace facerec
