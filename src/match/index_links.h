// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "../error.h"

namespace facerec {

/// Reads what an Index's links() gave, which may be damaged: numbers of this machine's bytes, for
/// they are made anew on another one.
class LinksReader {
 public:
  explicit LinksReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number next() {
    Number number;
    next(&number, sizeof number);
    return number;
  }
  void next(void* to, std::size_t bytes) {
    if (bytes_.size() < bytes) fail();
    std::memcpy(to, bytes_.data(), bytes);
    bytes_.remove_prefix(bytes);
  }
  /// A number of things that take `bytes` each at least, so that a wrong one reserves no more than
  /// there is.
  template <typename Number>
  Number next_count(std::size_t bytes) {
    const auto count = next<Number>();
    if (count > left() / bytes) fail();
    return count;
  }
  std::size_t left() const { return bytes_.size(); }
  [[noreturn]] static void fail() { throw Error(ErrorCode::Read, "its links are damaged"); }

 private:
  std::string_view bytes_;
};

template <typename Number>
void append(std::string& bytes, Number number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace facerec
