// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>

#include <fstream>

#include "../../src/model/catalog.h"
#include "pictures.h"

/// The repository, which meson test names.
inline std::filesystem::path source_root() {
  const std::string root = environment("FACEREC_SOURCE_ROOT");
  if (root.empty()) throw std::runtime_error("FACEREC_SOURCE_ROOT is not set; meson test sets it");
  return root;
}

/// Where networks are looked for: those of the repository and of the reference material.
inline std::vector<std::filesystem::path> network_folders() {
  const auto shared = shared_material();
  if (shared.empty()) return {source_root() / "models"};
  return {source_root() / "models", shared / "models", shared / "models/mtcnn"};
}

/// Whether every file of the profile is in one of them.
inline bool is_here(const facerec::Profile& profile) {
  const auto folders = network_folders();
  return std::all_of(profile.files.begin(), profile.files.end(), [&](const auto& file) {
    return std::any_of(folders.begin(), folders.end(), [&](const auto& folder) {
      return std::filesystem::exists(folder / file.name);
    });
  });
}

inline nlohmann::json read_golden() {
  return nlohmann::json::parse(std::ifstream(source_root() / "tests/golden/golden.json"));
}

/// What the reference says of a kind of profile, a parameter each.
class Golden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::string path;
    for (const auto& folder : network_folders()) path += folder.string() + ":";
    setenv("FACEREC_MODEL_PATH", path.c_str(), 1);
    const auto profile =
        facerec::read_profile(source_root() / "models" / (GetParam() + std::string(".json")));
    if (shared_material().empty() && !is_here(profile)) {
      GTEST_SKIP() << "the network is absent, see FACEREC_SHARED";
    }
    golden_ = read_golden();
  }

  /// With the engine that FACEREC_GOLDEN_ENGINE names.
  static facerec::Model model(facerec::Role role) {
    facerec::Model model;
    if (std::string(GetParam()) != "openface") {
      model = facerec::find_model(GetParam(), role);
    } else {  // The published file is not at hand; another of its architecture, other weights, is.
      model.profile = facerec::read_profile(source_root() / "models/openface.json");
      model.files = {shared_material() / "models/openface_nn4small2_partial.t7"};
    }
    const std::string engine = environment("FACEREC_GOLDEN_ENGINE");
    if (!engine.empty()) model.engine.name = engine;
    return model;
  }

  /// Those cases whose pictures can be made here.
  static std::vector<nlohmann::json> possible(const nlohmann::json& cases) {
    std::vector<nlohmann::json> kept;
    for (const nlohmann::json& each : cases) {
      if (!shared_material().empty() || is_formula(each["picture"])) kept.push_back(each);
    }
    return kept;
  }

  nlohmann::json golden_;
};

/// Profiles that would be wrong: other channel order, mean, scale.
inline std::vector<facerec::Model> wrong(const facerec::Model& model) {
  std::vector<facerec::Model> models(3, model);
  models[0].profile.rgb = !model.profile.rgb;
  for (double& mean : models[1].profile.mean) mean = mean == 0 ? 127.5 : 0;
  models[2].profile.scale *= 1.1;
  return models;
}

inline std::vector<cv::Point2f> points_of(const nlohmann::json& pairs) {
  std::vector<cv::Point2f> points;
  for (const nlohmann::json& pair : pairs) points.emplace_back(pair[0], pair[1]);
  return points;
}

inline std::string test_name(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}
