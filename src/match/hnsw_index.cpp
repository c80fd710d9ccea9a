// SPDX-License-Identifier: LGPL-2.1-or-later

#include "hnsw_index.h"

#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>

#include "../geometry.h"
#include "index_links.h"
#include "vector_math.h"

namespace facerec {
namespace {

// As hnswlib's authors recommend for 128 values: links of a vector, and candidates among which its
// links are chosen.
constexpr std::size_t links_each = 16, build_effort = 200;
constexpr int most_levels = 32;
constexpr std::size_t cache_line = 64;
/// While the memory answers for one node's links, another's are asked for. More are waited for
/// less, but those not worth following are more, too.
constexpr int followed_at_once = 2;
/// Of a node in what is saved.
constexpr std::size_t least_bytes = 10;

using Graph = hnswlib::HierarchicalNSW<float>;
using Node = hnswlib::tableint;

/// Vectors of a byte a value, which is a quarter of the memory and finds as many of the nearest.
/// Which of those found is the nearest is for the caller to say, by the values themselves.
class Space : public hnswlib::SpaceInterface<float> {
 public:
  explicit Space(int dimension)
      : dimension_(dimension), bytes_(round_up(sizeof(Head) + dimension, sizeof(Node))) {}
  std::size_t get_data_size() override { return bytes_; }
  void* get_dist_func_param() override { return &dimension_; }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance_of_two; }

  int dimension() const { return dimension_; }

  /// What the graph keeps of a vector.
  std::vector<char> code_of(const float* values) const {
    float largest = 0;
    for (int i = 0; i < dimension_; ++i) largest = std::max(largest, std::abs(values[i]));
    const float step = largest / most;
    std::vector<char> code(bytes_);
    auto* bytes = reinterpret_cast<std::int8_t*>(code.data() + sizeof(Head));
    for (int i = 0; i < dimension_ && step > 0; ++i) {
      bytes[i] = static_cast<std::int8_t>(std::clamp(std::round(values[i] / step), -most, most));
    }
    static const auto product = vector_math().product_of_bytes;
    const Head head{step, step * step * static_cast<float>(product(bytes, bytes, dimension_))};
    std::memcpy(code.data(), &head, sizeof head);
    return code;
  }

 private:
  friend class Probe;
  static constexpr float most = 127;
  struct Head {
    float step, square;  ///< of the length
  };

  static Head head_of(const void* code) {
    Head head;
    std::memcpy(&head, code, sizeof head);
    return head;
  }
  static const std::int8_t* bytes_of(const void* code) {
    return static_cast<const std::int8_t*>(code) + sizeof(Head);
  }
  static float distance(const Head& a, const Head& b, int product) {
    return a.square + b.square - 2 * a.step * b.step * static_cast<float>(product);
  }
  static float distance_of_two(const void* a, const void* b, const void* dimension) {
    static const auto product = vector_math().product_of_bytes;
    return distance(head_of(a), head_of(b),
                    product(bytes_of(a), bytes_of(b), *static_cast<const int*>(dimension)));
  }

  int dimension_;
  int bytes_;  ///< whole words, since the graph's links lie behind them
};

/// A vector whose distances from many are asked for.
class Probe {
 public:
  Probe(const Space& space, const float* values) {
    const std::vector<char> code = space.code_of(values);
    head_ = Space::head_of(code.data());
    const std::int8_t* bytes = Space::bytes_of(code.data());
    words_.assign(bytes, bytes + space.dimension());
  }

  float distance(const char* code) const {
    return Space::distance(
        head_, Space::head_of(code),
        product_(words_.data(), Space::bytes_of(code), static_cast<int>(words_.size())));
  }

 private:
  decltype(VectorMath::product_of_words) product_ = vector_math().product_of_words;
  Space::Head head_;
  std::vector<std::int16_t> words_;
};

/// The nearest that a search has met, with those removed, whose links lead on.
class Nearest {
 public:
  struct Met {
    float distance;
    Node node;
    bool is_removed, is_followed;
  };

  /// Keeps so many that are not removed.
  explicit Nearest(std::size_t most) : most_(most) {}

  const std::vector<Met>& in_order() const { return met_; }

  /// Who is as far is not among them.
  float limit() const { return limit_; }

  void add(float distance, Node node, bool is_removed) {
    const auto place = std::lower_bound(met_.begin(), met_.end(), distance,
                                        [](const Met& met, float at) { return met.distance < at; });
    next_ = std::min<std::size_t>(next_, place - met_.begin());
    met_.insert(place, {distance, node, is_removed, false});
    kept_ += is_removed ? 0 : 1;
    for (; kept_ > most_; met_.pop_back()) kept_ -= met_.back().is_removed ? 0 : 1;
    if (kept_ == most_) limit_ = met_.back().distance;
  }

  /// The nearest that was not followed yet.
  std::optional<Node> follow() {
    while (next_ < met_.size() && met_[next_].is_followed) ++next_;
    if (next_ == met_.size()) return std::nullopt;
    met_[next_].is_followed = true;
    return met_[next_].node;
  }

 private:
  std::size_t most_, kept_ = 0;
  float limit_ = std::numeric_limits<float>::infinity();
  std::size_t next_ = 0;  ///< none before it is left to follow
  std::vector<Met> met_;
};

class HnswIndex : public Index {
 public:
  HnswIndex(int dimension, std::size_t capacity)
      : space_(dimension), graph_(&space_, capacity, links_each, build_effort) {}

  void load(std::string_view links, const IndexSource& source) override;

  bool add(int label, const float* values) override {
    const std::unique_lock lock(mutex_);
    if (graph_.cur_element_count >= graph_.max_elements_ && !node_of(label)) return false;
    graph_.addPoint(space_.code_of(values).data(), static_cast<hnswlib::labeltype>(label));
    return true;
  }

  void fill(const std::vector<int>& labels,
            const std::function<void(int label, float* values)>& copy,
            const std::atomic<bool>& stop) override {
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      std::vector<float> values(space_.dimension());
      for (std::size_t i = next++; i < labels.size() && !stop; i = next++) {
        copy(labels[i], values.data());
        graph_.addPoint(space_.code_of(values.data()).data(),
                        static_cast<hnswlib::labeltype>(labels[i]));
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
    if (node && !is_removed(*node)) {
      graph_.markDelete(static_cast<hnswlib::labeltype>(label));
    }
  }

  std::vector<int> near(const float* probe, std::size_t effort) const override;

  std::string links(const std::function<std::int64_t(int label)>& id) const override;

 private:
  std::optional<Node> node_of(int label) const {
    const auto found = graph_.label_lookup_.find(static_cast<hnswlib::labeltype>(label));
    return found == graph_.label_lookup_.end() ? std::nullopt : std::optional(found->second);
  }

  bool is_removed(Node node) const {
    return graph_.num_deleted_ > 0 && graph_.isMarkedDeleted(node);
  }

  float distance(const Probe& probe, Node node) const {
    return probe.distance(graph_.getDataByInternalId(node));
  }
  /// Where a search on the lowest level begins.
  Node entrance(const Probe& probe) const;

  std::pair<const Node*, int> links_of(Node node, int level) const {
    hnswlib::linklistsizeint* list = graph_.get_linklist_at_level(node, level);
    return {list + 1, graph_.getListCount(list)};
  }

  Space space_;
  Graph graph_;
  mutable std::shared_mutex mutex_;
};

Node HnswIndex::entrance(const Probe& probe) const {
  Node nearest = graph_.enterpoint_node_;
  float least = distance(probe, nearest);
  for (int level = graph_.maxlevel_; level > 0; --level) {
    for (bool nearer = true; nearer;) {
      nearer = false;
      const auto [linked, size] = links_of(nearest, level);
      for (int i = 0; i < size; ++i) {
        const float other = distance(probe, linked[i]);
        if (other >= least) continue;
        least = other;
        nearest = linked[i];
        nearer = true;
      }
    }
  }
  return nearest;
}

// hnswlib's own search asks the memory for one vector after the other, and waits for each.
std::vector<int> HnswIndex::near(const float* values, std::size_t effort) const {
  const std::shared_lock lock(mutex_);
  if (graph_.cur_element_count == 0) return {};
  const Probe probe(space_, values);
  Nearest nearest(effort);
  hnswlib::VisitedList* seen = graph_.visited_list_pool_->getFreeVisitedList();
  std::vector<Node> ahead;
  const auto look_at = [&](Node node) {
    if (seen->mass[node] == seen->curV) return;
    seen->mass[node] = seen->curV;
    ahead.push_back(node);
    const char* memory = graph_.getDataByInternalId(node);
    for (std::size_t byte = 0; byte < graph_.data_size_; byte += cache_line) {
      __builtin_prefetch(memory + byte);
    }
  };
  look_at(entrance(probe));
  for (bool any = true; any;) {
    for (const Node node : ahead) {
      const float at = distance(probe, node);
      if (at >= nearest.limit()) continue;
      nearest.add(at, node, is_removed(node));
      __builtin_prefetch(graph_.get_linklist0(node));
    }
    ahead.clear();
    any = false;
    for (int i = 0; i < followed_at_once; ++i) {
      const auto node = nearest.follow();
      if (!node) break;
      any = true;
      const auto [linked, size] = links_of(*node, 0);
      std::for_each_n(linked, size, look_at);
    }
  }
  graph_.visited_list_pool_->releaseVisitedList(seen);
  std::vector<int> labels;
  for (const Nearest::Met& met : nearest.in_order()) {
    if (!met.is_removed) labels.push_back(static_cast<int>(graph_.getExternalLabel(met.node)));
  }
  return labels;
}

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

  std::vector<float> values(space_.dimension());
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
    std::memcpy(graph_.getDataByInternalId(node.node), space_.code_of(values.data()).data(),
                graph_.data_size_);
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
