// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "detection.h"
#include "verification.h"

namespace facerec {

// Charts as SVG documents, 640 pixels wide, readable without any other file.

/// True accept rate over false accept rate (logarithmic from 1e-4).
std::string roc_chart(const std::vector<RocPoint>& curve);

/// Shares of distances of pairs of one person and of two people, with the threshold marked.
std::string distance_chart(const std::vector<PairDistance>& pairs, double threshold);

/// Precision over recall.
std::string precision_recall_chart(const std::vector<PrecisionRecall>& curve);

struct Bar {
  std::string name;
  std::string group;  ///< bars of one group have one colour
  double value = 0;   ///< at least 0
};

/// The bars below each other, with their values.
std::string bar_chart(const std::string& title, const std::string& unit,
                      const std::vector<Bar>& bars);

}  // namespace facerec
