// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>

namespace facerec {
namespace {

/// Samples of one plane of a frame, how many frame pixels each of them spans and how many pixels
/// before the frame the first one begins.
struct Source {
  cv::Mat pixels;
  int channel = -1;  ///< the only one that is used; -1 = all
  int sub_x = 1;
  int sub_y = 1;
  int before_x = 0;
  int before_y = 0;
  bool swapped = false;  ///< the bytes of 16 bits
};

constexpr bool big_endian_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

/// The samples of one component; with `whole_pixels` those of the others beside them, too.
Source source_of(const FrameView& frame, int index, bool whole_pixels = false) {
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

/// Whether each pixel has its R, G and B side by side.
bool is_packed_rgb(const PixelFormat& format) {
  return format.model == ColourModel::Rgb &&
         format.components[0].plane == format.components[1].plane;
}

/// How the standards' 0..1 is stored, full range or not, as a factor that gives 0..255.
double scale_to_8_bits(const FrameView& frame) {
  const int bits = frame.format->bits;
  const bool full = frame.full_range || frame.format->model == ColourModel::Rgb;
  return full ? 255. / ((1 << bits) - 1) : 1. / (1 << (bits - 8));
}

/// Y' Cb Cr (0..255) to B G R (0..255), from the standards' Kr and Kb.
cv::Matx34f bgr_from_yuv(YuvMatrix matrix, bool full_range) {
  const double kr = matrix == YuvMatrix::Bt601   ? 0.299
                    : matrix == YuvMatrix::Bt709 ? 0.2126
                                                 : 0.2627;
  const double kb = matrix == YuvMatrix::Bt601   ? 0.114
                    : matrix == YuvMatrix::Bt709 ? 0.0722
                                                 : 0.0593;
  const double kg = 1 - kr - kb;
  const double y = full_range ? 1 : 255. / 219;
  const double c = full_range ? 1 : 255. / 224;
  const double black = full_range ? 0 : 16;

  cv::Matx34d m(y, 2 * (1 - kb) * c, 0, 0,                                       //
                y, -2 * kb * (1 - kb) / kg * c, -2 * kr * (1 - kr) / kg * c, 0,  //
                y, 0, 2 * (1 - kr) * c, 0);
  for (int row = 0; row < 3; ++row) m(row, 3) = -m(row, 0) * black - (m(row, 1) + m(row, 2)) * 128;
  return m;
}

/// 16-bit samples with their bytes in the other order.
cv::Mat swap_bytes(const cv::Mat& pixels) {
  cv::Mat swapped(pixels.size(), pixels.type());
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
cv::Mat part_of(const Source& source, const cv::Rect& part) {
  cv::Mat pixels = source.pixels(part);
  if (source.channel >= 0) {
    cv::Mat channel;
    cv::extractChannel(pixels, channel, source.channel);
    pixels = channel;
  }
  return source.swapped ? swap_bytes(pixels) : pixels;
}

/// Averages pairs along an axis as long as it shrinks to a half or less, then interpolates. That
/// is as smooth as averaging in one go, and ten times faster in OpenCV.
cv::Mat resize(cv::Mat pixels, cv::Size size) {
  const auto step = [](int length, int wanted) {
    return length >= 2 * wanted ? std::max(length / 2, wanted) : length;
  };
  for (;;) {
    const cv::Size next(step(pixels.cols, size.width), step(pixels.rows, size.height));
    if (next == pixels.size()) break;
    cv::Mat halved;
    cv::resize(pixels, halved, next, 0, 0, cv::INTER_AREA);
    pixels = halved;
  }
  if (pixels.size() == size) return pixels;
  cv::Mat scaled;
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

/// The output's corners in the source's coordinates.
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

/// `first` after a scaling and shift of each axis: p -> p * scale + shift.
cv::Matx23d after_scaling(const cv::Matx23d& first, cv::Vec2d scale, cv::Vec2d shift) {
  const cv::Vec2d offset = first * cv::Vec3d(shift[0], shift[1], 1);
  return {first(0, 0) * scale[0], first(0, 1) * scale[1], offset[0],
          first(1, 0) * scale[0], first(1, 1) * scale[1], offset[1]};
}

/// Warps a plane, which goes on for ever as its outermost samples. Where the transform shrinks to
/// a half or less, the part that is needed is averaged first.
cv::Mat warp(const Source& source, const cv::Matx23d& transform, cv::Size size) {
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
  const cv::Mat part =
      resize(part_of(source, {x.begin, y.begin, x.length, y.length}), {x.shrunk(), y.shrunk()});

  const cv::Vec2d scale(static_cast<double>(x.length) / part.cols,
                        static_cast<double>(y.length) / part.rows);
  const cv::Matx23d from_part =
      after_scaling(to_output, scale, {x.begin + (scale[0] - 1) / 2, y.begin + (scale[1] - 1) / 2});
  cv::Mat warped;
  cv::warpAffine(part, warped, from_part, size, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return warped;
}

cv::Mat scale(const FrameView& frame, const Source& source, cv::Size size) {
  const cv::Size all = source.pixels.size();
  if (all.width * source.sub_x == frame.width && all.height * source.sub_y == frame.height)
    return resize(part_of(source, {{}, all}), size);
  // The outermost chroma samples of an odd size or place reach beyond the frame.
  const double x = static_cast<double>(size.width) / frame.width;
  const double y = static_cast<double>(size.height) / frame.height;
  return warp(source, {x, 0, (x - 1) / 2, 0, y, (y - 1) / 2}, size);
}

/// Fades to black what lies outside the frame, as bilinear interpolation with black would.
void blacken_outside(cv::Mat& picture, const cv::Matx23d& to_frame, cv::Size frame) {
  const auto inside = [](double position, int length) {
    return std::clamp(std::min(position + 1, length - position), 0., 1.);
  };
  const int channels = picture.channels();
  for (int y = 0; y < picture.rows; ++y) {
    auto* pixel = picture.ptr<std::uint8_t>(y);
    for (int x = 0; x < picture.cols; ++x, pixel += channels) {
      const cv::Vec2d at = to_frame * cv::Vec3d(x, y, 1);
      const double part = inside(at[0], frame.width) * inside(at[1], frame.height);
      if (part == 1) continue;
      for (int c = 0; c < channels; ++c)
        pixel[c] = cv::saturate_cast<std::uint8_t>(pixel[c] * part);
    }
  }
}

/// Takes the samples of a source that a picture of some size needs.
using Sample = std::function<cv::Mat(const Source&)>;

/// Samples of a component or of all, as 8 bits in the frame's range.
cv::Mat sample_8_bits(const FrameView& frame, const Sample& sample, int index,
                      bool whole_pixels = false) {
  cv::Mat samples = sample(source_of(frame, index, whole_pixels));
  if (samples.depth() != CV_8U) samples.convertTo(samples, CV_8U, scale_to_8_bits(frame));
  return samples;
}

/// B, G and R of packed pixels, copied.
cv::Mat pick_bgr(const cv::Mat& pixels, const PixelFormat& format) {
  const auto& [red, green, blue] = format.components;
  cv::Mat bgr;
  if (green.offset != 1) {
    bgr.create(pixels.size(), CV_8UC3);
    const std::array<int, 6> order{blue.offset, 0, green.offset, 1, red.offset, 2};
    cv::mixChannels(&pixels, 1, &bgr, 1, order.data(), 3);
  } else if (blue.offset == 0) {
    if (blue.step == 3) return pixels.clone();
    cv::cvtColor(pixels, bgr, cv::COLOR_BGRA2BGR);
  } else {
    cv::cvtColor(pixels, bgr, red.step == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGR);
  }
  return bgr;
}

cv::Mat render_gray(const FrameView& frame, const Sample& sample);

cv::Mat render_bgr(const FrameView& frame, const Sample& sample) {
  cv::Mat picture;
  if (frame.format->model == ColourModel::Gray) {
    cv::cvtColor(render_gray(frame, sample), picture, cv::COLOR_GRAY2BGR);
    return picture;
  }
  if (is_packed_rgb(*frame.format))
    return pick_bgr(sample_8_bits(frame, sample, 0, true), *frame.format);
  std::array<cv::Mat, 3> components;
  for (int i = 0; i < 3; ++i) components.at(i) = sample_8_bits(frame, sample, i);
  if (frame.format->model == ColourModel::Rgb) std::swap(components[0], components[2]);
  cv::merge(components, picture);
  if (frame.format->model == ColourModel::Yuv)
    cv::transform(picture, picture, bgr_from_yuv(frame.matrix, frame.full_range));
  return picture;
}

cv::Mat render_gray(const FrameView& frame, const Sample& sample) {
  cv::Mat gray;
  if (frame.format->model == ColourModel::Rgb) {
    cv::cvtColor(render_bgr(frame, sample), gray, cv::COLOR_BGR2GRAY);
  } else {
    const double gain = frame.full_range ? 1 : 255. / 219;
    sample(source_of(frame, 0))
        .convertTo(gray, CV_8U, gain * scale_to_8_bits(frame), frame.full_range ? 0 : -16 * gain);
  }
  return gray;
}

using Render = cv::Mat(const FrameView&, const Sample&);

cv::Mat scale_frame(const FrameView& frame, cv::Size size, Render* render) {
  return render(frame, [&](const Source& source) { return scale(frame, source, size); });
}

cv::Mat warp_frame(const FrameView& frame, const cv::Matx23d& transform, cv::Size size,
                   Render* render) {
  const cv::Matx23d to_frame = inverse_of(transform);
  const cv::Rect2d seen = footprint(to_frame, size);
  const bool touches = !frame.size().empty() && seen.br().x > -1 && seen.br().y > -1 &&
                       seen.x < frame.width && seen.y < frame.height;
  if (!touches) return cv::Mat::zeros(size, render == render_bgr ? CV_8UC3 : CV_8UC1);

  cv::Mat picture =
      render(frame, [&](const Source& source) { return warp(source, transform, size); });
  const bool covered = seen.x >= 0 && seen.y >= 0 && seen.br().x <= frame.width - 1 &&
                       seen.br().y <= frame.height - 1;
  if (!covered) blacken_outside(picture, to_frame, frame.size());
  return picture;
}

}  // namespace

cv::Mat scale_to_bgr(const FrameView& frame, cv::Size size) {
  return scale_frame(frame, size, render_bgr);
}

cv::Mat scale_to_gray(const FrameView& frame, cv::Size size) {
  return scale_frame(frame, size, render_gray);
}

cv::Mat pick_pixels(const FrameView& frame, cv::Size size) {
  const bool rgb = frame.format->model == ColourModel::Rgb;
  const Source source = source_of(frame, rgb ? 1 : 0, true);
  const PixelFormat::Component& component = frame.format->components.at(rgb ? 1 : 0);
  const int step = component.step;
  const bool wide = frame.format->sample_bytes == 2;
  cv::Mat picked(size, CV_8U);
  for (int y = 0; y < size.height; ++y) {
    const int row = static_cast<int>((y + 0.5) * frame.height / size.height) + source.before_y;
    auto* to = picked.ptr<std::uint8_t>(y);
    for (int x = 0; x < size.width; ++x) {
      const int column = static_cast<int>((x + 0.5) * frame.width / size.width) + source.before_x;
      const int element = column / source.sub_x * step + component.offset;
      if (wide) {
        const auto value = source.pixels.ptr<std::uint16_t>(row / source.sub_y)[element];
        const int swapped = source.swapped ? value >> 8 | (value & 0xFF) << 8 : value;
        to[x] = static_cast<std::uint8_t>(swapped >> (frame.format->bits - 8));
      } else {
        to[x] = source.pixels.ptr<std::uint8_t>(row / source.sub_y)[element];
      }
    }
  }
  return picked;
}

cv::Mat warp_to_bgr(const FrameView& frame, const Affine& transform, cv::Size size) {
  return warp_frame(frame, transform, size, render_bgr);
}

cv::Mat warp_to_gray(const FrameView& frame, const Affine& transform, cv::Size size) {
  return warp_frame(frame, transform, size, render_gray);
}

}  // namespace facerec
