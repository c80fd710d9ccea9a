// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace facerec {

enum class ColourModel { Gray, Yuv, Rgb };

/// Where a format keeps its samples. What it holds beside them, alpha or padding, is not described.
struct PixelFormat {
  /// Y', then Cb and Cr; or R, G and B. The nth sample of a row is the element n * step + offset of
  /// that plane's row, and spans sub_x * sub_y pixels of the frame.
  struct Component {
    int plane = 0;
    int step = 1;
    int offset = 0;
    int sub_x = 1;
    int sub_y = 1;
  };

  std::string_view name;  ///< as GStreamer calls it
  ColourModel model = ColourModel::Gray;
  std::array<Component, 3> components{};  ///< of gray only the first
  int sample_bytes = 1;                   ///< an element's, 1 or 2
  int bits = 8;  ///< of an element that count, the lowest ones; those left-aligned have 16
  bool big_endian = false;

  int component_count() const { return model == ColourModel::Gray ? 1 : 3; }
};

/// Every format that a FrameView can describe: those of whole 8- to 16-bit samples, common ones
/// first.
const std::vector<PixelFormat>& pixel_formats();

/// Null where no format has that name.
const PixelFormat* find_pixel_format(std::string_view name);

}  // namespace facerec
