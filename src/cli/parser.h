// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace facerec::cli {

/// One command's line: its options, their help and their reading with getopt_long.
class Parser {
 public:
  /// `synopsis` is what follows "facerec", e.g. "list --gallery FILE".
  Parser(std::string synopsis, std::string description);

  void flag(const std::string& name, const std::string& help, bool& value);
  void text(const std::string& name, const std::string& argument, const std::string& help,
            std::string& value);
  void text(const std::string& name, const std::string& argument, const std::string& help,
            const std::function<void(const std::string&)>& take);
  /// A number within [least, most].
  void number(const std::string& name, const std::string& help, double least, double most,
              const std::function<void(double)>& take);
  /// A whole number within [least, most].
  void integer(const std::string& name, const std::string& help, int least, int most, int& value);
  /// A place "X,Y" in pixels.
  void point(const std::string& name, const std::string& help, std::optional<cv::Point2f>& value);

  /// The operands; between `least` and `most` of them. argv[0] is the command's name. With --help
  /// it prints the help and ends the program. Throws Error (Settings) that says what to type.
  std::vector<std::string> parse(int argc, char** argv, std::size_t least, std::size_t most) const;

  /// Throws Error (Settings): the problem and the line to type instead.
  [[noreturn]] void fail(const std::string& problem) const;
  /// Fails where an option that has to be given is empty.
  void require(const std::string& name, const std::string& value) const;

 private:
  struct Option {
    std::string name;
    std::string argument;  ///< empty = a flag
    std::string help;
    std::function<void(const std::string&)> take;
  };

  void print_help() const;

  std::string synopsis_;
  std::string description_;
  std::vector<Option> options_;
};

}  // namespace facerec::cli
