// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace facerec {

/// Pairs rows with columns so that the sum of their costs is the least (H. Kuhn, "The Hungarian
/// method for the assignment problem", 1955; with potentials, O(rows^2 columns)). Keeps its memory
/// from one problem to the next.
class Assignment {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// Begins a problem of which no pair is allowed yet.
  void begin(std::size_t rows, std::size_t columns);

  /// Allows a pair. To leave a row or a column alone costs nothing: only pairs of a negative cost
  /// are made.
  void allow(std::size_t row, std::size_t column, double cost);

  /// The column of each row, or `none`.
  const std::vector<std::size_t>& solve();

 private:
  double cost(std::size_t row, std::size_t column) const;

  std::size_t rows_ = 0, columns_ = 0;
  std::vector<double> costs_;
  std::vector<std::size_t> column_of_;

  // of solve(); index 0 of rows and columns stands for "not yet"
  std::vector<double> row_potential_, column_potential_, slack_;
  std::vector<std::size_t> row_of_, previous_;
  std::vector<char> visited_;
};

}  // namespace facerec
