// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "metric.h"

namespace facerec {

/// Probes by which the recall of an index is measured, the same each time.
struct RecallProbes {
  std::vector<std::vector<float>> photos;     ///< at all distances from a template
  std::vector<std::vector<float>> strangers;  ///< with the templates' mean and covariance
};

/// Probes that are like these templates, some hundred of a gallery, as scaled() gives them.
RecallProbes recall_probes(const std::vector<std::vector<float>>& templates, Metric metric);

}  // namespace facerec
