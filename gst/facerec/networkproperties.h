// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "model/profile.h"

namespace facerec {

/// How to use a network that has no profile: the same properties on every element that runs one.
/// They count once `input-size` is set.
struct NetworkSettings {
  std::string method;  ///< detectors and landmarkers only
  std::string input_size{};
  bool rgb = false;
  double scale = 1;
  std::string mean = "0,0,0";
  std::string output{};
};

/// Installs the properties on a class, with ids from `first_id` on, which must be the class's last
/// ones; `default_method` is null where the role has one method only.
void install_network_properties(GObjectClass* klass, guint first_id, const char* default_method);

/// Both return false where the id is none of these. Call with the object lock held.
bool set_network_property(NetworkSettings& settings, guint first_id, guint id, const GValue* value);
bool get_network_property(const NetworkSettings& settings, guint first_id, guint id, GValue* value);

/// The profile that the settings stand for; empty where `input-size` is not set. Throws Error
/// (Settings) that names the property which cannot be understood.
std::optional<Profile> custom_profile(const NetworkSettings& settings, Role role);

}  // namespace facerec
