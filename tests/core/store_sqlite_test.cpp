// SPDX-License-Identifier: LGPL-2.1-or-later

#include <sqlite3.h>

#include <stdexcept>

#include "store_contract.h"
#include "temporary_folder.h"

namespace {

class SqliteUnderTest final : public StoreUnderTest {
 public:
  std::string fresh_name() override {
    return (folder_ / ("people" + std::to_string(++count_) + ".db")).string();
  }

  std::shared_ptr<void> lock(const std::string& gallery) override {
    sqlite3* other = nullptr;
    if (sqlite3_open(gallery.c_str(), &other) != SQLITE_OK ||
        sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error("the lock was not to be had");
    }
    return {other, sqlite3_close};
  }

 private:
  TemporaryFolder folder_;
  int count_ = 0;
};

}  // namespace

StoreUnderTest* store_under_test() {
  static SqliteUnderTest store;
  return &store;
}
