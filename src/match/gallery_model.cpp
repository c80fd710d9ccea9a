// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_model.h"

#include "../embed/find_embedder.h"

namespace facerec {

std::optional<Model> model_of(const Gallery& gallery) {
  const ModelId id = gallery.model();
  if (id.fingerprint.empty()) return std::nullopt;
  const auto facts = gallery.facts();
  if (!facts) return find_model(id.name, Role::Embedder);
  // A path may have been one of another machine, on which the model has the same name.
  std::error_code ignored;
  const bool moved = is_path(facts->location) && !std::filesystem::exists(facts->location, ignored);
  const bool known = moved && find_profile(id.name, Role::Embedder);
  return find_embedder(known ? id.name : facts->location, facts->profile.template_name,
                       &facts->profile);
}

ModelFacts facts_of(const Profile& profile, const std::string& name) {
  if (name == "auto") return {profile, profile.name};
  return {profile, is_path(name) ? std::filesystem::absolute(name).string() : name};
}

}  // namespace facerec
