// SPDX-License-Identifier: LGPL-2.1-or-later

#include "plane_sampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace facerec {
namespace {

constexpr bool big_endian_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

/// 16-bit samples with their bytes in the other order.
cv::Mat swap_bytes(const cv::Mat& pixels, Scratch& scratch) {
  cv::Mat swapped = scratch.take(pixels.size(), pixels.type());
  const int samples = pixels.cols * pixels.channels();
  for (int y = 0; y < pixels.rows; ++y) {
    const auto* from = pixels.ptr<std::uint16_t>(y);
    auto* to = swapped.ptr<std::uint16_t>(y);
    for (int i = 0; i < samples; ++i)
      to[i] = static_cast<std::uint16_t>(from[i] << 8 | from[i] >> 8);
  }
  return swapped;
}

/// The part of the source, only the channel that is used.
cv::Mat part_of(const Source& source, const cv::Rect& part, Scratch& scratch) {
  cv::Mat pixels = source.pixels(part);
  if (source.channel >= 0) {
    cv::Mat channel = scratch.take(pixels.size(), pixels.depth());
    cv::extractChannel(pixels, channel, source.channel);
    pixels = channel;
  }
  return source.swapped ? swap_bytes(pixels, scratch) : pixels;
}

cv::Mat halve(const cv::Mat& pixels, cv::Size size, Scratch& scratch) {
  cv::Mat averaged = scratch.take(size, pixels.type());
  cv::resize(pixels, averaged, size, 0, 0, cv::INTER_AREA);
  return averaged;
}

cv::Mat average(cv::Mat pixels, cv::Size size, Scratch& scratch);

/// Two channels that lie side by side, each by itself. cv::split writes past the caches: twice as
/// slow where that is read again at once, and faster where it would not have stayed there.
void take_apart(const cv::Mat& pixels, std::array<cv::Mat, 2>& channels) {
  constexpr std::size_t most_cached = 1 << 18;
  if (pixels.total() > most_cached) {
    cv::split(pixels, channels.data());
  } else {
    for (int i = 0; i < 2; ++i) cv::extractChannel(pixels, channels.at(i), i);
  }
}

/// OpenCV averages two channels that lie side by side ten times slower than each by itself.
cv::Mat average_pairs(const cv::Mat& pixels, cv::Size size, Scratch& scratch) {
  std::array<cv::Mat, 2> channels;
  for (cv::Mat& channel : channels) channel = scratch.take(pixels.size(), pixels.depth());
  take_apart(pixels, channels);
  for (cv::Mat& channel : channels) channel = average(channel, size, scratch);
  cv::Mat averaged = scratch.take(channels[0].size(), pixels.type());
  cv::merge(channels.data(), channels.size(), averaged);
  return averaged;
}

/// Averages pairs along an axis as long as it shrinks to a half or less.
cv::Mat average(cv::Mat pixels, cv::Size size, Scratch& scratch) {
  const auto step = [](int length, int wanted) {
    return length >= 2 * wanted ? std::max(length / 2, wanted) : length;
  };
  for (;;) {
    const cv::Size next(step(pixels.cols, size.width), step(pixels.rows, size.height));
    if (next == pixels.size()) return pixels;
    if (pixels.channels() == 2) return average_pairs(pixels, size, scratch);
    pixels = halve(pixels, next, scratch);
  }
}

cv::Mat interpolate(const cv::Mat& pixels, cv::Size size, Scratch& scratch) {
  if (pixels.size() == size) return pixels;
  cv::Mat scaled = scratch.take(size, pixels.type());
  cv::resize(pixels, scaled, size, 0, 0, cv::INTER_LINEAR);
  return scaled;
}

/// A part of a plane along one axis, and by which power of two it is shrunk before it is warped.
struct Span {
  int begin = 0;
  int length = 0;
  int shrink = 1;

  int shrunk() const { return (length + shrink - 1) / shrink; }
};

/// The samples that `first`..`last` need out of `available`, if any, in whole groups of `shrink`.
Span span_of(double first, double last, int available, int shrink) {
  shrink = std::min(shrink, available);
  const double margin = 2. * shrink;
  const int begin =
      static_cast<int>(std::clamp<double>(std::floor(first - margin), 0, available - 1));
  const int end =
      static_cast<int>(std::clamp<double>(std::ceil(last + margin), begin, available - 1));
  const int groups = (end - begin + shrink) / shrink;
  const int length = std::min(groups * shrink, available);
  return {std::min(begin, available - length), length, shrink};
}

/// `first` after a scaling and shift of each axis: p -> p * scale + shift.
cv::Matx23d after_scaling(const cv::Matx23d& first, cv::Vec2d scale, cv::Vec2d shift) {
  const cv::Vec2d offset = first * cv::Vec3d(shift[0], shift[1], 1);
  return {first(0, 0) * scale[0], first(0, 1) * scale[1], offset[0],
          first(1, 0) * scale[0], first(1, 1) * scale[1], offset[1]};
}

}  // namespace

Source source_of(const FrameView& frame, int index, bool whole_pixels) {
  const auto spanned = [](int length, int sub) { return (length + sub - 1) / sub; };
  const PixelFormat& format = *frame.format;
  const PixelFormat::Component& component = format.components.at(index);
  const auto& [data, stride, before_x, before_y] = frame.planes.at(index);
  const cv::Size size(spanned(frame.width + before_x, component.sub_x),
                      spanned(frame.height + before_y, component.sub_y));
  const int type = CV_MAKETYPE(format.sample_bytes == 2 ? CV_16U : CV_8U, component.step);
  // A cv::Mat has no const data; sources are only read.
  return {cv::Mat(size, type, const_cast<std::uint8_t*>(data), stride),
          whole_pixels || component.step == 1 ? -1 : component.offset,
          component.sub_x,
          component.sub_y,
          before_x,
          before_y,
          format.sample_bytes == 2 && format.big_endian != big_endian_host};
}

cv::Rect2d footprint(const cv::Matx23d& to_source, cv::Size size) {
  cv::Vec2d least(INFINITY, INFINITY);
  cv::Vec2d most(-INFINITY, -INFINITY);
  for (const double x : {0., size.width - 1.}) {
    for (const double y : {0., size.height - 1.}) {
      const cv::Vec2d corner = to_source * cv::Vec3d(x, y, 1);
      for (int axis = 0; axis < 2; ++axis) {
        least[axis] = std::min(least[axis], corner[axis]);
        most[axis] = std::max(most[axis], corner[axis]);
      }
    }
  }
  return {least[0], least[1], most[0] - least[0], most[1] - least[1]};
}

cv::Matx23d inverse_of(const cv::Matx23d& transform) {
  cv::Matx23d inverse;
  cv::invertAffineTransform(transform, inverse);
  return inverse;
}

// Averaging by pairs and interpolating then is as smooth as averaging in one go, and ten times
// faster in OpenCV.
cv::Mat shrink(const FrameView& frame, const Source& source, cv::Size size, Scratch& scratch) {
  const cv::Size all = source.pixels.size();
  if (all.width * source.sub_x == frame.width && all.height * source.sub_y == frame.height)
    return average(part_of(source, {{}, all}, scratch), size, scratch);
  // The outermost chroma samples of an odd size or place reach beyond the frame.
  const double x = static_cast<double>(size.width) / frame.width;
  const double y = static_cast<double>(size.height) / frame.height;
  return warp(source, {x, 0, (x - 1) / 2, 0, y, (y - 1) / 2}, size, scratch);
}

cv::Mat scale(const FrameView& frame, const Source& source, cv::Size size, Scratch& scratch) {
  return interpolate(shrink(frame, source, size, scratch), size, scratch);
}

cv::Mat warp(const Source& source, const cv::Matx23d& transform, cv::Size size, Scratch& scratch) {
  // A sample's centre lies in the middle of the frame pixels that it spans.
  const cv::Matx23d to_output = after_scaling(
      transform, {1. * source.sub_x, 1. * source.sub_y},
      {(source.sub_x - 1) / 2. - source.before_x, (source.sub_y - 1) / 2. - source.before_y});
  const cv::Rect2d needed = footprint(inverse_of(to_output), size);
  const auto shrink = [&](int axis) {
    const double factor = 1 / std::hypot(to_output(0, axis), to_output(1, axis));
    return 1 << std::ilogb(std::clamp(factor, 1., 32768.));
  };
  const Span x = span_of(needed.x, needed.x + needed.width, source.pixels.cols, shrink(0));
  const Span y = span_of(needed.y, needed.y + needed.height, source.pixels.rows, shrink(1));
  const cv::Size shrunk(x.shrunk(), y.shrunk());
  const cv::Mat part = interpolate(
      average(part_of(source, {x.begin, y.begin, x.length, y.length}, scratch), shrunk, scratch),
      shrunk, scratch);

  const cv::Vec2d scale(static_cast<double>(x.length) / part.cols,
                        static_cast<double>(y.length) / part.rows);
  const cv::Matx23d from_part =
      after_scaling(to_output, scale, {x.begin + (scale[0] - 1) / 2, y.begin + (scale[1] - 1) / 2});
  cv::Mat warped = scratch.take(size, part.type());
  cv::warpAffine(part, warped, from_part, size, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return warped;
}

}  // namespace facerec
