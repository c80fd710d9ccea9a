// SPDX-License-Identifier: LGPL-2.1-or-later

#include "assignment.h"

#include <limits>

namespace facerec {

void Assignment::begin(std::size_t rows, std::size_t columns) {
  rows_ = rows;
  columns_ = columns;
  costs_.assign(rows * columns, 0);
}

void Assignment::allow(std::size_t row, std::size_t column, double cost) {
  if (cost < 0) costs_[row * columns_ + column] = cost;
}

/// Counted from 1. Behind the real columns each row has one of its own, to be left alone in.
double Assignment::cost(std::size_t row, std::size_t column) const {
  return column <= columns_ ? costs_[(row - 1) * columns_ + column - 1] : 0;
}

const std::vector<std::size_t>& Assignment::solve() {
  const std::size_t columns = columns_ + rows_;
  row_potential_.assign(rows_ + 1, 0);
  column_potential_.assign(columns + 1, 0);
  row_of_.assign(columns + 1, 0);
  previous_.assign(columns + 1, 0);
  for (std::size_t row = 1; row <= rows_; ++row) {
    row_of_[0] = row;
    slack_.assign(columns + 1, std::numeric_limits<double>::infinity());
    visited_.assign(columns + 1, 0);
    std::size_t column = 0;
    do {
      visited_[column] = 1;
      const std::size_t current = row_of_[column];
      double least = std::numeric_limits<double>::infinity();
      std::size_t next = 0;
      for (std::size_t other = 1; other <= columns; ++other) {
        if (visited_[other] != 0) continue;
        const double reduced =
            cost(current, other) - row_potential_[current] - column_potential_[other];
        if (reduced < slack_[other]) {
          slack_[other] = reduced;
          previous_[other] = column;
        }
        if (slack_[other] < least) {
          least = slack_[other];
          next = other;
        }
      }
      for (std::size_t other = 0; other <= columns; ++other) {
        if (visited_[other] != 0) {
          row_potential_[row_of_[other]] += least;
          column_potential_[other] -= least;
        } else {
          slack_[other] -= least;
        }
      }
      column = next;
    } while (row_of_[column] != 0);
    for (; column != 0; column = previous_[column]) row_of_[column] = row_of_[previous_[column]];
  }

  column_of_.assign(rows_, none);
  for (std::size_t column = 1; column <= columns_; ++column) {
    const std::size_t row = row_of_[column];
    if (row != 0 && cost(row, column) < 0) column_of_[row - 1] = column - 1;
  }
  return column_of_;
}

}  // namespace facerec
