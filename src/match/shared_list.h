// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace facerec {

/// A list whose copies share what neither has changed since, in chunks.
template <typename Item>
class SharedList {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  const Item& operator[](std::size_t index) const {
    return (*chunks_[index / chunk_items])[index % chunk_items];
  }
  Item& edit(std::size_t index) { return own(index)[index % chunk_items]; }

  void push_back(Item item) {
    if (size_ % chunk_items == 0) {
      chunks_.push_back(std::make_shared<Chunk>());
    }
    own(size_++).push_back(std::move(item));
  }

 private:
  using Chunk = std::vector<Item>;
  static constexpr std::size_t chunk_items = 1024;

  Chunk& own(std::size_t index) {
    std::shared_ptr<Chunk>& chunk = chunks_[index / chunk_items];
    if (chunk.use_count() > 1) chunk = std::make_shared<Chunk>(*chunk);
    return *chunk;
  }

  std::size_t size_ = 0;
  std::vector<std::shared_ptr<Chunk>> chunks_;
};

}  // namespace facerec
