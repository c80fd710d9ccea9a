// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "../engine/options.h"
#include "profile.h"

namespace facerec {

/// How to run a network, and how to use one that has no profile, as text that somebody typed: the
/// same properties on every element that runs one and options of the program. All but `engine`
/// count once `input_size` is set.
struct NetworkSettings {
  std::string method;  ///< detectors and landmarkers only
  std::string input_size{};
  bool rgb = false;
  double scale = 1;
  std::string mean = "0,0,0";
  std::string output{};
  EngineOptions engine{};
};

/// The profile that the settings stand for; empty where `input_size` is not set. Throws Error
/// (Settings) that names the setting which cannot be understood.
std::optional<Profile> custom_profile(const NetworkSettings& settings, Role role);

}  // namespace facerec
