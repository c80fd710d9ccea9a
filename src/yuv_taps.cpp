// SPDX-License-Identifier: LGPL-2.1-or-later

#include "yuv_taps.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>

#include "geometry.h"

namespace facerec {

bool YuvAxis::fit(int from, int to) {
  if (samples == from && static_cast<int>(first.size()) == to) return false;
  samples = from;
  first.resize(to);
  part.resize(to);
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double place = std::clamp<double>((i + 0.5) * scale - 0.5, 0, from - 1);
    first[i] = static_cast<int>(place);
    part[i] = place - first[i];
  }
  return true;
}

void YuvTaps::fit(int from, int to, int channels) {
  CV_Assert(from < 2 * to && (channels == 1 || channels == 2));
  if (!axis_.fit(from, to) && channels == channels_) return;
  channels_ = channels;
  const std::size_t padded = round_up(to, YuvRows::block);
  offsets_.assign(padded, 0);
  weights_.assign(2 * padded * channels, 0);
  picks_.assign(2 * weights_.size(), 0);
  auto weight = weights_.begin();
  auto pick = picks_.begin();
  const int in_group = YuvRows::group / (2 * channels);
  for (int i = 0; i < to; ++i) {
    offsets_[i] = channels * axis_.first[i];
    const int group = i - i % in_group;
    const int in_front = offsets_[i] - offsets_[group];
    const auto second =
        static_cast<std::int16_t>(std::lround(axis_.part[i] * (1 << YuvRows::between_columns)));
    for (int channel = 0; channel < channels; ++channel) {
      *weight++ = static_cast<std::int16_t>((1 << YuvRows::between_columns) - second);
      *weight++ = second;
      for (const int value : {in_front + channel, in_front + channel + channels}) {
        *pick++ = static_cast<std::uint8_t>(2 * value);
        *pick++ = static_cast<std::uint8_t>(2 * value + 1);
      }
    }
  }
}

BlendedRow YuvTaps::row(const std::int16_t* values) const {
  return {values, offsets_.data(), weights_.data(), picks_.data()};
}

std::size_t YuvTaps::row_length() const {
  return static_cast<std::size_t>(channels_) * (axis_.samples + 1) + YuvRows::group;
}

}  // namespace facerec
