// SPDX-License-Identifier: LGPL-2.1-or-later

#include "annoy_index.h"

#define ANNOYLIB_MULTITHREADED_BUILD
#include <annoy/annoylib.h>
#include <annoy/kissrandom.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "index_links.h"
#include "later_vectors.h"
#include "vector_math.h"

namespace facerec {
namespace {

/// Their nodes take about as much memory as the vectors.
constexpr int tree_count = 32;
/// Vectors of the trees that are looked at for each one that a search gives.
constexpr std::size_t looked_at_each = 16;

struct SquaredDistance : Annoy::Euclidean {
  template <typename Item, typename Value>
  static Value distance(const Node<Item, Value>* a, const Node<Item, Value>* b, int dimension) {
    static const auto squared_distance = vector_math().squared_distance;
    return squared_distance(a->v, b->v, dimension);
  }
  template <typename Value>
  static Value normalized_distance(Value squared) {
    return squared;
  }
};

using BuildPolicy = Annoy::AnnoyIndexMultiThreadedBuildPolicy;
using AnnoyTrees =
    Annoy::AnnoyIndex<std::int32_t, float, SquaredDistance, Annoy::Kiss64Random, BuildPolicy>;

/// Annoy's trees, that can be cut short while they grow, and saved without the vectors. Its items,
/// the vectors, are the first nodes; those of the trees follow, each after the ones below it.
class Trees : public AnnoyTrees {
 public:
  using AnnoyTrees::AnnoyTrees;
  using Item = std::int32_t;

  void grow(const std::atomic<bool>& stop) {
    if (_n_items == 0) return;
    _n_nodes = _n_items;
    BuildPolicy policy;
    std::atomic<int> next = 0;
    const auto work = [&] {
      for (int tree = next++; tree < tree_count && !stop; tree = next++) {
        thread_build(1, tree, policy);
      }
    };
    std::vector<std::thread> others;
    for (unsigned core = 1; core < std::thread::hardware_concurrency(); ++core) {
      others.emplace_back(work);
    }
    work();
    for (std::thread& other : others) other.join();
    shrink();
  }

  /// It is not found any more.
  void remove(Item item) { _get(item)->n_descendants = 0; }
  bool has(Item item) const { return _get(item)->n_descendants == 1; }

  void save(std::string& bytes) const {
    append(bytes, static_cast<std::uint32_t>(_n_nodes - _n_items));
    for (Item node = _n_items; node < _n_nodes; ++node) {
      bytes.append(reinterpret_cast<const char*>(_get(node)), _s);
    }
    for (const Item root : _roots) append(bytes, root);
  }

  /// After the items were added.
  void load(LinksReader& reader) {
    const auto nodes = static_cast<Item>(reader.next_count<std::uint32_t>(_s));
    _allocate_size(_n_items + nodes);
    _n_nodes = _n_items + nodes;
    // Each but the roots is below one other: else a search might take for ever.
    std::vector<bool> placed(_n_nodes);
    const auto place = [&](Item node) {
      if (placed[node]) LinksReader::fail();
      placed[node] = true;
    };
    for (Item number = _n_items; number < _n_nodes; ++number) {
      Node* node = _get(number);
      reader.next(node, _s);
      const bool leaf = node->n_descendants <= _K;
      if (node->n_descendants < 0 || (!leaf && !is_finite(*node))) LinksReader::fail();
      for (int i = 0; i < (leaf ? node->n_descendants : 2); ++i) {
        const Item child = node->children[i];
        if (child < 0 || child >= (leaf ? _n_items : number)) LinksReader::fail();
        if (child >= _n_items) place(child);
      }
    }
    while (reader.left() > 0) {
      const auto root = reader.next<Item>();
      if (root < _n_items || root >= _n_nodes) LinksReader::fail();
      place(root);
      _roots.push_back(root);
    }
    shrink();
  }

 private:
  /// Annoy allocates a third more than it needs.
  void shrink() {
    void* nodes = realloc(_nodes, _s * static_cast<std::size_t>(_n_nodes));
    if (nodes == nullptr) return;
    _nodes = nodes;
    _nodes_size = _n_nodes;
  }

  bool is_finite(const Node& node) const {
    return std::isfinite(node.a) &&
           std::all_of(node.v, node.v + _f, [](float value) { return std::isfinite(value); });
  }
};

class AnnoyIndex : public Index {
 public:
  AnnoyIndex(int dimension, std::size_t capacity)
      : dimension_(dimension), capacity_(capacity), trees_(dimension), later_(dimension, 0) {}

  void load(std::string_view links, const IndexSource& source) override;

  bool add(int label, const float* values) override {
    const std::unique_lock lock(mutex_);
    take_out(label);
    return later_.add(label, values);
  }

  void fill(const std::vector<int>& labels,
            const std::function<void(int label, float* values)>& copy,
            const std::atomic<bool>& stop) override {
    std::vector<float> values(dimension_);
    for (std::size_t i = 0; i < labels.size() && !stop; ++i) {
      copy(labels[i], values.data());
      put_in(labels[i], values.data());
    }
    trees_.grow(stop);
    later_ = LaterVectors(dimension_, labels.size());
  }

  void remove(int label) override {
    const std::unique_lock lock(mutex_);
    take_out(label);
    later_.remove(label);
  }

  std::vector<int> near(const float* probe, std::size_t effort) const override;
  std::string links(const std::function<std::int64_t(int label)>& id) const override;

 private:
  static constexpr std::int32_t none = -1;
  static constexpr std::int64_t removed = -1;

  void put_in(int label, const float* values) {
    const auto item = static_cast<std::int32_t>(labels_.size());
    trees_.add_item(item, values);
    labels_.push_back(label);
    if (label < 0) return;
    if (static_cast<std::size_t>(label) >= items_.size()) items_.resize(label + 1, none);
    items_[label] = item;
  }

  void take_out(int label) {
    if (static_cast<std::size_t>(label) >= items_.size() || items_[label] == none) return;
    trees_.remove(items_[label]);
    items_[label] = none;
  }

  int dimension_;
  std::size_t capacity_;
  Trees trees_;
  std::vector<int> labels_;          ///< by item
  std::vector<std::int32_t> items_;  ///< by label
  LaterVectors later_;
  mutable std::shared_mutex mutex_;
};

std::vector<int> AnnoyIndex::near(const float* probe, std::size_t effort) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::int32_t> items;
  std::vector<float> squares;
  if (!labels_.empty()) {
    trees_.get_nns_by_vector(probe, effort, static_cast<int>(effort * looked_at_each), &items,
                             &squares);
  }
  std::vector<LaterVectors::Near> near;
  near.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) near.push_back({labels_[items[i]], squares[i]});
  return later_.merged(std::move(near), probe, effort);
}

std::string AnnoyIndex::links(const std::function<std::int64_t(int label)>& id) const {
  const std::shared_lock lock(mutex_);
  std::string bytes;
  append(bytes, static_cast<std::uint32_t>(labels_.size()));
  for (std::size_t item = 0; item < labels_.size(); ++item) {
    append(bytes, trees_.has(static_cast<std::int32_t>(item)) ? id(labels_[item]) : removed);
  }
  trees_.save(bytes);
  return bytes;
}

void AnnoyIndex::load(std::string_view links, const IndexSource& source) {
  LinksReader reader(links);
  const auto count = reader.next_count<std::uint32_t>(sizeof(std::int64_t));
  if (count > capacity_) LinksReader::fail();
  std::vector<float> values(dimension_);
  for (std::uint32_t item = 0; item < count; ++item) {
    const auto id = reader.next<std::int64_t>();
    const int label = id == removed ? -1 : source.label(id);
    if (label >= 0 && static_cast<std::size_t>(label) < items_.size() && items_[label] != none) {
      LinksReader::fail();
    }
    if (label >= 0) source.copy(label, values.data());
    put_in(label, values.data());
    if (label < 0) trees_.remove(static_cast<std::int32_t>(item));
  }
  trees_.load(reader);
  later_ = LaterVectors(dimension_, count);
}

}  // namespace

std::unique_ptr<Index> make_annoy_index(int dimension, std::size_t capacity) {
  return std::make_unique<AnnoyIndex>(dimension, capacity);
}

}  // namespace facerec
