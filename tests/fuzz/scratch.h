// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

/// A folder in memory where the system has one, for what can only be read from a file; removed when
/// the program ends in good order.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// A file of the folder with that content, in place of an earlier one.
  std::filesystem::path write(const std::string& name, const std::uint8_t* data, std::size_t size);

  /// Removes all files.
  void clear();

 private:
  std::filesystem::path path_;
};
