// SPDX-License-Identifier: LGPL-2.1-or-later

#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <string>

#include "../error.h"
#include "../text.h"
#include "commands.h"
#include "options.h"

namespace {

using namespace facerec::cli;

struct Command {
  const char* name;
  const char* summary;
  int (*run)(int argc, char** argv);
};

constexpr Command commands[] = {
    {"enroll", "add a person's photos to a gallery", run_enroll},
    {"list", "who is in a gallery", run_list},
    {"remove", "take a person out of a gallery", run_remove},
    {"check", "what is wrong with a gallery's photos", run_check},
    {"gallery", "copy a gallery to another place", run_gallery},
    {"verify", "whether two photos show the same person", run_verify},
    {"find", "who of a gallery is in a photo", run_find},
    {"track", "who is when in a video", run_track},
    {"evaluate", "how well people or faces are recognised on labelled data", run_evaluate},
    {"calibrate", "set a gallery's threshold for a false accept rate", run_calibrate},
    {"benchmark", "how fast this machine is, and how many cameras that makes", run_benchmark},
    {"models", "which models are there, and fetch more", run_models},
};

void print_help() {
  std::cout << "Usage: facerec COMMAND …\n\nRecognises faces in photos and videos.\n\nCommands:\n";
  for (const Command& command : commands) {
    std::cout << "  " << std::left << std::setw(9) << command.name << ' ' << command.summary
              << '\n';
  }
  std::cout << "\n`facerec COMMAND --help` shows a command's options. The exit code is 2 after an "
               "error.\n";
}

int run(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "--help";
  if (name == "--help" || name == "-h") {
    print_help();
    return EXIT_SUCCESS;
  }
  if (name == "--version") {
    std::cout << "facerec " FACEREC_VERSION "\n";
    return EXIT_SUCCESS;
  }
  std::string names;
  for (const Command& command : commands) {
    if (name == command.name) return command.run(argc - 1, argv + 1);
    names += (names.empty() ? "" : ", ") + std::string(command.name);
  }
  throw facerec::Error(
      facerec::ErrorCode::Settings,
      "there is no command '" + name + "'; type `facerec COMMAND` with one of " + names);
}

}  // namespace

int main(int argc, char** argv) {
  // What goes wrong in OpenCV becomes a sentence of this program.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  cv::redirectError([](int, const char*, const char*, const char*, int, void*) { return 0; });
  int code = exit_error;
  try {
    code = run(argc, argv);
    std::cout.flush();
    if (!std::cout) {
      throw facerec::Error(facerec::ErrorCode::Write,
                           "standard output cannot be written; check where it goes");
    }
  } catch (const std::exception& error) {
    std::cerr << "facerec: " << facerec::presentable(error.what()) << '\n';
    return exit_error;
  }
  return code;
}
