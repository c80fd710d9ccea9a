// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "frame_view.h"

namespace facerec::test {

inline const PixelFormat* format_of(std::string_view name) {
  return find_pixel_format(name);
}

/// One or more of every way in which formats differ.
inline const std::vector<const PixelFormat*> all_formats = [] {
  std::vector<const PixelFormat*> formats;
  for (const char* name :
       {"GRAY8",     "I420",      "NV12",      "YUY2",      "BGR",      "RGB",       "BGRx",
        "RGBx",      "YV12",      "NV21",      "VYUY",      "xRGB",     "xBGR",      "Y42B",
        "Y444",      "NV24",      "AYUV",      "v308",      "GBR",      "GRAY16_BE", "I420_10LE",
        "I420_10BE", "I422_12LE", "Y444_16LE", "P010_10LE", "P016_BE",  "Y210",      "Y412_BE",
        "ARGB64_LE", "RGBA64_BE", "GBR_10LE",  "GBRA_12BE", "GRAY16_LE"})
    formats.push_back(format_of(name));
  return formats;
}();

inline std::string name_of(const PixelFormat* format) {
  return std::string(format->name);
}

/// A frame that owns its planes. Each plane ends with its last sample, so that a sanitizer sees
/// whoever reads further, and what pads its rows is bright noise.
class OwnedFrame {
 public:
  /// `padding`: samples behind each row.
  OwnedFrame(const PixelFormat* format, cv::Size size, int padding = 0) {
    view_.format = format;
    view_.width = size.width;
    view_.height = size.height;
    for (int i = 0; i < format->component_count(); ++i) add_plane(i, padding);
    for (int i = 0; i < format->component_count(); ++i) {
      const auto& [data, stride] = planes_.at(format->components[i].plane);
      view_.planes[i] = {data.data(), stride};
    }
  }

  /// Stores 0..1 as the sample of a component.
  void store(int index, int x, int y, double value) {
    const PixelFormat& format = *view_.format;
    const PixelFormat::Component& component = format.components[index];
    Plane& plane = planes_.at(component.plane);
    auto* sample = plane.data.data() + y * plane.stride +
                   (x * component.step + component.offset) * format.sample_bytes;
    const int most = (1 << format.bits) - 1;
    const int stored = std::clamp(cvRound(value * most), 0, most);
    if (format.sample_bytes == 1) {
      sample[0] = stored;
    } else {
      sample[format.big_endian] = stored & 0xff;
      sample[!format.big_endian] = stored >> 8;
    }
  }

  FrameView& view() { return view_; }
  const FrameView& view() const { return view_; }

 private:
  struct Plane {
    std::vector<std::uint8_t> data;
    std::size_t stride = 0;
  };

  void add_plane(int index, int padding) {
    const PixelFormat::Component& component = view_.format->components[index];
    if (planes_.count(component.plane)) return;
    const int bytes = view_.format->sample_bytes;
    // Luma that has chroma beside it comes in whole groups.
    int groups = (view_.width + component.sub_x - 1) / component.sub_x;
    int step = component.step;
    for (const auto& other : view_.format->components) {
      if (other.plane != component.plane || other.sub_x == component.sub_x) continue;
      groups = (view_.width + other.sub_x - 1) / other.sub_x;
      step = other.step;
    }
    const int rows = (view_.height + component.sub_y - 1) / component.sub_y;
    const int row = groups * step * bytes;
    Plane& plane = planes_[component.plane];
    plane.stride = row + padding * bytes;
    plane.data.resize(plane.stride * (rows - 1) + row);
    for (std::size_t i = 0; i < plane.data.size(); ++i) plane.data[i] = 128 + i * 37 % 128;
  }

  FrameView view_;
  std::map<int, Plane> planes_;
};

/// `bgr` in another format, computed with the standards' formulas in floating point. Chroma is the
/// mean of the pixels that share it.
inline OwnedFrame paint(const cv::Mat& bgr, const PixelFormat* format, int padding = 0,
                        YuvMatrix matrix = YuvMatrix::Bt601, bool full_range = false) {
  OwnedFrame frame(format, bgr.size(), padding);
  frame.view().matrix = matrix;
  frame.view().full_range = full_range;
  const double kr = std::vector<double>{0.299, 0.2126, 0.2627}[static_cast<int>(matrix)];
  const double kb = std::vector<double>{0.114, 0.0722, 0.0593}[static_cast<int>(matrix)];
  const double least = 1 << (format->bits - 8);  // a step of 8 bits
  const double most = (1 << format->bits) - 1;

  // R, G, B or Y', Cb, Cr of a pixel as stored, 0..1
  const auto value = [&](int index, const cv::Vec3b& p) {
    if (format->model == ColourModel::Rgb) return p[2 - index] / 255.;
    const double luma = kb * p[0] + (1 - kr - kb) * p[1] + kr * p[2];
    if (index == 0) return full_range ? luma / 255 : (16 + luma * 219 / 255) * least / most;
    const double chroma =
        index == 1 ? (p[0] - luma) / (2 * (1 - kb)) : (p[2] - luma) / (2 * (1 - kr));
    return full_range ? (chroma / 255 * most + 128 * least) / most
                      : (128 + chroma * 224 / 255) * least / most;
  };
  for (int i = 0; i < format->component_count(); ++i) {
    const int sub_x = format->components[i].sub_x;
    const int sub_y = format->components[i].sub_y;
    for (int y = 0; y * sub_y < bgr.rows; ++y) {
      for (int x = 0; x * sub_x < bgr.cols; ++x) {
        const cv::Rect shared =
            cv::Rect(x * sub_x, y * sub_y, sub_x, sub_y) & cv::Rect({}, bgr.size());
        double sum = 0;
        for (int v = shared.y; v < shared.br().y; ++v)
          for (int u = shared.x; u < shared.br().x; ++u) sum += value(i, bgr.at<cv::Vec3b>(v, u));
        frame.store(i, x, y, sum / shared.area());
      }
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
