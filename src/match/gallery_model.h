// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "../model/catalog.h"
#include "gallery.h"

namespace facerec {

/// The model, found again, that a gallery's people were enrolled with; empty for an empty gallery.
/// Throws Error (NotFound, Read, Settings) as find_model() does.
std::optional<Model> model_of(const Gallery& gallery);

/// What a gallery keeps of an embedder of this profile that was found as find_model(`name`).
ModelFacts facts_of(const Profile& profile, const std::string& name);

}  // namespace facerec
