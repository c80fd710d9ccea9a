// SPDX-License-Identifier: LGPL-2.1-or-later

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

#include "../error.h"
#include "../model/catalog.h"
#include "commands.h"
#include "data_dir.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace {

/// The model of that name; empty files and why, where it cannot be used.
struct State {
  std::string name;
  std::vector<std::filesystem::path> files;
  std::string problem;
};

State look_up(const std::string& name, Role role) {
  try {
    const Model model = find_model(name, role);
    return {model.profile.name, model.files, ""};
  } catch (const Error& error) {
    return {"", {}, error.what()};
  }
}

std::string place_of(const std::vector<std::filesystem::path>& files) {
  return files.empty() ? "built in" : files.front().parent_path().string();
}

int list_models(bool json) {
  Json entries = Json::array();
  std::vector<std::vector<std::string>> rows{{"ROLE", "NAME", "STATE", "WHERE", "LICENCE"}};
  std::vector<std::string> damaged;
  for (const Profile& profile : list_profiles(&damaged)) {
    const bool present = is_present(profile);
    const State state = present ? look_up(profile.name, profile.role) : State{};
    const bool usable = present && state.problem.empty();
    const bool automatic = usable && look_up("auto", profile.role).name == profile.name;
    if (present && !usable) damaged.push_back(state.problem);

    Json files = Json::array();
    for (const auto& file : state.files) files.push_back(file.string());
    entries.push_back({{"role", to_string(profile.role)},
                       {"name", profile.name},
                       {"title", profile.title},
                       {"present", present},
                       {"problem", state.problem.empty() ? Json() : Json(state.problem)},
                       {"auto", automatic},
                       {"licence", profile.licence},
                       {"files", files}});
    rows.push_back({to_string(profile.role), profile.name,
                    automatic ? "present, auto"
                    : usable  ? "present"
                    : present ? "damaged"
                              : "absent",
                    usable ? place_of(state.files) : "-", profile.licence});
  }
  if (json) {
    print({{"models", entries}});
  } else {
    print_table(rows);
    for (const std::string& problem : damaged) std::cerr << problem << '\n';
  }
  return exit_yes;
}

/// The program `fetch` that came with this one: the installed one, or that of the source tree where
/// this is the program that was built there. Others on the model path are not run.
std::filesystem::path fetch_program() {
  std::error_code ignored;
  const bool built = std::filesystem::equivalent("/proc/self/exe", FACEREC_BUILT_PROGRAM, ignored);
  return std::filesystem::path(built ? FACEREC_SOURCE_MODELS : FACEREC_DATA_DIR "/models") /
         "fetch";
}

/// Becomes the program `fetch`.
int fetch_models(char** names) {
  const std::string program = fetch_program();
  std::vector<char*> arguments{const_cast<char*>(program.c_str())};
  while (*names) arguments.push_back(*names++);
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  throw Error(ErrorCode::Read,
              "'" + program + "' cannot be run: " + std::strerror(errno) + "; install it anew");
}

}  // namespace

int run_models(int argc, char** argv) {
  bool json = false;
  Parser parser("models list|fetch [NAME…]",
                "list: prints every model of the search path, whether its files are there, and\n"
                "which one `auto` takes. fetch: downloads the files of the models that are named.");
  add_json_option(parser, json);
  std::vector<std::string> operands = parser.parse(argc, argv, 1, SIZE_MAX);
  if (operands[0] == "list" && operands.size() == 1) return list_models(json);
  if (operands[0] == "fetch" && operands.size() > 1) {
    std::vector<char*> names;
    for (auto name = operands.begin() + 1; name != operands.end(); ++name) {
      names.push_back(name->data());
    }
    names.push_back(nullptr);
    return fetch_models(names.data());
  }
  parser.fail(operands[0] == "fetch" ? "name the models to fetch"
                                     : "'" + operands[0] + "' is neither list nor fetch");
}

}  // namespace facerec::cli
