// SPDX-License-Identifier: LGPL-2.1-or-later

#include "faiss_index.h"

#include <faiss/IndexIVFPQ.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <shared_mutex>

#include "index_links.h"
#include "vector_math.h"

// Of libgomp, which Faiss was linked with. clang's omp.h is a package of its own.
extern "C" int omp_get_max_threads();
extern "C" void omp_set_num_threads(int count);

namespace facerec {
namespace {

/// Lists for the root of the vectors: more make a search faster, and learning longer.
constexpr double lists_of_root = 2;
/// Values of a vector that a byte stands for, at least.
constexpr int values_each = 4;
constexpr int bits = 8, codes = 1 << bits;
/// From which each centre is learnt, and how often it moves.
constexpr int vectors_each = 48, moves = 10;
/// Vectors whose bytes a search looks at for each unit of its effort, at least so many and that
/// share of all: strangers' nearest ones may be in any list.
constexpr double looked_at_each = 16, looked_at_share = 1. / 4096;
/// How many of them a search gives at most: the nearest two of 100,000 are among the 128 that their
/// bytes take for the nearest.
constexpr std::size_t most_given = 256;
/// Vectors that are put in at once.
constexpr std::size_t batch_size = 1024;

using Id = std::int64_t;

/// The greatest number of equal parts.
int parts_of(int dimension) {
  int parts = std::max(1, dimension / values_each);
  while (dimension % parts != 0) --parts;
  return parts;
}

/// Finds the nearest of some centres with the widest registers of this processor, which is several
/// times as fast as Faiss that was compiled for any.
class Centres : public faiss::Index {
 public:
  explicit Centres(int dimension, const std::atomic<bool>* stop = nullptr)
      : faiss::Index(dimension), stop_(stop) {}

  void reset() override {
    blocks_.clear();
    half_squares_.clear();
    ntotal = 0;
  }

  void add(Id count, const float* values) override {
    for (Id i = 0; i < count; ++i, values += d) {
      if (ntotal % block_lanes == 0) {
        blocks_.resize(blocks_.size() + d);
        half_squares_.resize(half_squares_.size() + block_lanes, std::numeric_limits<float>::max());
      }
      half_squares_[ntotal] = std::inner_product(values, values + d, values, 0.F) / 2;
      for (int axis = 0; axis < d; ++axis)
        blocks_[place_of(ntotal) + axis].values[ntotal % block_lanes] = values[axis];
      ++ntotal;
    }
  }

  void reconstruct(Id number, float* values) const override {
    for (int axis = 0; axis < d; ++axis) {
      values[axis] = blocks_[place_of(number) + axis].values[number % block_lanes];
    }
  }

  /// `most`: not more than there are. All labels are 0 once `stop` is true.
  void search(Id count, const float* probes, Id most, float* distances, Id* labels,
              const faiss::SearchParameters* /*parameters*/ = nullptr) const override {
    std::vector<float> ranks(
        half_squares_.size());  // half the distance, but for the probe's length
    std::vector<Id> order(ntotal);
    for (Id i = 0; i < count; ++i, probes += d, distances += most, labels += most) {
      std::fill_n(labels, most, 0);
      std::fill_n(distances, most, 0.F);
      if (stop_ && *stop_) continue;
      rank(probes, ranks.data());
      const auto nearer = [&](Id a, Id b) { return ranks[a] < ranks[b]; };
      if (most == 1) {
        const auto end = ranks.begin() + static_cast<std::ptrdiff_t>(ntotal);
        *labels = std::min_element(ranks.begin(), end) - ranks.begin();
      } else {
        std::iota(order.begin(), order.end(), 0);
        std::partial_sort_copy(order.begin(), order.end(), labels, labels + most, nearer);
      }
      const float square = std::inner_product(probes, probes + d, probes, 0.F);
      for (Id place = 0; place < most; ++place) {
        distances[place] = square + 2 * ranks[labels[place]];
      }
    }
  }

 private:
  struct alignas(block_lanes * sizeof(float)) Lanes {
    float values[block_lanes];
  };

  /// Of its first value.
  std::size_t place_of(Id number) const { return number / block_lanes * d; }

  void rank(const float* probe, float* ranks) const {
    static const auto products_of_one = vector_math().products_of_one;
    Lanes products;
    for (std::size_t first = 0; first < half_squares_.size(); first += block_lanes) {
      products_of_one(blocks_[place_of(static_cast<Id>(first))].values, d, probe, products.values);
      for (int lane = 0; lane < block_lanes; ++lane) {
        ranks[first + lane] = half_squares_[first + lane] - products.values[lane];
      }
    }
  }

  std::vector<Lanes>
      blocks_;  ///< for each block_lanes centres the first values of all, the second …
  std::vector<float> half_squares_;
  const std::atomic<bool>* stop_;
};

/// While it lives, Faiss starts no threads for this one: they would not have its priority, and wait
/// for each other longer than they work.
class OneThread {
 public:
  OneThread() { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_ = omp_get_max_threads();
};

class FaissIndex : public Index {
 public:
  FaissIndex(int dimension, std::size_t capacity) : dimension_(dimension), capacity_(capacity) {}

  void load(std::string_view links, const IndexSource& source) override;

  bool add(int label, const float* values) override {
    const std::unique_lock lock(mutex_);
    const OneThread here;
    take_out(label);
    if (size() >= capacity_) return false;
    Id list = -1;
    float distance = 0;
    centres_->search(1, values, 1, &distance, &list);
    put_in({label}, {values, values + dimension_}, {list});
    return true;
  }

  void fill(const std::vector<int>& labels,
            const std::function<void(int label, float* values)>& copy,
            const std::atomic<bool>& stop) override {
    if (labels.empty()) return;
    const OneThread here;
    learn(labels, copy, stop);
    for (std::size_t first = 0; first < labels.size() && !stop; first += batch_size) {
      const std::vector<int> batch = part(labels, first);
      const std::vector<float> values = values_of(batch, copy);
      std::vector<Id> lists(batch.size());
      std::vector<float> distances(batch.size());
      centres_->search(static_cast<Id>(batch.size()), values.data(), 1, distances.data(),
                       lists.data());
      put_in(batch, values, lists);
    }
    limit_to_twice();
  }

  void remove(int label) override {
    const std::unique_lock lock(mutex_);
    take_out(label);
  }

  std::vector<int> near(const float* probe, std::size_t effort) const override;
  bool is_in_order() const override { return false; }
  std::string links(const std::function<std::int64_t(int label)>& id) const override;

 private:
  static constexpr std::int32_t none = -1;

  std::size_t size() const { return index_ ? static_cast<std::size_t>(index_->ntotal) : 0; }
  /// What was learnt from so many is too coarse for more.
  void limit_to_twice() { capacity_ = std::min(capacity_, 2 * size()); }

  static std::vector<int> part(const std::vector<int>& labels, std::size_t first) {
    const auto begin = labels.begin() + static_cast<std::ptrdiff_t>(first);
    return {begin,
            begin + static_cast<std::ptrdiff_t>(std::min(batch_size, labels.size() - first))};
  }

  std::vector<float> values_of(const std::vector<int>& labels,
                               const std::function<void(int label, float* values)>& copy) const {
    std::vector<float> values(labels.size() * dimension_);
    for (std::size_t i = 0; i < labels.size(); ++i) copy(labels[i], &values[i * dimension_]);
    return values;
  }

  /// `centres`: as many lists, one after the other.
  void make(const std::vector<float>& centres) {
    const std::size_t lists = centres.size() / dimension_;
    centres_ = std::make_unique<Centres>(dimension_);
    centres_->add(static_cast<Id>(lists), centres.data());
    index_ = std::make_unique<faiss::IndexIVFPQ>(centres_.get(), dimension_, lists,
                                                 parts_of(dimension_), bits);
    index_->by_residual = false;  // one table for all lists
    index_->is_trained = true;
    index_->verbose = false;
  }

  void learn(const std::vector<int>& labels,
             const std::function<void(int label, float* values)>& copy,
             const std::atomic<bool>& stop);
  void put_in(const std::vector<int>& labels, const std::vector<float>& values,
              const std::vector<Id>& lists);
  void take_out(int label);

  int dimension_;
  std::size_t capacity_;
  std::unique_ptr<Centres> centres_;
  std::unique_ptr<faiss::IndexIVFPQ> index_;  ///< null where there were no vectors to learn from
  std::vector<std::int32_t> list_of_;         ///< by label
  mutable std::shared_mutex mutex_;
};

void FaissIndex::learn(const std::vector<int>& labels,
                       const std::function<void(int label, float* values)>& copy,
                       const std::atomic<bool>& stop) {
  const auto lists = static_cast<std::size_t>(
      std::max(1., lists_of_root * std::sqrt(static_cast<double>(labels.size()))));
  const std::size_t wanted = std::max<std::size_t>(lists, codes) * vectors_each;
  std::vector<int> sample;
  for (std::size_t i = 0; i < std::min(wanted, labels.size()); ++i) {
    sample.push_back(labels[i * labels.size() / std::min(wanted, labels.size())]);
  }
  // Faiss wants as many as there are codes to be learnt.
  for (std::size_t i = 0; sample.size() < codes; ++i) sample.push_back(sample[i]);
  const std::vector<float> values = values_of(sample, copy);

  faiss::ClusteringParameters parameters;
  parameters.niter = moves;
  parameters.min_points_per_centroid = 1;
  parameters.max_points_per_centroid = vectors_each;
  faiss::Clustering clustering(dimension_, static_cast<int>(lists), parameters);
  Centres centres(dimension_, &stop);
  clustering.train(static_cast<Id>(sample.size()), values.data(), centres);
  if (stop) return;
  make(clustering.centroids);

  faiss::ProductQuantizer& quantizer = index_->pq;
  Centres pairs(static_cast<int>(quantizer.dsub), &stop);
  quantizer.cp = parameters;
  quantizer.assign_index = &pairs;
  quantizer.train(sample.size(), values.data());
  quantizer.assign_index = nullptr;
}

void FaissIndex::put_in(const std::vector<int>& labels, const std::vector<float>& values,
                        const std::vector<Id>& lists) {
  const std::vector<Id> ids(labels.begin(), labels.end());
  index_->add_core(static_cast<Id>(ids.size()), values.data(), ids.data(), lists.data());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (label >= list_of_.size()) list_of_.resize(label + 1, none);
    list_of_[label] = static_cast<std::int32_t>(lists[i]);
  }
}

void FaissIndex::take_out(int label) {
  if (static_cast<std::size_t>(label) >= list_of_.size() || list_of_[label] == none) return;
  const auto list = static_cast<std::size_t>(list_of_[label]);
  faiss::InvertedLists& lists = *index_->invlists;
  const std::size_t last = lists.list_size(list) - 1;
  const Id* ids = lists.get_ids(list);
  const auto place = static_cast<std::size_t>(std::find(ids, ids + last, label) - ids);
  const std::vector<std::uint8_t> code(lists.get_codes(list) + last * index_->code_size,
                                       lists.get_codes(list) + (last + 1) * index_->code_size);
  lists.update_entry(list, place, ids[last], code.data());
  lists.resize(list, last);
  --index_->ntotal;
  list_of_[label] = none;
}

std::vector<int> FaissIndex::near(const float* probe, std::size_t effort) const {
  const std::shared_lock lock(mutex_);
  if (size() == 0) return {};
  const std::size_t lists = index_->nlist;
  const double share = static_cast<double>(effort) *
                       std::max(looked_at_each / static_cast<double>(size()), looked_at_share);
  faiss::IVFSearchParameters parameters;
  parameters.nprobe = std::clamp<std::size_t>(
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(lists))), 1, lists);
  std::vector<Id> nearest(parameters.nprobe);
  std::vector<float> to_centres(parameters.nprobe);
  centres_->search(1, probe, static_cast<Id>(parameters.nprobe), to_centres.data(), nearest.data());
  std::vector<Id> found(std::min(effort, most_given));
  std::vector<float> distances(found.size());
  faiss::IndexIVFStats own;  // else it counts in one that all threads share
  index_->search_preassigned(1, probe, static_cast<Id>(found.size()), nearest.data(),
                             to_centres.data(), distances.data(), found.data(), false, &parameters,
                             &own);
  std::vector<int> labels;
  labels.reserve(found.size());
  for (const Id label : found) {
    if (label >= 0) labels.push_back(static_cast<int>(label));
  }
  return labels;
}

std::string FaissIndex::links(const std::function<std::int64_t(int label)>& id) const {
  const std::shared_lock lock(mutex_);
  std::string bytes;
  append(bytes, static_cast<std::uint32_t>(size()));
  if (size() == 0) return bytes;
  append(bytes, static_cast<std::uint32_t>(index_->nlist));
  std::vector<float> centre(dimension_);
  for (std::size_t list = 0; list < index_->nlist; ++list) {
    centres_->reconstruct(static_cast<Id>(list), centre.data());
    for (const float value : centre) append(bytes, value);
  }
  for (const float value : index_->pq.centroids) append(bytes, value);
  for (std::size_t label = 0; label < list_of_.size(); ++label) {
    if (list_of_[label] == none) continue;
    append(bytes, id(static_cast<int>(label)));
    append(bytes, list_of_[label]);
  }
  return bytes;
}

void FaissIndex::load(std::string_view links, const IndexSource& source) {
  LinksReader reader(links);
  const auto count = reader.next<std::uint32_t>();
  if (count == 0) {
    if (reader.left() > 0) LinksReader::fail();
    return;
  }
  const auto next_values = [&](std::vector<float>& values) {
    for (float& value : values) {
      value = reader.next<float>();
      if (!std::isfinite(value)) LinksReader::fail();
    }
  };
  const auto list_count = reader.next_count<std::uint32_t>(dimension_ * sizeof(float));
  if (list_count == 0) LinksReader::fail();
  std::vector<float> centres(static_cast<std::size_t>(list_count) * dimension_);
  next_values(centres);
  make(centres);
  next_values(index_->pq.centroids);
  if (reader.left() != count * (sizeof(std::int64_t) + sizeof(std::int32_t))) LinksReader::fail();
  const OneThread here;
  std::vector<int> labels;
  std::vector<Id> lists;
  const auto put_in_those = [&] {
    if (labels.empty()) return;
    put_in(labels, values_of(labels, source.copy), lists);
    labels.clear();
    lists.clear();
  };
  std::vector<bool> known;
  while (reader.left() > 0) {
    const int label = source.label(reader.next<std::int64_t>());
    const auto list = reader.next<std::int32_t>();
    if (list < 0 || static_cast<std::size_t>(list) >= index_->nlist) LinksReader::fail();
    if (label < 0) continue;
    if (static_cast<std::size_t>(label) >= known.size()) known.resize(label + 1);
    if (known[label]) LinksReader::fail();
    known[label] = true;
    labels.push_back(label);
    lists.push_back(list);
    if (labels.size() == batch_size) put_in_those();
  }
  put_in_those();
  limit_to_twice();
}

}  // namespace

std::unique_ptr<Index> make_faiss_index(int dimension, std::size_t capacity) {
  return std::make_unique<FaissIndex>(dimension, capacity);
}

}  // namespace facerec
