// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <vector>

#include "../model/catalog.h"

namespace facerec::cli {

/// The models of a role whose files are there, by preference. Throws Error as find_model() does
/// where one of them is damaged.
std::vector<Model> present_models(Role role);

}  // namespace facerec::cli
