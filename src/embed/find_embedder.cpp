// SPDX-License-Identifier: LGPL-2.1-or-later

#include "find_embedder.h"

#include <optional>

#include "../align/template.h"
#include "../model/digest.h"

namespace facerec {

Model with_template(Model model, const std::string& template_name) {
  if (template_name.empty() || template_name == model.profile.template_name) return model;
  model.profile.template_name = find_template(template_name).name;
  model.fingerprint = sha256(model.fingerprint + template_name);
  model.profile.curves.clear();  // of faces in the profile's template
  return model;
}

Model find_embedder(const std::string& name, const std::string& template_name,
                    const Profile* custom) {
  std::optional<Profile> prepared;
  if (custom) {
    prepared = *custom;
    prepared->template_name = find_template(template_name.empty() ? "arcface" : template_name).name;
  }
  return with_template(find_model(name, Role::Embedder, prepared ? &*prepared : nullptr),
                       template_name);
}

}  // namespace facerec
