// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "metric.h"

namespace facerec {

/// What a photo is to the others of its person.
struct OwnLikeness {
  std::optional<std::size_t>
      repeated;  ///< the first one that it is once more, see greatest_noise()
  std::optional<std::size_t>
      nearest;  ///< of those that it does not repeat; empty where there is none
  double distance = std::numeric_limits<double>::infinity();  ///< to the nearest
  bool unlike = false;                                        ///< the others, see compare_own()
};

/// Compares the photos of one person, given as scaled() values, with one another. One that repeats
/// another is judged as that one. A person's photos are alike within `threshold`, which is NaN
/// where none is known: one that is like none is unlike the others where more of them are like
/// another than like none. The order of the result is that of the photos.
std::vector<OwnLikeness> compare_own(const std::vector<const std::vector<float>*>& photos,
                                     Metric metric, double threshold);

}  // namespace facerec
