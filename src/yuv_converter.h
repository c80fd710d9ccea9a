// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "bgr_planes.h"
#include "frame_view.h"
#include "yuv_taps.h"

namespace facerec {

/// Y', Cb and Cr of 8 bits that show the same, each in a size of its own.
struct YuvPlanes {
  cv::Mat luma;                   ///< CV_8UC1; of even sides at least twice the picture's, pairs
                                  ///< are averaged along both
  std::array<cv::Mat, 2> chroma;  ///< CV_8UC1; or CV_8UC2, both side by side, and an empty one
  bool red_first = false;         ///< Cr before Cb
  YuvMatrix matrix = YuvMatrix::Bt601;
  bool full_range = false;
};

/// Scales planes of Y'CbCr by bilinear interpolation and converts them to BGR, row by row. Its
/// memory is kept for the next picture.
class YuvConverter {
 public:
  /// Fills `bgr` (CV_8UC3), whose size the picture gets.
  void convert(const YuvPlanes& planes, cv::Mat& bgr);
  void convert(const YuvPlanes& planes, const BgrPlanes& bgr);

  /// Whether a plane of luma is averaged.
  static bool halves(const cv::Mat& luma, cv::Size size);

 private:
  /// Rows of a plane whose pairs are averaged along both sides; the last two are kept.
  struct HalvedRows {
    std::array<std::vector<std::uint8_t>, 2> rows;
    std::array<int, 2> numbers{};

    void begin(int length);
    const std::uint8_t* row(const cv::Mat& plane, int number);
  };

  /// Memory for a row that is filled up to whole blocks.
  std::uint8_t* spare_row(int columns);
  /// Calls `write` with the number of each row, its luma and its chroma.
  template <typename Write>
  void convert(const YuvPlanes& planes, cv::Size size, Write write);

  HalvedRows halved_luma_;
  YuvAxis luma_rows_, chroma_rows_;
  YuvTaps luma_taps_, chroma_taps_;
  std::vector<std::int16_t> luma_, chroma_;  ///< a row, interpolated between two of its plane
  std::vector<std::uint8_t> spare_;
};

}  // namespace facerec
