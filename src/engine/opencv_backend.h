// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "backend.h"

namespace facerec {

/// Throws Error as import_network() does.
std::unique_ptr<Backend> make_opencv_backend(const Model& model);

}  // namespace facerec
