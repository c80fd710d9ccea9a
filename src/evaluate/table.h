// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace facerec {

std::vector<std::string> split(const std::string& line, char separator);

/// The lines of a text file that are not empty.
class Lines {
 public:
  /// Throws Error (NotFound).
  explicit Lines(const std::filesystem::path& file);

  bool next(std::string& text);

  /// Throws Error (Read) that names the file and the line that was read last.
  [[noreturn]] void fail(const std::string& problem) const;

  /// The text as a number of at least 0. Throws Error as fail() does.
  int whole_number(const std::string& text) const;

 private:
  std::filesystem::path file_;
  std::ifstream stream_;
  int number_ = 0;
};

/// A CSV file without quotes whose first line names the columns, in any order.
class Table {
 public:
  /// Throws Error: NotFound, or Read where a column is absent, saying that the header should read
  /// `header`.
  Table(const std::filesystem::path& file, const std::vector<std::string>& columns,
        const std::string& header);

  /// Goes to the next row. Throws Error (Read) where it has more or fewer fields than the header.
  bool next();

  bool has(const std::string& column) const { return columns_.count(column) > 0; }
  const std::string& operator[](const std::string& column) const;
  int whole_number(const std::string& column) const;
  float number(const std::string& column) const;

  [[noreturn]] void fail(const std::string& problem) const { lines_.fail(problem); }

 private:
  Lines lines_;
  std::map<std::string, std::size_t> columns_;
  std::vector<std::string> fields_;
};

}  // namespace facerec
