// SPDX-License-Identifier: LGPL-2.1-or-later

#include "catalog.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <tuple>

#include "../error.h"
#include "../readable_file.h"
#include "data_dir.h"
#include "digest.h"

namespace facerec {
namespace {

namespace fs = std::filesystem;

/// Where Debian's opencv-data puts its cascades.
constexpr const char* cascade_folder = "/usr/share/opencv4/haarcascades";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string folders_text(const std::vector<fs::path>& folders) {
  return join({folders.begin(), folders.end()});
}

std::string fetch_hint(const Profile& profile) {
  return "run 'facerec models fetch " + profile.name + "' (models/fetch in the source tree)";
}

std::optional<fs::path> find_in(const std::vector<fs::path>& folders, const std::string& name) {
  for (const fs::path& folder : folders) {
    if (is_file(folder / name)) return folder / name;
  }
  return std::nullopt;
}

/// Changes of one character that turn one word into the other (Levenshtein).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

[[noreturn]] void unknown_name(const std::string& name, Role role) {
  std::vector<std::string> known;
  std::string nearest;
  std::size_t least = 3;
  for (const Profile& profile : list_profiles()) {
    if (profile.role != role) continue;
    known.push_back(profile.name);
    const std::size_t edits = edit_distance(name, profile.name);
    if (edits < least) {
      least = edits;
      nearest = profile.name;
    }
  }
  std::string message = "no " + to_string(role) + " is named '" + name + "'";
  if (!nearest.empty()) message += ", did you mean '" + nearest + "'?";
  message += known.empty() ? "; no profile was found in " + folders_text(model_folders())
                           : "; known are " + join(known);
  throw Error(ErrorCode::NotFound, message + "; or pass the path of a network or profile");
}

/// What decides, besides the network's weights, which numbers an embedding has.
std::string preprocessing_text(const Profile& profile) {
  nlohmann::json text{{"input", {profile.input.width, profile.input.height}},
                      {"rgb", profile.rgb},
                      {"mean", profile.mean},
                      {"scale", profile.scale},
                      {"template", profile.template_name},
                      {"margin", profile.margin},
                      {"output", profile.output},
                      {"unit_length", profile.unit_length}};
  // Only where it holds: the fingerprints of older galleries stay.
  if (profile.standardise) text["standardise"] = true;
  return text.dump();
}

/// The file's SHA-256, after size and checksum were compared with what the profile states.
std::string checked_digest(const Profile& profile, const ModelFile& expected,
                           const fs::path& file) {
  const std::string remedy =
      (expected.url.empty() ? "get it again: " + profile.source : fetch_hint(profile)) +
      ", or pass the path of the file to use it as it is";
  std::error_code failure;
  const std::uintmax_t size = fs::file_size(file, failure);
  if (expected.size && !failure && size != expected.size) {
    throw Error(ErrorCode::Read, file.string() + " has " + std::to_string(size) +
                                     " bytes instead of " + std::to_string(expected.size) +
                                     (size < expected.size ? ", it is truncated: " : ": ") +
                                     remedy);
  }
  std::string digest = sha256_of_file(file);
  if (!expected.sha256.empty() && digest != expected.sha256) {
    throw Error(ErrorCode::Read, file.string() +
                                     " has another checksum than its profile states, so it is "
                                     "damaged or another file: " +
                                     remedy);
  }
  return digest;
}

Model load(Profile profile, const std::vector<fs::path>& folders) {
  Model model;
  std::string digests;
  for (const ModelFile& expected : profile.files) {
    const auto file = find_in(folders, expected.name);
    if (!file) {
      throw Error(ErrorCode::NotFound,
                  expected.name + " of model '" + profile.name + "' was not found in " +
                      folders_text(folders) + ": " +
                      (expected.url.empty() ? profile.source : fetch_hint(profile)));
    }
    digests += checked_digest(profile, expected, *file) + '\n';
    model.files.push_back(*file);
  }
  model.fingerprint = sha256(digests + preprocessing_text(profile));
  model.profile = std::move(profile);
  return model;
}

void require_role(const Profile& profile, Role role) {
  if (profile.role == role) return;
  throw Error(ErrorCode::Settings, "model '" + profile.name + "' has the role " +
                                       to_string(profile.role) + ", choose one of the role " +
                                       to_string(role) + " here");
}

Model find_automatic(Role role) {
  std::vector<std::string> absent;
  std::optional<Profile> first;
  for (const Profile& profile : list_profiles()) {
    if (profile.role != role || profile.preference == 0) continue;
    if (is_present(profile)) return load(profile, model_folders());
    absent.push_back(profile.name);
    if (!first) first = profile;
  }
  const std::string where = folders_text(model_folders());
  if (!first) {
    throw Error(ErrorCode::NotFound, "no profile of a " + to_string(role) + " was found in " +
                                         where + ": set FACEREC_MODEL_PATH to the folder 'models'");
  }
  throw Error(ErrorCode::NotFound, "no " + to_string(role) + " is present (looked for " +
                                       join(absent) + " in " + where + "): " + fetch_hint(*first));
}

/// The configuration that a format keeps in a file of its own, beside the network.
std::optional<fs::path> configuration_of(const fs::path& network) {
  const std::pair<const char*, const char*> kinds[] = {
      {".caffemodel", ".prototxt"}, {".pb", ".pbtxt"}, {".weights", ".cfg"}};
  for (const auto& [extension, configuration] : kinds) {
    if (network.extension() != extension) continue;
    fs::path file = network;
    file.replace_extension(configuration);
    if (is_file(file)) return file;
  }
  return std::nullopt;
}

Model find_bare_network(const fs::path& network, const Profile& custom) {
  Profile profile = custom;
  if (profile.name.empty()) profile.name = network.stem();
  if (profile.source.empty()) profile.source = "pass a whole file";
  if (profile.files.empty()) {
    profile.files.push_back({});
    if (const auto file = configuration_of(network)) {
      profile.files.push_back({});
      profile.files.back().name = file->filename();
    }
  }
  profile.files.front() = {};
  profile.files.front().name = network.filename();
  const fs::path folder = network.parent_path();
  return load(std::move(profile), {folder.empty() ? "." : folder});
}

}  // namespace

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  if (const char* list = std::getenv("FACEREC_MODEL_PATH")) {
    std::istringstream stream(list);
    for (std::string folder; std::getline(stream, folder, ':');) {
      if (!folder.empty()) folders.emplace_back(folder);
    }
  }
  const char* data = std::getenv("XDG_DATA_HOME");
  const char* home = std::getenv("HOME");
  if (data && *data) {
    folders.push_back(fs::path(data) / "gst-facerec/models");
  } else if (home && *home) {
    folders.push_back(fs::path(home) / ".local/share/gst-facerec/models");
  }
  folders.emplace_back(FACEREC_DATA_DIR "/models");
  folders.emplace_back(cascade_folder);
  return folders;
}

std::vector<Profile> list_profiles(std::vector<std::string>* problems) {
  std::vector<Profile> profiles;
  for (const fs::path& folder : model_folders()) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      const bool known = std::any_of(profiles.begin(), profiles.end(), [&](const Profile& profile) {
        return profile.name == entry.path().stem();
      });
      if (entry.path().extension() != ".json" || known) continue;
      try {
        profiles.push_back(read_profile(entry.path()));
      } catch (const Error& error) {
        if (problems) problems->push_back(error.what());
      }
    }
  }
  std::sort(profiles.begin(), profiles.end(), [](const Profile& a, const Profile& b) {
    return std::tie(a.role, a.preference, a.name) < std::tie(b.role, b.preference, b.name);
  });
  return profiles;
}

std::optional<Profile> find_profile(const std::string& name, Role role) {
  if (name.find('/') != std::string::npos) return std::nullopt;
  const auto file = find_in(model_folders(), name + ".json");
  if (!file) return std::nullopt;
  try {
    Profile profile = read_profile(*file);
    if (profile.role == role) return profile;
  } catch (const Error&) {
    // Another file may be broken without harm to who asks for none by name.
  }
  return std::nullopt;
}

bool is_present(const Profile& profile) {
  const std::vector<fs::path> folders = model_folders();
  const bool files =
      std::all_of(profile.files.begin(), profile.files.end(),
                  [&](const ModelFile& file) { return find_in(folders, file.name).has_value(); });
  if (!files || profile.landmarks.empty()) return files;
  const auto file = find_in(folders, profile.landmarks + ".json");
  if (!file) return false;
  // A landmarker asks for no other model, so that this ends whatever the files name.
  const Profile landmarks = read_profile(*file);
  return landmarks.role == Role::Landmarker && is_present(landmarks);
}

bool is_path(const std::string& name) {
  return name.find_first_of("/.") != std::string::npos;
}

Model find_model(const std::string& name, Role role, const Profile* custom) {
  if (name == "auto") return find_automatic(role);
  if (name.empty()) {
    throw Error(ErrorCode::Settings, "the name of the " + to_string(role) +
                                         " is empty: pass auto, a name that 'facerec models list' "
                                         "shows, or the path of a network or profile");
  }

  if (!is_path(name)) {
    const auto file = find_in(model_folders(), name + ".json");
    if (!file) unknown_name(name, role);
    Profile profile = read_profile(*file);
    require_role(profile, role);
    return load(std::move(profile), model_folders());
  }

  const fs::path path = name;
  require_readable(path, "pass the path of a network or profile");
  if (path.extension() == ".json") {
    Profile profile = read_profile(path);
    require_role(profile, role);
    std::vector<fs::path> folders = model_folders();
    folders.insert(folders.begin(), path.has_parent_path() ? path.parent_path() : ".");
    return load(std::move(profile), folders);
  }
  if (!custom) {
    throw Error(ErrorCode::Settings,
                name +
                    " is a network without a profile: say how its input is prepared, or pass the "
                    "path of a profile (.json)");
  }
  return find_bare_network(path, *custom);
}

}  // namespace facerec
