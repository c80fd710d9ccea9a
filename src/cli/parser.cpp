// SPDX-License-Identifier: LGPL-2.1-or-later

#include "parser.h"

#include <getopt.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "../error.h"

namespace facerec::cli {

namespace {

std::string to_text(double value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

}  // namespace

Parser::Parser(std::string synopsis, std::string description)
    : synopsis_(std::move(synopsis)), description_(std::move(description)) {}

void Parser::flag(const std::string& name, const std::string& help, bool& value) {
  options_.push_back({name, "", help, [&value](const std::string&) { value = true; }});
}

void Parser::text(const std::string& name, const std::string& argument, const std::string& help,
                  std::string& value) {
  text(name, argument, help, [&value](const std::string& given) { value = given; });
}

void Parser::text(const std::string& name, const std::string& argument, const std::string& help,
                  const std::function<void(const std::string&)>& take) {
  options_.push_back({name, argument, help, [=](const std::string& given) {
                        if (given.empty()) fail("--" + name + " is empty");
                        take(given);
                      }});
}

void Parser::number(const std::string& name, const std::string& help, double least, double most,
                    const std::function<void(double)>& take) {
  options_.push_back({name, "NUMBER", help, [=](const std::string& given) {
                        double value = NAN;
                        const char* end = given.data() + given.size();
                        const auto [rest, problem] = std::from_chars(given.data(), end, value);
                        const bool read = problem == std::errc() && rest == end;
                        if (!read || !(value >= least && value <= most)) {
                          fail("--" + name + " takes a number from " + to_text(least) + " to " +
                               to_text(most) + ", not '" + given + "'");
                        }
                        take(value);
                      }});
}

void Parser::point(const std::string& name, const std::string& help,
                   std::optional<cv::Point2f>& value) {
  options_.push_back({name, "X,Y", help, [=, &value](const std::string& given) {
                        cv::Point2f place;
                        const char* end = given.data() + given.size();
                        auto read = std::from_chars(given.data(), end, place.x);
                        const bool comma =
                            read.ec == std::errc() && read.ptr != end && *read.ptr == ',';
                        if (comma) read = std::from_chars(read.ptr + 1, end, place.y);
                        if (!comma || read.ec != std::errc() || read.ptr != end) {
                          fail("--" + name + " takes a place as in 120,80, not '" + given + "'");
                        }
                        value = place;
                      }});
}

void Parser::integer(const std::string& name, const std::string& help, int least, int most,
                     int& value) {
  number(name, help, least, most, [this, name, &value](double given) {
    if (given != std::floor(given)) fail("--" + name + " takes a whole number");
    value = static_cast<int>(given);
  });
}

std::vector<std::string> Parser::parse(int argc, char** argv, std::size_t least,
                                       std::size_t most) const {
  constexpr int first_value = 256;  // beyond every character
  std::vector<option> table;
  table.reserve(options_.size() + 2);
  for (const Option& entry : options_) {
    table.push_back({entry.name.c_str(), entry.argument.empty() ? no_argument : required_argument,
                     nullptr, first_value + static_cast<int>(table.size())});
  }
  table.push_back({"help", no_argument, nullptr, 'h'});
  table.push_back({});

  optind = 1;
  for (int found = 0; (found = getopt_long(argc, argv, ":h", table.data(), nullptr)) != -1;) {
    if (found == 'h') {
      print_help();
      std::exit(EXIT_SUCCESS);
    }
    if (found == ':') fail(std::string(argv[optind - 1]) + " needs a value");
    if (found == '?') fail("option '" + std::string(argv[optind - 1]) + "' is not understood");
    options_[found - first_value].take(optarg ? optarg : "");
  }

  std::vector<std::string> operands(argv + optind, argv + argc);
  if (operands.size() < least) fail("an argument is missing");
  if (operands.size() > most) fail("'" + operands[most] + "' is one argument too many");
  return operands;
}

void Parser::fail(const std::string& problem) const {
  throw Error(ErrorCode::Settings,
              problem + "; type `facerec " + synopsis_ + "`, or --help behind the command");
}

void Parser::require(const std::string& name, const std::string& value) const {
  if (value.empty()) fail("--" + name + " is missing");
}

void Parser::print_help() const {
  std::cout << "Usage: facerec " << synopsis_ << "\n\n" << description_ << "\n\nOptions:\n";
  const auto line = [](const std::string& option, const std::string& help) {
    std::cout << "  " << std::left << std::setw(22) << option << ' ' << help << '\n';
  };
  for (const Option& entry : options_) {
    line("--" + entry.name + (entry.argument.empty() ? "" : ' ' + entry.argument), entry.help);
  }
  line("--help", "this text");
}

}  // namespace facerec::cli
