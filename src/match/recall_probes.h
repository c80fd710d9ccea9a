// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "metric.h"

namespace facerec {

/// Faces by which the recall of an index is measured, the same each time, as scaled() gives them:
/// further photos of these people, from the mean of a person's templates on ever farther from it,
/// and as many strangers. `people` are some hundred of a gallery and have templates, given as
/// scaled() values, whose mean and covariance the strangers have.
std::vector<std::vector<float>> recall_probes(
    const std::vector<std::vector<std::vector<float>>>& people, Metric metric);

}  // namespace facerec
