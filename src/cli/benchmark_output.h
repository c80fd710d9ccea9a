// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace facerec::cli {

/// What the processor calls itself, or of what architecture it is.
std::string processor();

/// Three digits that count.
std::string rounded(double value);

}  // namespace facerec::cli
