// SPDX-License-Identifier: LGPL-2.1-or-later

#include "hnsw_index.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>

#include "index_links.h"
#include "vector_math.h"

namespace facerec {
namespace {

// As hnswlib's authors recommend for 128 values: links of a vector, and candidates among which its
// links are chosen.
constexpr std::size_t links_each = 16, build_effort = 200;
constexpr int most_levels = 32;
/// Of a node in what is saved.
constexpr std::size_t least_bytes = 10;

using Graph = hnswlib::HierarchicalNSW<float>;
using Node = hnswlib::tableint;

class Space : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(int dimension) : dimension_(dimension) {}
  std::size_t get_data_size() override { return dimension_ * sizeof(float); }
  void* get_dist_func_param() override { return &dimension_; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }

 private:
  static float distance(const void* a, const void* b, const void* dimension) {
    static const auto squared_distance = vector_math().squared_distance;
    return squared_distance(static_cast<const float*>(a), static_cast<const float*>(b),
                            *static_cast<const int*>(dimension));
  }

  int dimension_;
};

class HnswIndex : public Index {
 public:
  HnswIndex(int dimension, std::size_t capacity)
      : space_(dimension), graph_(&space_, capacity, links_each, build_effort) {
    graph_.setEf(1);  // each search says its own
  }

  void load(std::string_view links, const IndexSource& source) override;

  bool add(int label, const float* values) override {
    const std::unique_lock lock(mutex_);
    if (graph_.cur_element_count >= graph_.max_elements_ && !node_of(label)) return false;
    graph_.addPoint(values, static_cast<hnswlib::labeltype>(label));
    return true;
  }

  void fill(const std::vector<int>& labels,
            const std::function<void(int label, float* values)>& copy,
            const std::atomic<bool>& stop) override {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      std::vector<float> values(space_.get_data_size() / sizeof(float));
      for (std::size_t i = next++; i < labels.size() && !stop; i = next++) {
        copy(labels[i], values.data());
        graph_.addPoint(values.data(), static_cast<hnswlib::labeltype>(labels[i]));
      }
    };
    std::vector<std::thread> others;
    for (unsigned core = 1; core < std::thread::hardware_concurrency(); ++core) {
      others.emplace_back(work);
    }
    work();
    for (std::thread& other : others) other.join();
  }

  void remove(int label) override {
    const std::unique_lock lock(mutex_);
    const auto node = node_of(label);
    if (node && !graph_.isMarkedDeleted(*node)) {
      graph_.markDelete(static_cast<hnswlib::labeltype>(label));
    }
  }

  std::vector<int> near(const float* probe, std::size_t effort) const override {
    const std::shared_lock lock(mutex_);
    auto found = graph_.searchKnn(probe, effort);  // a heap, the farthest first
    std::vector<int> labels(found.size());
    for (auto label = labels.rbegin(); label != labels.rend(); ++label, found.pop()) {
      *label = static_cast<int>(found.top().second);
    }
    return labels;
  }

  std::string links(const std::function<std::int64_t(int label)>& id) const override;

 private:
  std::optional<Node> node_of(int label) const {
    const auto found = graph_.label_lookup_.find(static_cast<hnswlib::labeltype>(label));
    return found == graph_.label_lookup_.end() ? std::nullopt : std::optional(found->second);
  }

  std::pair<const Node*, int> links_of(Node node, int level) const {
    hnswlib::linklistsizeint* list = graph_.get_linklist_at_level(node, level);
    return {list + 1, graph_.getListCount(list)};
  }

  Space space_;
  Graph graph_;
  mutable std::shared_mutex mutex_;
};

std::string HnswIndex::links(const std::function<std::int64_t(int label)>& id) const {
  const std::shared_lock lock(mutex_);
  constexpr Node none = -1;
  std::vector<Node> number(graph_.cur_element_count, none);  // without those removed
  Node count = 0;
  for (Node node = 0; node < graph_.cur_element_count; ++node) {
    if (!graph_.isMarkedDeleted(node)) number[node] = count++;
  }
  std::string bytes;
  append(bytes, count);
  for (Node node = 0; node < graph_.cur_element_count; ++node) {
    if (number[node] == none) continue;
    append(bytes, id(static_cast<int>(graph_.getExternalLabel(node))));
    append(bytes, static_cast<std::uint8_t>(graph_.element_levels_[node]));
    for (int level = 0; level <= graph_.element_levels_[node]; ++level) {
      const auto [linked, size] = links_of(node, level);
      const std::size_t place = bytes.size();
      std::uint8_t kept = 0;
      append(bytes, kept);
      for (int i = 0; i < size; ++i) {
        if (number[linked[i]] == none) continue;
        append(bytes, number[linked[i]]);
        ++kept;
      }
      bytes[place] = static_cast<char>(kept);
    }
  }
  return bytes;
}

void HnswIndex::load(std::string_view links, const IndexSource& source) {
  LinksReader reader(links);
  struct Read {
    int label = -1;
    std::vector<std::vector<Node>> levels;
    Node node = -1;
  };
  const auto count = reader.next_count<Node>(least_bytes);
  std::vector<Read> nodes(count);
  Node placed = 0;
  for (Read& node : nodes) {
    node.label = source.label(reader.next<std::int64_t>());
    const int levels = reader.next<std::uint8_t>();
    if (levels >= most_levels) LinksReader::fail();
    node.levels.resize(levels + 1);
    for (auto& linked : node.levels) {
      linked.resize(reader.next<std::uint8_t>());
      for (Node& other : linked) other = reader.next<Node>();
    }
    if (node.label >= 0) node.node = placed++;
  }
  if (reader.left() > 0 || placed > graph_.max_elements_) LinksReader::fail();

  std::vector<float> values(graph_.data_size_ / sizeof(float));
  for (const Read& node : nodes) {
    if (node.label < 0) continue;
    const auto levels = static_cast<int>(node.levels.size()) - 1;
    char* memory = graph_.data_level0_memory_ + node.node * graph_.size_data_per_element_;
    std::memset(memory, 0, graph_.size_data_per_element_);
    graph_.element_levels_[node.node] = levels;
    graph_.linkLists_[node.node] = nullptr;
    if (levels > 0) {
      graph_.linkLists_[node.node] =
          static_cast<char*>(calloc(1, levels * graph_.size_links_per_element_ + sizeof(Node)));
      if (graph_.linkLists_[node.node] == nullptr) throw std::bad_alloc();
    }
    ++graph_.cur_element_count;  // its destructor frees what so many nodes have
    source.copy(node.label, values.data());
    std::memcpy(graph_.getDataByInternalId(node.node), values.data(), graph_.data_size_);
    const auto label = static_cast<hnswlib::labeltype>(node.label);
    std::memcpy(graph_.getExternalLabeLp(node.node), &label, sizeof label);
    if (!graph_.label_lookup_.emplace(label, node.node).second) LinksReader::fail();
    if (levels > graph_.maxlevel_) {
      graph_.maxlevel_ = levels;
      graph_.enterpoint_node_ = node.node;
    }
    for (int level = 0; level <= levels; ++level) {
      hnswlib::linklistsizeint* list = graph_.get_linklist_at_level(node.node, level);
      auto* linked = list + 1;
      std::size_t kept = 0;
      for (const Node other : node.levels[level]) {
        if (other >= count || static_cast<int>(nodes[other].levels.size()) <= level ||
            kept == (level == 0 ? graph_.maxM0_ : graph_.maxM_)) {
          LinksReader::fail();
        }
        if (nodes[other].label >= 0) linked[kept++] = nodes[other].node;
      }
      graph_.setListCount(list, static_cast<unsigned short>(kept));
    }
  }
}

}  // namespace

std::unique_ptr<Index> make_hnsw_index(int dimension, std::size_t capacity) {
  return std::make_unique<HnswIndex>(dimension, capacity);
}

}  // namespace facerec
