// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace facerec::cli {

// Each reads its own line (argv[0] is the command's name) and returns the exit code. Throws Error.
int run_enroll(int argc, char** argv);
int run_list(int argc, char** argv);
int run_remove(int argc, char** argv);
int run_check(int argc, char** argv);
int run_gallery(int argc, char** argv);
int run_verify(int argc, char** argv);
int run_find(int argc, char** argv);
int run_track(int argc, char** argv);
int run_calibrate(int argc, char** argv);
int run_evaluate(int argc, char** argv);
int run_benchmark(int argc, char** argv);
int run_models(int argc, char** argv);

}  // namespace facerec::cli
