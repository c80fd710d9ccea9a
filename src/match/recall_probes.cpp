// SPDX-License-Identifier: LGPL-2.1-or-later

#include "recall_probes.h"

#include <cmath>
#include <random>

#include "../face.h"

namespace facerec {

namespace {

constexpr std::size_t most_probes = 600;  ///< of each kind

}  // namespace

RecallProbes recall_probes(const std::vector<std::vector<float>>& templates, Metric metric) {
  RecallProbes probes;
  if (templates.empty()) return probes;
  const auto count = static_cast<float>(templates.size());
  std::vector<float> mean(templates.front().size());
  for (const std::vector<float>& values : templates) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += values[i] / count;
  }
  std::minstd_rand random;
  std::normal_distribution<float> normal(0, 1 / std::sqrt(count));
  const auto keep = [&](std::vector<std::vector<float>>& of_kind, const std::vector<float>& probe) {
    std::vector<float> values = scaled(probe, metric);
    if (is_finite(values)) of_kind.push_back(std::move(values));
  };
  for (std::size_t n = 0; n < most_probes; ++n) {
    std::vector<float> stranger = mean;
    for (const std::vector<float>& values : templates) {
      const float weight = normal(random);
      for (std::size_t i = 0; i < mean.size(); ++i) stranger[i] += weight * (values[i] - mean[i]);
    }
    keep(probes.strangers, stranger);
    const float strange = static_cast<float>(n) / most_probes;
    for (std::size_t i = 0; i < mean.size(); ++i) {
      stranger[i] += (1 - strange) * (templates[n % templates.size()][i] - stranger[i]);
    }
    keep(probes.photos, stranger);
  }
  return probes;
}

}  // namespace facerec
