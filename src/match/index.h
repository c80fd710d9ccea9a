// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace facerec {

/// Where an index that was saved finds its vectors.
struct IndexSource {
  std::function<int(std::int64_t id)>
      label;  ///< less than 0 where there is no such vector any more
  std::function<void(int label, float* values)> copy;
};

/// Finds most of the vectors near a probe without looking at all of them. A vector is known by the
/// caller's label, at least 0. Threads may search while another one adds or removes.
class Index {
 public:
  virtual ~Index() = default;

  /// Adds a vector, in place of one of that label, once the index is filled. False where it takes
  /// no more.
  virtual bool add(int label, const float* values) = 0;
  virtual void remove(int label) = 0;

  /// Adds the first vectors, before anybody searches; ends early once `stop` is true.
  virtual void fill(const std::vector<int>& labels,
                    const std::function<void(int label, float* values)>& copy,
                    const std::atomic<bool>& stop) = 0;

  /// The labels of up to `effort` vectors near the probe, nearest first: the more, the fewer of the
  /// nearest are missed, and the longer it takes.
  virtual std::vector<int> near(const float* probe, std::size_t effort) const = 0;

  /// Whether that order is the one of the distances but for rounding, so that the first labels
  /// suffice; else it is a guess at it.
  virtual bool is_in_order() const { return true; }

  /// How the vectors are linked, without the vectors; `id` tells what to call a label there.
  virtual std::string links(const std::function<std::int64_t(int label)>& id) const = 0;

  /// In place of fill(): makes it of what links() gave, which may be damaged; throws Error (Read)
  /// then. Vectors that are not among the source's any more are left out.
  virtual void load(std::string_view links, const IndexSource& source) = 0;
};

/// An index of that kind for vectors of that dimension that takes `capacity` of them. Throws Error
/// (Settings) that lists the kinds.
std::unique_ptr<Index> make_index(const std::string& kind, int dimension, std::size_t capacity);

/// One that is loaded; throws as load() does, too.
std::unique_ptr<Index> make_index(const std::string& kind, int dimension, std::size_t capacity,
                                  std::string_view links, const IndexSource& source);

/// Kinds that this build has, those that "auto" prefers first: "hnsw", "faiss-ivfpq",
/// "annoy", "nmslib".
std::vector<std::string> index_kinds();

/// Throws Error (Settings) as make_index() does, where it is no kind, "auto" or "exact".
void require_index(const std::string& kind);

}  // namespace facerec
