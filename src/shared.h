// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace facerec {

/// Values that are there once in the process for as long as somebody holds them. Any thread may
/// ask.
template <typename T>
class Shared {
 public:
  using Make = std::function<std::unique_ptr<T>()>;

  /// The value of that key; `make` makes it where nobody holds one. Who asks for the same key
  /// meanwhile waits, for others does not. Throws what `make` throws.
  std::shared_ptr<T> get(const std::string& key, const Make& make) {
    const std::shared_ptr<Slot> slot = slot_of(key);
    const std::lock_guard lock(slot->mutex);
    if (!slot->value) slot->value = make();
    return {slot, slot->value.get()};
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::unique_ptr<T> value;
  };

  std::shared_ptr<Slot> slot_of(const std::string& key) {
    const std::lock_guard lock(mutex_);
    for (auto entry = slots_.begin(); entry != slots_.end();)
      entry = entry->second.expired() ? slots_.erase(entry) : std::next(entry);
    std::shared_ptr<Slot> slot = slots_[key].lock();
    if (!slot) slots_[key] = slot = std::make_shared<Slot>();
    return slot;
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Slot>> slots_;
};

}  // namespace facerec
