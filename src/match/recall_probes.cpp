// SPDX-License-Identifier: LGPL-2.1-or-later

#include "recall_probes.h"

#include <cmath>
#include <random>

#include "../face.h"

namespace facerec {

namespace {

using Values = std::vector<float>;

constexpr std::size_t of_each_kind = 600;

Values mean_of(const std::vector<Values>& all) {
  Values mean(all.front().size());
  for (const Values& values : all) {
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += values[i] / static_cast<float>(all.size());
    }
  }
  return mean;
}

}  // namespace

std::vector<Values> recall_probes(const std::vector<std::vector<Values>>& people, Metric metric) {
  std::vector<Values> probes;
  if (people.empty()) return probes;
  std::vector<Values> templates, centres;
  for (const std::vector<Values>& person : people) {
    templates.push_back(person.front());
    centres.push_back(mean_of(person));
  }
  const Values mean = mean_of(templates);
  std::minstd_rand random;
  std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(templates.size())));
  const auto keep = [&](const Values& probe) {
    Values values = scaled(probe, metric);
    if (is_finite(values)) probes.push_back(std::move(values));
  };
  for (std::size_t n = 0; n < of_each_kind; ++n) {
    Values stranger = mean;
    for (const Values& values : templates) {
      const float weight = normal(random);
      for (std::size_t i = 0; i < mean.size(); ++i) stranger[i] += weight * (values[i] - mean[i]);
    }
    keep(stranger);
    const Values& centre = centres[n % centres.size()];
    const float strange = static_cast<float>(n) / of_each_kind;
    for (std::size_t i = 0; i < mean.size(); ++i) {
      stranger[i] += (1 - strange) * (centre[i] - stranger[i]);
    }
    keep(stranger);
  }
  return probes;
}

}  // namespace facerec
