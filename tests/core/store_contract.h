// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

/// A kind of store as store_contract.cpp tests it; each program of that defines one.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  /// Of a gallery that is not there yet.
  virtual std::string fresh_name() = 0;
  /// Keeps every other program from writing while the result lives.
  virtual std::shared_ptr<void> lock(const std::string& gallery) = 0;
};

/// Null where the kind cannot be tested here, with the reason on the standard output.
StoreUnderTest* store_under_test();
