// SPDX-License-Identifier: LGPL-2.1-or-later

#include "nmslib_index.h"

// NMSLIB's headers lack some of their own.
#include <fstream>
#include <iostream>
#include <thread>

#include <knnquery.h>
#include <knnqueue.h>
#include <method/small_world_rand.h>
#include <space/space_lp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <sstream>

#include "index_links.h"
#include "later_vectors.h"
#include "vector_math.h"

namespace facerec {
namespace {

/// Links of a vector, and candidates among which they are chosen.
constexpr int links_each = 16, build_effort = 100;

using Graph = similarity::SmallWorldRand<float>;
using Node = similarity::IdType;

struct Stopped {};

class SquaredSpace : public similarity::SpaceLp<float> {
 public:
  SquaredSpace() : SpaceLp(2) {}

  const std::atomic<bool>* stop = nullptr;  ///< a distance throws Stopped once it is true

 protected:
  float HiddenDistance(const similarity::Object* a, const similarity::Object* b) const override {
    static const auto squared_distance = vector_math().squared_distance;
    if (stop && *stop) throw Stopped();
    return squared_distance(reinterpret_cast<const float*>(a->data()),
                            reinterpret_cast<const float*>(b->data()),
                            static_cast<int>(a->datalength() / sizeof(float)));
  }
};

/// A file without a name, for a graph that can be written to a file and read from one only.
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("links", MFD_CLOEXEC)) {
    if (file_ < 0) throw Error(ErrorCode::Read, "there is no memory for its links");
  }
  ~MemoryFile() { close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

class NmslibIndex : public Index {
 public:
  explicit NmslibIndex(int dimension) : dimension_(dimension), later_(dimension, 0) {
    static const bool silent = (InitializeLogger(LIB_LOGNONE), true);
    (void)silent;
  }

  void load(std::string_view links, const IndexSource& source) override;

  bool add(int label, const float* values) override {
    const std::lock_guard lock(mutex_);
    take_out(label);
    return later_.add(label, values);
  }

  void fill(const std::vector<int>& labels,
            const std::function<void(int label, float* values)>& copy,
            const std::atomic<bool>& stop) override {
    for (const int label : labels) put_in(label, copy);
    later_ = LaterVectors(dimension_, labels.size());
    if (labels.empty()) return;
    graph_ = std::make_unique<Graph>(false, space_, vectors_);
    space_.stop = &stop;
    try {
      graph_->CreateIndex(parameters());
    } catch (const Stopped&) {
    }
    space_.stop = nullptr;
  }

  void remove(int label) override {
    const std::lock_guard lock(mutex_);
    take_out(label);
    later_.remove(label);
  }

  std::vector<int> near(const float* probe, std::size_t effort) const override;
  std::string links(const std::function<std::int64_t(int label)>& id) const override;

 private:
  static constexpr Node none = -1;

  static similarity::AnyParams parameters() {
    return similarity::AnyParams({"NN=" + std::to_string(links_each),
                                  "efConstruction=" + std::to_string(build_effort),
                                  "indexThreadQty=1"});
  }

  void put_in(int label, const std::function<void(int label, float* values)>& copy) {
    const auto node = static_cast<Node>(objects_.size());
    const std::size_t bytes = dimension_ * sizeof(float);
    objects_.push_back(std::make_unique<similarity::Object>(node, -1, bytes, nullptr));
    copy(label, reinterpret_cast<float*>(objects_.back()->data()));
    vectors_.push_back(objects_.back().get());
    labels_.push_back(label);
    if (static_cast<std::size_t>(label) >= nodes_.size()) nodes_.resize(label + 1, none);
    nodes_[label] = node;
  }

  void take_out(int label) {
    if (static_cast<std::size_t>(label) >= nodes_.size() || nodes_[label] == none) return;
    labels_[nodes_[label]] = -1;
    nodes_[label] = none;
  }

  int dimension_;
  SquaredSpace space_;
  std::vector<std::unique_ptr<similarity::Object>> objects_;
  similarity::ObjectVector vectors_;  ///< the objects
  std::unique_ptr<Graph> graph_;      ///< null where there are none
  std::vector<int> labels_;           ///< by node; -1 where it was removed
  std::vector<Node> nodes_;           ///< by label
  LaterVectors later_;
  mutable std::mutex mutex_;
};

std::vector<int> NmslibIndex::near(const float* probe, std::size_t effort) const {
  const std::lock_guard lock(mutex_);
  std::vector<LaterVectors::Near> near;
  if (graph_) {
    graph_->SetQueryTimeParams(similarity::AnyParams({"efSearch=" + std::to_string(effort)}));
    const similarity::Object object(-1, -1, dimension_ * sizeof(float), probe);
    similarity::KNNQuery<float> query(space_, &object, static_cast<unsigned>(effort));
    graph_->Search(&query, -1);
    const std::unique_ptr<similarity::KNNQueue<float>> found(query.Result()->Clone());
    for (; !found->Empty(); found->Pop()) {  // the farthest first
      const int label = labels_[found->TopObject()->id()];
      if (label >= 0) near.push_back({label, found->TopDistance()});
    }
    std::reverse(near.begin(), near.end());
  }
  return later_.merged(std::move(near), probe, effort);
}

// Saved are the ids of the vectors, those removed as well, and the numbers of each one's links.
std::string NmslibIndex::links(const std::function<std::int64_t(int label)>& id) const {
  const std::lock_guard lock(mutex_);
  std::string bytes;
  append(bytes, static_cast<std::uint32_t>(objects_.size()));
  if (!graph_) return bytes;
  for (const int label : labels_) append(bytes, label < 0 ? std::int64_t{-1} : id(label));

  const MemoryFile file;
  graph_->SaveIndex(file.path());
  std::ifstream stream(file.path());
  std::string line;
  // Two lines of parameters, and then "NODE:OBJECT: LINK LINK …" up to an empty one.
  for (int skipped = 0; skipped < 2; ++skipped) std::getline(stream, line);
  while (std::getline(stream, line) && !line.empty()) {
    std::istringstream words(line);
    Node node = 0, object = 0;
    char colon = 0;
    words >> node >> colon >> object >> colon;
    std::vector<Node> linked;
    for (Node other = 0; words >> other;) linked.push_back(other);
    append(bytes, node);
    append(bytes, static_cast<std::uint32_t>(linked.size()));
    for (const Node other : linked) append(bytes, other);
  }
  return bytes;
}

void NmslibIndex::load(std::string_view links, const IndexSource& source) {
  LinksReader reader(links);
  const auto count = reader.next_count<std::uint32_t>(sizeof(std::int64_t));
  std::vector<Node> node_of(count, none);  // of those that are there
  for (Node& node : node_of) {
    const auto id = reader.next<std::int64_t>();
    const int label = id < 0 ? -1 : source.label(id);
    if (label < 0) continue;
    if (static_cast<std::size_t>(label) < nodes_.size() && nodes_[label] != none) {
      LinksReader::fail();
    }
    node = static_cast<Node>(objects_.size());
    put_in(label, source.copy);
  }
  later_ = LaterVectors(dimension_, objects_.size());

  std::vector<bool> linked(count);
  std::ostringstream lines;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto node = static_cast<std::uint32_t>(reader.next<Node>());
    if (node >= count || linked[node]) LinksReader::fail();
    linked[node] = true;
    if (node_of[node] != none) lines << node_of[node] << ':' << node_of[node] << ':';
    for (auto left = reader.next_count<std::uint32_t>(sizeof(Node)); left > 0; --left) {
      const auto other = static_cast<std::uint32_t>(reader.next<Node>());
      if (other >= count) LinksReader::fail();
      if (node_of[node] != none && node_of[other] != none) lines << ' ' << node_of[other];
    }
    if (node_of[node] != none) lines << '\n';
  }
  if (reader.left() > 0) LinksReader::fail();
  if (objects_.empty()) return;

  const MemoryFile file;
  graph_ = std::make_unique<Graph>(false, space_, vectors_);
  {
    std::ofstream stream(file.path());
    const std::size_t line_count = objects_.size() + 3;
    similarity::WriteField(stream, similarity::METHOD_DESC, graph_->StrDesc());
    similarity::WriteField(stream, "NN", links_each);
    stream << lines.str() << '\n';
    similarity::WriteField(stream, similarity::LINE_QTY, line_count + 1);
  }
  graph_->InitParamsManually(parameters());
  graph_->LoadIndex(file.path());
}

}  // namespace

std::unique_ptr<Index> make_nmslib_index(int dimension, std::size_t /*capacity*/) {
  return std::make_unique<NmslibIndex>(dimension);
}

}  // namespace facerec
