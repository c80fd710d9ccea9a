// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "../face.h"

namespace facerec::cli {

/// Embeddings of people who do not exist, 128 values of unit length, spread as facerec-embed
/// spreads those of real ones: along each axis a person's centre and each photo's distance from it
/// are drawn from normal distributions.
class DrawnPeople {
 public:
  static constexpr int dimension = 128;
  using Values = std::vector<float>;

  explicit DrawnPeople(std::uint64_t seed) : random_(seed) {}

  /// Somebody new.
  Values centre() {
    Values values(dimension);
    for (int axis = 0; axis < dimension; ++axis) {
      values[axis] = axes[axis].mean + normal(axes[axis].between);
    }
    return values;
  }

  Embedding photo(const Values& centre) {
    Values values(centre);
    for (int axis = 0; axis < dimension; ++axis) values[axis] += normal(axes[axis].within);
    cv::normalize(values, values);
    return {"drawn", "f00d", values, true};
  }

 private:
  struct Axis {
    float mean, between, within;
  };
  /// By models/train/embedding_spread.py.
  static constexpr Axis axes[dimension] = {
#include "embedding_spread.inc"
  };

  float normal(float deviation) {
    return static_cast<float>(random_.gaussian(deviation));
  }

  cv::RNG random_;
};

}  // namespace facerec::cli
