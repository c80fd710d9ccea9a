// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace facerec::cli {

/// `facerec benchmark gallery`; see commands.h.
int run_benchmark_gallery(int argc, char** argv);

}  // namespace facerec::cli
