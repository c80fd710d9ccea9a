// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "../engine/options.h"
#include "../model/profile.h"
#include "measurements.h"

namespace facerec::cli {

/// How many pictures a network is given at once.
constexpr int batch_sizes[] = {1, 2, 4, 8};

struct NetworkTimes {
  std::string name;
  Role role{};
  cv::Size input;
  std::string engine;
  /// Of a whole batch, for each of batch_sizes; empty where the network does not take so many or
  /// was not asked, as detectors are not.
  std::vector<std::optional<Timing>> batches;
};

/// Of all models that are present and one network each, in each engine where `engine` names "auto".
/// Throws Error as find_model() and make_backend() do.
std::vector<NetworkTimes> time_networks(const EngineOptions& engine, double seconds);

}  // namespace facerec::cli
