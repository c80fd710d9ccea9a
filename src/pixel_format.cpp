// SPDX-License-Identifier: LGPL-2.1-or-later

#include "pixel_format.h"

#include <algorithm>

namespace facerec {
namespace {

using Component = PixelFormat::Component;

/// How an element is stored.
struct Element {
  int bytes;
  int bits;
  bool big_endian;
};

constexpr Element byte{1, 8, false};

/// The lowest bits of 16.
constexpr Element little(int bits) {
  return {2, bits, false};
}
constexpr Element big(int bits) {
  return {2, bits, true};
}

/// The highest bits of 16, or all of them.
constexpr Element little_high = little(16);
constexpr Element big_high = big(16);
constexpr Element native_high = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? big_high : little_high;

/// How many pixels share a sample of Cb and Cr.
struct Shared {
  int x;
  int y;
};

PixelFormat make(std::string_view name, ColourModel model, std::array<Component, 3> components,
                 Element element) {
  return {name, model, components, element.bytes, element.bits, element.big_endian};
}

PixelFormat gray(std::string_view name, Element element) {
  return make(name, ColourModel::Gray, {}, element);
}

/// Planes of Y', Cb and Cr, or with `red` = 1 of Y', Cr and Cb.
PixelFormat planar(std::string_view name, Shared shared, Element element = byte, int red = 2) {
  return make(name, ColourModel::Yuv,
              {{{}, {3 - red, 1, 0, shared.x, shared.y}, {red, 1, 0, shared.x, shared.y}}},
              element);
}

/// A plane of Y' and one of pairs of Cb and Cr, or with `red` = 0 of Cr and Cb.
PixelFormat pairs(std::string_view name, Shared shared, Element element = byte, int red = 1) {
  return make(name, ColourModel::Yuv,
              {{{}, {1, 2, 1 - red, shared.x, shared.y}, {1, 2, red, shared.x, shared.y}}},
              element);
}

/// Groups of two pixels: two Y', of which `y` is the first, Cb and Cr.
PixelFormat groups(std::string_view name, std::array<int, 3> order, Element element = byte) {
  const auto& [y, blue, red] = order;
  return make(name, ColourModel::Yuv, {{{0, 2, y}, {0, 4, blue, 2, 1}, {0, 4, red, 2, 1}}},
              element);
}

/// Pixels of `step` elements, among them Y', Cb and Cr or R, G and B.
PixelFormat packed(std::string_view name, ColourModel model, int step, std::array<int, 3> order,
                   Element element = byte) {
  return make(name, model, {{{0, step, order[0]}, {0, step, order[1]}, {0, step, order[2]}}},
              element);
}

/// Planes of R, G and B in that order.
PixelFormat rgb_planes(std::string_view name, std::array<int, 3> order, Element element = byte) {
  return make(name, ColourModel::Rgb, {{{order[0]}, {order[1]}, {order[2]}}}, element);
}

}  // namespace

const std::vector<PixelFormat>& pixel_formats() {
  constexpr ColourModel rgb = ColourModel::Rgb;
  constexpr ColourModel yuv = ColourModel::Yuv;
  constexpr Shared all{1, 1};
  constexpr Shared half{2, 1};
  constexpr Shared quarter{2, 2};
  static const std::vector<PixelFormat> formats{
      gray("GRAY8", byte),
      planar("I420", quarter),
      pairs("NV12", quarter),
      groups("YUY2", {0, 1, 3}),
      packed("BGR", rgb, 3, {2, 1, 0}),
      packed("RGB", rgb, 3, {0, 1, 2}),
      packed("BGRx", rgb, 4, {2, 1, 0}),
      packed("RGBx", rgb, 4, {0, 1, 2}),
      packed("BGRA", rgb, 4, {2, 1, 0}),
      packed("RGBA", rgb, 4, {0, 1, 2}),

      planar("YV12", quarter, byte, 1),
      pairs("NV21", quarter, byte, 0),
      groups("UYVY", {1, 0, 2}),
      groups("YVYU", {0, 3, 1}),
      groups("VYUY", {1, 2, 0}),
      packed("xRGB", rgb, 4, {1, 2, 3}),
      packed("xBGR", rgb, 4, {3, 2, 1}),
      packed("ARGB", rgb, 4, {1, 2, 3}),
      packed("ABGR", rgb, 4, {3, 2, 1}),
      planar("Y42B", half),
      planar("Y444", all),
      planar("Y41B", {4, 1}),
      planar("YUV9", {4, 4}),
      planar("YVU9", {4, 4}, byte, 1),
      planar("A420", quarter),
      planar("A422", half),
      planar("A444", all),
      pairs("AV12", quarter),
      pairs("NV16", half),
      pairs("NV61", half, byte, 0),
      pairs("NV24", all),
      packed("AYUV", yuv, 4, {1, 2, 3}),
      packed("VUYA", yuv, 4, {2, 1, 0}),
      packed("v308", yuv, 3, {0, 1, 2}),
      packed("IYU2", yuv, 3, {1, 0, 2}),
      packed("RBGA", rgb, 4, {0, 2, 1}),
      rgb_planes("GBR", {2, 0, 1}),
      rgb_planes("GBRA", {2, 0, 1}),
      rgb_planes("RGBP", {0, 1, 2}),
      rgb_planes("BGRP", {2, 1, 0}),

      gray("GRAY16_LE", little_high),
      gray("GRAY16_BE", big_high),
      gray("GRAY10_LE16", little(10)),
      planar("I420_10LE", quarter, little(10)),
      planar("I420_10BE", quarter, big(10)),
      planar("I420_12LE", quarter, little(12)),
      planar("I420_12BE", quarter, big(12)),
      planar("I422_10LE", half, little(10)),
      planar("I422_10BE", half, big(10)),
      planar("I422_12LE", half, little(12)),
      planar("I422_12BE", half, big(12)),
      planar("Y444_10LE", all, little(10)),
      planar("Y444_10BE", all, big(10)),
      planar("Y444_12LE", all, little(12)),
      planar("Y444_12BE", all, big(12)),
      planar("Y444_16LE", all, little_high),
      planar("Y444_16BE", all, big_high),
      planar("A420_10LE", quarter, little(10)),
      planar("A420_10BE", quarter, big(10)),
      planar("A420_12LE", quarter, little(12)),
      planar("A420_12BE", quarter, big(12)),
      planar("A420_16LE", quarter, little_high),
      planar("A420_16BE", quarter, big_high),
      planar("A422_10LE", half, little(10)),
      planar("A422_10BE", half, big(10)),
      planar("A422_12LE", half, little(12)),
      planar("A422_12BE", half, big(12)),
      planar("A422_16LE", half, little_high),
      planar("A422_16BE", half, big_high),
      planar("A444_10LE", all, little(10)),
      planar("A444_10BE", all, big(10)),
      planar("A444_12LE", all, little(12)),
      planar("A444_12BE", all, big(12)),
      planar("A444_16LE", all, little_high),
      planar("A444_16BE", all, big_high),
      pairs("P010_10LE", quarter, little_high),
      pairs("P010_10BE", quarter, big_high),
      pairs("P012_LE", quarter, little_high),
      pairs("P012_BE", quarter, big_high),
      pairs("P016_LE", quarter, little_high),
      pairs("P016_BE", quarter, big_high),
      groups("Y210", {0, 1, 3}, little_high),
      groups("Y212_LE", {0, 1, 3}, little_high),
      groups("Y212_BE", {0, 1, 3}, big_high),
      groups("Y216_LE", {0, 1, 3}, little_high),
      groups("Y216_BE", {0, 1, 3}, big_high),
      groups("v216", {1, 0, 2}, little_high),
      packed("Y412_LE", yuv, 4, {1, 0, 2}, little_high),
      packed("Y412_BE", yuv, 4, {1, 0, 2}, big_high),
      packed("Y416_LE", yuv, 4, {1, 0, 2}, little_high),
      packed("Y416_BE", yuv, 4, {1, 0, 2}, big_high),
      packed("AYUV64", yuv, 4, {1, 2, 3}, native_high),
      packed("ARGB64", rgb, 4, {1, 2, 3}, native_high),
      packed("ARGB64_LE", rgb, 4, {1, 2, 3}, little_high),
      packed("ARGB64_BE", rgb, 4, {1, 2, 3}, big_high),
      packed("RGBA64_LE", rgb, 4, {0, 1, 2}, little_high),
      packed("RGBA64_BE", rgb, 4, {0, 1, 2}, big_high),
      packed("BGRA64_LE", rgb, 4, {2, 1, 0}, little_high),
      packed("BGRA64_BE", rgb, 4, {2, 1, 0}, big_high),
      packed("ABGR64_LE", rgb, 4, {3, 2, 1}, little_high),
      packed("ABGR64_BE", rgb, 4, {3, 2, 1}, big_high),
      rgb_planes("GBR_10LE", {2, 0, 1}, little(10)),
      rgb_planes("GBR_10BE", {2, 0, 1}, big(10)),
      rgb_planes("GBR_12LE", {2, 0, 1}, little(12)),
      rgb_planes("GBR_12BE", {2, 0, 1}, big(12)),
      rgb_planes("GBR_16LE", {2, 0, 1}, little_high),
      rgb_planes("GBR_16BE", {2, 0, 1}, big_high),
      rgb_planes("GBRA_10LE", {2, 0, 1}, little(10)),
      rgb_planes("GBRA_10BE", {2, 0, 1}, big(10)),
      rgb_planes("GBRA_12LE", {2, 0, 1}, little(12)),
      rgb_planes("GBRA_12BE", {2, 0, 1}, big(12)),
  };
  return formats;
}

const PixelFormat* find_pixel_format(std::string_view name) {
  const auto& formats = pixel_formats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const PixelFormat& format) { return format.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace facerec
