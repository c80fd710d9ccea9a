// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shared_material.h"
#include "temporary_folder.h"

/// What a run of the program left.
struct Result {
  int code = -1;
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs the program that was built, in a folder of its own.
class Program : public testing::Test {
 protected:
  Result run(const std::vector<std::string>& arguments) {
    std::string command = quote(environment("FACEREC_PROGRAM"));
    for (const std::string& argument : arguments) command += ' ' + quote(argument);
    command += " >" + quote(folder / "out") + " 2>" + quote(folder / "err") + " </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder / "out"),
            read_file(folder / "err")};
  }

  /// Runs it, expects exit code 2 and one sentence on standard error and nothing else; the
  /// sentence.
  std::string error(const std::vector<std::string>& arguments) {
    const Result result = run(arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err.rfind("facerec: ", 0), 0u) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    return result.err;
  }

  static std::string quote(const std::string& text) {
    std::string quoted = "'";
    for (char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
  }

  TemporaryFolder folder;
  const std::string gallery = folder / "people.db";
};

/// With the models and photos of the reference material.
class ProgramOnPhotos : public Program {
 protected:
  void SetUp() override {
    shared = shared_material();
    if (shared.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
    const std::string models = environment("FACEREC_SOURCE_ROOT") + "/models";
    setenv("FACEREC_MODEL_PATH", (models + ':' + (shared / "models").string()).c_str(), 1);
    miranda = shared / "media/hamilton_ids/lin-manuel-miranda.png";
    lacamoire = shared / "media/hamilton_ids/alex-lacamoire.png";
    sharon = shared / "media/lfw10/Ariel_Sharon";
  }
  void TearDown() override { unsetenv("FACEREC_MODEL_PATH"); }

  /// Every test names its models, so that more of them being present changes nothing.
  Result recognise(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--detector", "yunet", "--model", "mobilefacenet"});
    return run(arguments);
  }

  std::filesystem::path shared;
  std::string miranda, lacamoire;
  std::filesystem::path sharon;
};
