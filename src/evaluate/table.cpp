// SPDX-License-Identifier: LGPL-2.1-or-later

#include "table.h"

#include <cmath>
#include <sstream>

#include "../error.h"
#include "../readable_file.h"

namespace facerec {

std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> fields;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, separator);) fields.push_back(field);
  if (!line.empty() && line.back() == separator) fields.emplace_back();
  return fields;
}

Lines::Lines(const std::filesystem::path& file) : file_(file), stream_(file) {
  require_readable(file, "pass the path of a table");
}

bool Lines::next(std::string& text) {
  while (std::getline(stream_, text)) {
    ++number_;
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (!text.empty()) return true;
  }
  return false;
}

void Lines::fail(const std::string& problem) const {
  throw Error(ErrorCode::Read,
              file_.string() + ", line " + std::to_string(number_) + ": " + problem);
}

int Lines::whole_number(const std::string& text) const {
  std::size_t used = 0;
  int value = -1;
  try {
    value = std::stoi(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || value < 0) {
    fail("\"" + text + "\" should be a whole number");
  }
  return value;
}

Table::Table(const std::filesystem::path& file, const std::vector<std::string>& columns,
             const std::string& header)
    : lines_(file) {
  std::string text;
  if (!lines_.next(text)) fail("the file is empty; its header should read " + header);
  for (const std::string& name : split(text, ',')) columns_.emplace(name, columns_.size());
  for (const std::string& name : columns) {
    if (has(name)) continue;
    std::string problem = "no column \"";
    problem.append(name).append("\"; the header should read ").append(header);
    fail(problem);
  }
}

bool Table::next() {
  std::string text;
  if (!lines_.next(text)) return false;
  fields_ = split(text, ',');
  if (fields_.size() != columns_.size()) {
    fail("it has " + std::to_string(fields_.size()) + " fields, the header has " +
         std::to_string(columns_.size()));
  }
  return true;
}

const std::string& Table::operator[](const std::string& column) const {
  return fields_.at(columns_.at(column));
}

int Table::whole_number(const std::string& column) const {
  return lines_.whole_number((*this)[column]);
}

float Table::number(const std::string& column) const {
  const std::string& text = (*this)[column];
  std::size_t used = 0;
  float value = NAN;
  try {
    value = std::stof(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || !std::isfinite(value)) {
    fail("\"" + text + "\" should be a number");
  }
  return value;
}

}  // namespace facerec
