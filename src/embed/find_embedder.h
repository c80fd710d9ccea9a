// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "../model/catalog.h"

namespace facerec {

/// The model with faces aligned to another template than its profile says: other numbers come out,
/// so it gets another fingerprint. An empty name changes nothing. Throws Error as find_template().
Model with_template(Model model, const std::string& template_name);

/// find_model() of an embedder, with a template; an empty one means the profile's own, for a bare
/// network "arcface". Throws Error as find_model() and find_template() do.
Model find_embedder(const std::string& name, const std::string& template_name,
                    const Profile* custom = nullptr);

}  // namespace facerec
