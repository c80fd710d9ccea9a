// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "frame_view.h"

namespace facerec::test {

inline const std::vector<PixelFormat> all_formats = {
    PixelFormat::Gray8, PixelFormat::I420, PixelFormat::Nv12, PixelFormat::Yuy2, PixelFormat::Bgr,
    PixelFormat::Rgb,   PixelFormat::Bgrx, PixelFormat::Rgbx, PixelFormat::Bgra, PixelFormat::Rgba};

inline std::string name_of(PixelFormat format) {
  static const char* names[] = {"Gray8", "I420", "Nv12", "Yuy2", "Bgr",
                                "Rgb",   "Bgrx", "Rgbx", "Bgra", "Rgba"};
  return names[static_cast<int>(format)];
}

/// A frame that owns its planes. Each plane ends with its last sample, so that a sanitizer sees
/// whoever reads further, and what pads its rows is bright noise.
class OwnedFrame {
 public:
  OwnedFrame(PixelFormat format, cv::Size size, std::size_t padding = 0) {
    view_.format = format;
    view_.width = size.width;
    view_.height = size.height;
    padding_ = padding;
  }

  /// Adds a plane whose rows hold `row` bytes.
  std::uint8_t* add_plane(int row, int rows) {
    const std::size_t stride = row + padding_;
    std::vector<std::uint8_t> bytes(stride * (rows - 1) + row);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = 128 + i * 37 % 128;
    planes_.push_back(std::move(bytes));
    view_.planes[planes_.size() - 1] = {planes_.back().data(), stride};
    return planes_.back().data();
  }

  FrameView& view() { return view_; }
  const FrameView& view() const { return view_; }
  std::size_t stride(int plane) const { return view_.planes[plane].stride; }

 private:
  FrameView view_;
  std::size_t padding_ = 0;
  std::vector<std::vector<std::uint8_t>> planes_;
};

/// `bgr` in another format, computed with the standards' formulas in floating point. Chroma is the
/// mean of the pixels that share it.
inline OwnedFrame paint(const cv::Mat& bgr, PixelFormat format, std::size_t padding = 0,
                        YuvMatrix matrix = YuvMatrix::Bt601, bool full_range = false) {
  const int width = bgr.cols;
  const int height = bgr.rows;
  OwnedFrame frame(format, bgr.size(), padding);
  frame.view().matrix = matrix;
  frame.view().full_range = full_range;

  const bool blue_first =
      format == PixelFormat::Bgr || format == PixelFormat::Bgrx || format == PixelFormat::Bgra;
  const bool four = format == PixelFormat::Bgrx || format == PixelFormat::Rgbx ||
                    format == PixelFormat::Bgra || format == PixelFormat::Rgba;
  if (four || format == PixelFormat::Bgr || format == PixelFormat::Rgb) {
    const int channels = four ? 4 : 3;
    std::uint8_t* data = frame.add_plane(width * channels, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        std::uint8_t* pixel = data + y * frame.stride(0) + x * channels;
        for (int c = 0; c < 3; ++c) pixel[c] = bgr.at<cv::Vec3b>(y, x)[blue_first ? c : 2 - c];
      }
    }
    return frame;
  }

  const double kr = std::vector<double>{0.299, 0.2126, 0.2627}[static_cast<int>(matrix)];
  const double kb = std::vector<double>{0.114, 0.0722, 0.0593}[static_cast<int>(matrix)];
  const auto luma = [&](int x, int y) {
    const cv::Vec3b p = bgr.at<cv::Vec3b>(y, x);
    return kb * p[0] + (1 - kr - kb) * p[1] + kr * p[2];
  };
  const auto store_luma = [&](int x, int y) {
    return cv::saturate_cast<std::uint8_t>(full_range ? luma(x, y) : 16 + luma(x, y) * 219 / 255);
  };
  const auto chroma = [&](int x, int y, int sub_x, int sub_y, bool red) {
    double sum = 0;
    int count = 0;
    for (int v = y * sub_y; v < std::min(height, (y + 1) * sub_y); ++v) {
      for (int u = x * sub_x; u < std::min(width, (x + 1) * sub_x); ++u, ++count) {
        const cv::Vec3b p = bgr.at<cv::Vec3b>(v, u);
        sum += red ? (p[2] - luma(u, v)) / (2 * (1 - kr)) : (p[0] - luma(u, v)) / (2 * (1 - kb));
      }
    }
    return cv::saturate_cast<std::uint8_t>(128 + sum / count * (full_range ? 1 : 224. / 255));
  };
  const int half_width = (width + 1) / 2;
  const int half_height = (height + 1) / 2;

  if (format == PixelFormat::Yuy2) {
    std::uint8_t* data = frame.add_plane(half_width * 4, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < half_width; ++x) {
        std::uint8_t* group = data + y * frame.stride(0) + 4 * x;
        group[0] = store_luma(2 * x, y);
        group[1] = chroma(x, y, 2, 1, false);
        group[2] = store_luma(std::min(2 * x + 1, width - 1), y);
        group[3] = chroma(x, y, 2, 1, true);
      }
    }
    return frame;
  }

  std::uint8_t* data = frame.add_plane(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) data[y * frame.stride(0) + x] = store_luma(x, y);
  if (format == PixelFormat::Gray8) return frame;

  const int step = format == PixelFormat::Nv12 ? 2 : 1;
  std::uint8_t* blue = frame.add_plane(half_width * step, half_height);
  std::uint8_t* red = step == 2 ? blue + 1 : frame.add_plane(half_width, half_height);
  for (int y = 0; y < half_height; ++y) {
    for (int x = 0; x < half_width; ++x) {
      blue[y * frame.stride(1) + x * step] = chroma(x, y, 2, 2, false);
      red[y * frame.stride(1) + x * step] = chroma(x, y, 2, 2, true);
    }
  }
  return frame;
}

/// Colours that change slowly with noise that is the same in all channels: chroma subsampling
/// loses nothing of it.
inline cv::Mat test_picture(cv::Size size, double noise = 20) {
  cv::Mat bgr(size, CV_8UC3);
  cv::RNG random(7);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double u = (x + 0.5) / size.width;
      const double v = (y + 0.5) / size.height;
      const double grain = random.uniform(-noise, noise + 1e-9);
      bgr.at<cv::Vec3b>(y, x) = {cv::saturate_cast<std::uint8_t>(60 + 130 * u + grain),
                                 cv::saturate_cast<std::uint8_t>(170 - 90 * v + grain),
                                 cv::saturate_cast<std::uint8_t>(70 + 100 * (1 - u) * v + grain)};
    }
  }
  return bgr;
}

/// The greatest difference of two pictures in any channel.
inline double worst_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_INF);
}

}  // namespace facerec::test
