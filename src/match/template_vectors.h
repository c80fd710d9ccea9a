// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace facerec {

/// Vectors of one length in memory, laid out for a search of all of them, each with whose it is and
/// the id that the gallery has for it.
///
/// A copy shares what neither of the two has changed since: the copy of a million with one more
/// takes half a megabyte and a millisecond. Rows count from 0; the row of a vector never changes, a
/// removed one's is given to another.
class TemplateVectors {
 public:
  struct Near {
    int owner = 0;
    double squared = 0;  ///< Euclidean distance of the owner's nearest vector
  };

  explicit TemplateVectors(int dimension = 0) : dimension_(dimension) {}

  int dimension() const { return dimension_; }
  /// Without those removed.
  int count() const { return rows_ - static_cast<int>(free_.size()); }
  /// With those removed.
  int rows() const { return rows_; }

  /// Returns the row. Vectors that are not finite take a row and are never near.
  int add(const float* values, int owner, std::int64_t id = 0);
  void remove(int row);

  std::int64_t id(int row) const;
  /// Less than 0 where there is none or it was removed.
  int owner(int row) const;
  /// False for those removed and those that are not finite.
  bool is_searched(int row) const;
  void copy(int row, float* values) const;

  /// NaN where the row is not searched. The values lie `step` floats apart.
  double squared_distance(int row, const float* values, std::ptrdiff_t step = 1) const;
  double squared_distance(int row, int other) const;

  /// For each of the probes, finite and one after the other in memory, the `most` nearest owners,
  /// nearest first, of equal ones the lower.
  ///
  /// All vectors are ranked by products, |v|²/2 - v·p, in one pass over memory, and those that
  /// their rounding may have put in the wrong order by differences, whose small distances are
  /// exact.
  std::vector<std::vector<Near>> nearest(const std::vector<float>& probes, std::size_t most) const;

  /// The `most` nearest owners of the vectors in these rows, nearest first; rows without a vector
  /// are left out. `in_order`: the rows come so nearly, and not all are looked at.
  std::vector<Near> nearest_of(const std::vector<int>& rows, bool in_order, const float* probe,
                               std::size_t most) const;

 private:
  struct Chunk;
  struct Best;

  Chunk& edit(int row);
  const Chunk& chunk(int row) const;

  int dimension_;
  int rows_ = 0;
  double longest_ = 0;  ///< length that no vector exceeds
  std::vector<int> free_;
  std::vector<std::shared_ptr<Chunk>> chunks_;
};

}  // namespace facerec
