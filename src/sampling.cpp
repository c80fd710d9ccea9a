// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sampling.h"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "plane_sampling.h"

namespace facerec {
namespace {

/// Whether each pixel has its R, G and B side by side.
bool is_packed_rgb(const PixelFormat& format) {
  return format.model == ColourModel::Rgb &&
         format.components[0].plane == format.components[1].plane;
}

/// Whether Cb and Cr lie side by side with nothing between, so that both are sampled at once.
bool has_chroma_pairs(const PixelFormat& format) {
  const auto& [luma, blue, red] = format.components;
  return format.model == ColourModel::Yuv && blue.plane == red.plane && blue.step == 2;
}

/// How the standards' 0..1 is stored, full range or not, as a factor that gives 0..255.
double scale_to_8_bits(const FrameView& frame) {
  const int bits = frame.format->bits;
  const bool full = frame.full_range || frame.format->model == ColourModel::Rgb;
  return full ? 255. / ((1 << bits) - 1) : 1. / (1 << (bits - 8));
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

/// A frame that is scaled to `size`, or with a transform warped to it.
struct View {
  const FrameView& frame;
  cv::Size size;
  const cv::Matx23d* transform;
  Scratch& scratch;
  YuvConverter& converter;

  cv::Mat sample(const Source& source) const {
    return transform != nullptr ? warp(source, *transform, size, scratch)
                                : scale(frame, source, size, scratch);
  }

  /// Still to be interpolated to `size`, where that loses nothing.
  cv::Mat sample_coarsely(const Source& source) const {
    const bool interpolated = transform != nullptr || frame.format->sample_bytes > 1;
    return interpolated ? sample(source) : shrink(frame, source, size, scratch);
  }

  /// As sample_coarsely(), but to be averaged once more where the converter does.
  cv::Mat sample_luma() const {
    const Source source = source_of(frame, 0);
    if (transform == nullptr && frame.format->sample_bytes == 1) {
      cv::Mat luma = shrink(frame, source, size * 2, scratch);
      if (YuvConverter::halves(luma, size)) return luma;
    }
    return sample_coarsely(source);
  }

  /// In the frame's range.
  cv::Mat to_8_bits(const cv::Mat& samples) const {
    if (samples.depth() == CV_8U) return samples;
    cv::Mat narrow = scratch.take(samples.size(), CV_8UC(samples.channels()));
    samples.convertTo(narrow, CV_8U, scale_to_8_bits(frame));
    return narrow;
  }
};

/// B, G and R of packed pixels, copied.
void pick_bgr(const cv::Mat& pixels, const PixelFormat& format, cv::Mat& bgr) {
  const auto& [red, green, blue] = format.components;
  if (green.offset != 1) {
    bgr.create(pixels.size(), CV_8UC3);
    const std::array<int, 6> order{blue.offset, 0, green.offset, 1, red.offset, 2};
    cv::mixChannels(&pixels, 1, &bgr, 1, order.data(), 3);
  } else if (blue.offset == 0) {
    if (blue.step == 3) {
      pixels.copyTo(bgr);
    } else {
      cv::cvtColor(pixels, bgr, cv::COLOR_BGRA2BGR);
    }
  } else {
    cv::cvtColor(pixels, bgr, red.step == 3 ? cv::COLOR_RGB2BGR : cv::COLOR_RGBA2BGR);
  }
}

/// `Picture`: interleaved or planes.
template <typename Picture>
void convert_yuv(const View& view, Picture& picture) {
  const FrameView& frame = view.frame;
  const bool pairs = has_chroma_pairs(*frame.format);
  const auto sample = [&](int index, bool whole_pixels = false) {
    return view.to_8_bits(view.sample_coarsely(source_of(frame, index, whole_pixels)));
  };
  YuvPlanes planes;
  planes.luma = view.to_8_bits(view.sample_luma());
  planes.chroma = {sample(1, pairs), pairs ? cv::Mat() : sample(2)};
  planes.red_first = pairs && frame.format->components[1].offset == 1;
  planes.matrix = frame.matrix;
  planes.full_range = frame.full_range;
  view.converter.convert(planes, picture);
}

void render_gray(const View& view, cv::Mat& picture);

void render_bgr(const View& view, cv::Mat& picture) {
  const PixelFormat& format = *view.frame.format;
  if (format.model == ColourModel::Gray) {
    cv::Mat gray = view.scratch.take(view.size, CV_8U);
    render_gray(view, gray);
    cv::cvtColor(gray, picture, cv::COLOR_GRAY2BGR);
    return;
  }
  if (is_packed_rgb(format)) {
    pick_bgr(view.to_8_bits(view.sample(source_of(view.frame, 0, true))), format, picture);
    return;
  }
  if (format.model == ColourModel::Yuv) {
    convert_yuv(view, picture);
    return;
  }
  std::array<cv::Mat, 3> bgr;
  for (int i = 0; i < 3; ++i) bgr.at(2 - i) = view.to_8_bits(view.sample(source_of(view.frame, i)));
  cv::merge(bgr, picture);
}

void render_gray(const View& view, cv::Mat& picture) {
  const FrameView& frame = view.frame;
  if (frame.format->model == ColourModel::Rgb) {
    cv::Mat bgr = view.scratch.take(view.size, CV_8UC3);
    render_bgr(view, bgr);
    cv::cvtColor(bgr, picture, cv::COLOR_BGR2GRAY);
  } else {
    const double gain = frame.full_range ? 1 : 255. / 219;
    view.sample(source_of(frame, 0))
        .convertTo(picture, CV_8U, gain * scale_to_8_bits(frame),
                   frame.full_range ? 0 : -16 * gain);
  }
}

void render_planes(const View& view, BgrPlanes& planes) {
  if (view.frame.format->model == ColourModel::Yuv) {
    convert_yuv(view, planes);
    return;
  }
  cv::Mat bgr = view.scratch.take(view.size, CV_8UC3);
  render_bgr(view, bgr);
  cv::split(bgr, planes.data());
}

/// Blackens what lies to the right of and below `content`.
void blacken_border(cv::Mat& picture, cv::Size content) {
  picture.colRange(content.width, picture.cols).setTo(0);
  picture.rowRange(content.height, picture.rows).setTo(0);
}

using Render = void(const View&, cv::Mat& picture);

cv::Mat warp_frame(const FrameView& frame, const cv::Matx23d& transform, cv::Size size,
                   Render* render, Scratch& scratch, YuvConverter& converter) {
  scratch.clear();
  cv::Mat picture = scratch.take(size, render == render_bgr ? CV_8UC3 : CV_8UC1);
  const cv::Matx23d to_frame = inverse_of(transform);
  const cv::Rect2d seen = footprint(to_frame, size);
  const bool touches = !frame.size().empty() && seen.br().x > -1 && seen.br().y > -1 &&
                       seen.x < frame.width && seen.y < frame.height;
  if (!touches) {
    picture.setTo(0);
    return picture;
  }
  render({frame, size, &transform, scratch, converter}, picture);
  const bool covered = seen.x >= 0 && seen.y >= 0 && seen.br().x <= frame.width - 1 &&
                       seen.br().y <= frame.height - 1;
  if (!covered) blacken_outside(picture, to_frame, frame.size());
  return picture;
}

}  // namespace

cv::Mat Sampler::scale_to_bgr(const FrameView& frame, cv::Size size) {
  scratch_.clear();
  cv::Mat picture = scratch_.take(size, CV_8UC3);
  render_bgr({frame, size, nullptr, scratch_, converter_}, picture);
  return picture;
}

BgrPlanes Sampler::scale_to_planes(const FrameView& frame, cv::Size size, cv::Size canvas) {
  scratch_.clear();
  BgrPlanes planes, content;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    planes[i] = scratch_.take(canvas, CV_8U);
    content[i] = planes[i]({{}, size});
    blacken_border(planes[i], size);
  }
  render_planes({frame, size, nullptr, scratch_, converter_}, content);
  return planes;
}

cv::Mat Sampler::scale_to_gray(const FrameView& frame, cv::Size size) {
  scratch_.clear();
  cv::Mat picture = scratch_.take(size, CV_8U);
  render_gray({frame, size, nullptr, scratch_, converter_}, picture);
  return picture;
}

cv::Mat Sampler::warp_to_bgr(const FrameView& frame, const Affine& transform, cv::Size size) {
  return warp_frame(frame, transform, size, render_bgr, scratch_, converter_);
}

cv::Mat Sampler::warp_to_gray(const FrameView& frame, const Affine& transform, cv::Size size) {
  return warp_frame(frame, transform, size, render_gray, scratch_, converter_);
}

void pick_pixels(const FrameView& frame, cv::Size size, cv::Mat& picture) {
  const bool rgb = frame.format->model == ColourModel::Rgb;
  const Source source = source_of(frame, rgb ? 1 : 0, true);
  const PixelFormat::Component& component = frame.format->components.at(rgb ? 1 : 0);
  const int step = component.step;
  const bool wide = frame.format->sample_bytes == 2;
  picture.create(size, CV_8U);
  for (int y = 0; y < size.height; ++y) {
    const int row = static_cast<int>((y + 0.5) * frame.height / size.height) + source.before_y;
    auto* to = picture.ptr<std::uint8_t>(y);
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
}

}  // namespace facerec
