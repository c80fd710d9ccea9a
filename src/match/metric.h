#pragma once

#include <string>
#include <vector>

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

/// The distance of two embeddings of one length. NaN where one of them is all zeros and the metric
/// needs a direction.
double distance(const std::vector<float>& a, const std::vector<float>& b, Metric metric);

}  // namespace facerec
