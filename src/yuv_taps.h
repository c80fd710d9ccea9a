// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "yuv_rows.h"

namespace facerec {

/// Between which two of `samples` along an axis each pixel lies.
struct YuvAxis {
  std::vector<int> first;
  std::vector<double> part;  ///< the weight of the second one
  int samples = 0;

  /// Whether anything changed.
  bool fit(int from, int to);
};

/// How the pixels of a row, filled up to whole blocks, are interpolated between blended values.
class YuvTaps {
 public:
  /// `to` pixels out of `from`, less than twice as many, of 1 or 2 channels.
  void fit(int from, int to, int channels);

  /// `values` is what is blended to: as many as row_length().
  BlendedRow row(const std::int16_t* values) const;

  /// Values of a row, the last pixel once more, and what is read with them.
  std::size_t row_length() const;

 private:
  YuvAxis axis_;
  int channels_ = 0;
  std::vector<int> offsets_;
  std::vector<std::int16_t> weights_;
  std::vector<std::uint8_t> picks_;
};

}  // namespace facerec
