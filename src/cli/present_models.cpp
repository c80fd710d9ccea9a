// SPDX-License-Identifier: LGPL-2.1-or-later

#include "present_models.h"

namespace facerec::cli {

std::vector<Model> present_models(Role role) {
  std::vector<Model> models;
  for (const Profile& profile : list_profiles()) {
    if (profile.role == role && is_present(profile)) {
      models.push_back(find_model(profile.name, role));
    }
  }
  return models;
}

}  // namespace facerec::cli
