// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "../engine/options.h"
#include "profile.h"

namespace facerec {

/// A profile with its files found.
struct Model {
  Profile profile;
  std::vector<std::filesystem::path> files;  ///< same order as profile.files
  std::string fingerprint;  ///< SHA-256 over the files' SHA-256 and the preprocessing, hexadecimal
  EngineOptions engine{};
};

/// Folders that are searched, in this order: FACEREC_MODEL_PATH (colon separated), the user's data
/// folder ($XDG_DATA_HOME/gst-facerec/models), the installed data folder, the cascades of Debian's
/// opencv-data.
std::vector<std::filesystem::path> model_folders();

/// All profiles of the search path sorted by role, preference, name; the first of a name wins.
/// What cannot be read is left out, and why is added to `problems`.
std::vector<Profile> list_profiles(std::vector<std::string>* problems = nullptr);

/// The profile of that name and role in the search path; empty where there is none that can be
/// read.
std::optional<Profile> find_profile(const std::string& name, Role role);

/// Whether every file of the profile, and of the landmarker that it asks for, is in the search
/// path.
bool is_present(const Profile& profile);

/// Whether `name` is taken for a path: what holds a slash or a dot is.
bool is_path(const std::string& name);

/// What `name` means: "auto" (the present profile of that role with the lowest preference), a
/// profile's name, the path of a profile (.json, its network beside it) or, together with
/// `custom`, the path of a network; see is_path(). Checks size and SHA-256
/// where the profile states them. Throws Error: NotFound with the file's name and how to fetch it,
/// Read where a file is damaged, Settings where the name is of another role or where a network's
/// path comes without `custom`. `custom` holds what the profile of a bare network would say; null
/// where the caller has nothing. Its first file is the network; a configuration of the network's
/// name is found beside it.
Model find_model(const std::string& name, Role role, const Profile* custom = nullptr);

}  // namespace facerec
