// SPDX-License-Identifier: LGPL-2.1-or-later

#include "held_gallery.h"
#include "store_contract.h"
#include "temporary_folder.h"

namespace {

class SqliteUnderTest final : public StoreUnderTest {
 public:
  std::string fresh_name() override {
    return (folder_ / ("people" + std::to_string(++count_) + ".db")).string();
  }

  std::shared_ptr<void> lock(const std::string& gallery) override {
    return std::make_shared<HeldGallery>(gallery);
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
