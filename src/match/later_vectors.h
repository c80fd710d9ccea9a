// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "template_vectors.h"

namespace facerec {

/// The few vectors that came after an index was filled which takes none later: every one is
/// compared. Not for two threads at once where one adds or removes.
class LaterVectors {
 public:
  struct Near {
    int label = 0;
    double squared = 0;  ///< distance
  };

  /// `filled`: the vectors of the index. From a share of them on filling anew pays.
  LaterVectors(int dimension, std::size_t filled)
      : vectors_(dimension), most_(std::max<std::size_t>(1000, filled / 8)) {}

  /// False where there are too many.
  bool add(int label, const float* values) {
    remove(label);
    if (rows_.size() >= most_) return false;
    rows_[label] = vectors_.add(values, label);
    return true;
  }

  void remove(int label) {
    const auto found = rows_.find(label);
    if (found == rows_.end()) return;
    vectors_.remove(found->second);
    rows_.erase(found);
  }

  /// The labels of those that the index found, which are in order, and of the nearest of these; as
  /// many as `most`.
  std::vector<int> merged(std::vector<Near> found, const float* probe, std::size_t most) const {
    const auto middle = static_cast<std::ptrdiff_t>(found.size());
    const auto near = vectors_.nearest({probe, probe + vectors_.dimension()}, most_near);
    for (const TemplateVectors::Near& one : near.front()) {
      found.push_back({one.owner, one.squared});
    }
    std::inplace_merge(found.begin(), found.begin() + middle, found.end(),
                       [](const Near& a, const Near& b) { return a.squared < b.squared; });
    std::vector<int> labels;
    for (std::size_t i = 0; i < std::min(most, found.size()); ++i) labels.push_back(found[i].label);
    return labels;
  }

 private:
  static constexpr std::size_t most_near = 64;

  TemplateVectors vectors_;
  std::unordered_map<int, int> rows_;  ///< by label
  std::size_t most_;
};

}  // namespace facerec
