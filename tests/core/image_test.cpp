// SPDX-License-Identifier: LGPL-2.1-or-later

#include "image/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgcodecs.hpp>

#include "image/orientation.h"
#include "model_fixtures.h"

using namespace facerec;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// A picture in which each corner is of another colour.
cv::Mat corners() {
  cv::Mat picture(64, 96, CV_8UC3);
  picture({0, 0, 48, 32}) = cv::Scalar(0, 0, 255);
  picture({48, 0, 48, 32}) = cv::Scalar(0, 255, 0);
  picture({0, 32, 48, 32}) = cv::Scalar(255, 0, 0);
  picture({48, 32, 48, 32}) = cv::Scalar(255, 255, 255);
  return picture;
}

/// A picture that shows `shown` where it is displayed as `orientation` says, from the standard's
/// table of which side the stored rows and columns are.
cv::Mat stored_as(const cv::Mat& shown, int orientation) {
  const bool lies = orientation >= 5;
  cv::Mat stored(lies ? shown.cols : shown.rows, lies ? shown.rows : shown.cols, CV_8UC3);
  for (int y = 0; y < shown.rows; ++y) {
    for (int x = 0; x < shown.cols; ++x) {
      const int right = shown.cols - 1 - x;
      const int bottom = shown.rows - 1 - y;
      const int rows[] = {y, y, bottom, bottom, x, right, right, x};
      const int columns[] = {x, right, right, x, y, y, bottom, bottom};
      stored.at<cv::Vec3b>(rows[orientation - 1], columns[orientation - 1]) =
          shown.at<cv::Vec3b>(y, x);
    }
  }
  return stored;
}

Bytes number(std::uint32_t value, int bytes, bool big_endian) {
  Bytes result;
  for (int i = 0; i < bytes; ++i) {
    result.push_back(static_cast<std::uint8_t>(value >> 8 * (big_endian ? bytes - 1 - i : i)));
  }
  return result;
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes text(const std::string& letters) {
  return {letters.begin(), letters.end()};
}

Bytes exif(int orientation, bool big_endian) {
  const auto n = [&](std::uint32_t value, int bytes) { return number(value, bytes, big_endian); };
  return (big_endian ? text("MM") : text("II")) + n(42, 2) + n(8, 4) + n(2, 2) +             //
         n(0x010f, 2) + n(2, 2) + n(4, 4) + text("cam") + Bytes{0} +                         //
         n(0x0112, 2) + n(3, 2) + n(1, 4) + n(static_cast<std::uint32_t>(orientation), 2) +  //
         n(0, 2) + n(0, 4);
}

Bytes encode(const std::string& extension, const cv::Mat& picture,
             const std::vector<int>& options = {}) {
  Bytes file;
  EXPECT_TRUE(cv::imencode(extension, picture, file, options));
  return file;
}

Bytes spliced(const Bytes& file, std::size_t at, const Bytes& part) {
  const auto middle = file.begin() + static_cast<std::ptrdiff_t>(at);
  return Bytes(file.begin(), middle) + part + Bytes(middle, file.end());
}

Bytes jpeg_with(const cv::Mat& picture, const Bytes& block) {
  const Bytes segment = text(std::string("Exif\0\0", 6)) + block;
  const auto length = static_cast<std::uint32_t>(segment.size() + 2);
  return spliced(encode(".jpg", picture), 2, Bytes{0xff, 0xe1} + number(length, 2, true) + segment);
}

/// A chunk's checksum as PNG wants it.
Bytes crc(const Bytes& bytes) {
  std::uint32_t value = ~0U;
  for (const std::uint8_t byte : bytes) {
    value ^= byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xedb88320U : 0U);
  }
  return number(~value, 4, true);
}

Bytes png_chunk(const std::string& type, const Bytes& content) {
  return number(static_cast<std::uint32_t>(content.size()), 4, true) + text(type) + content +
         crc(text(type) + content);
}

Bytes png_with(const cv::Mat& picture, const Bytes& block) {
  const Bytes file = encode(".png", picture);
  return spliced(file, file.size() - 12, png_chunk("eXIf", block));  // also allowed: before pixels
}

Bytes webp_with(const cv::Mat& picture, const Bytes& block) {
  const auto n = [](std::uint32_t value, int bytes) { return number(value, bytes, false); };
  const auto chunk = [&](const std::string& name, const Bytes& content) {
    const Bytes padding(content.size() % 2, 0);
    return text(name) + n(static_cast<std::uint32_t>(content.size()), 4) + content + padding;
  };
  const Bytes plain = encode(".webp", picture, {cv::IMWRITE_WEBP_QUALITY, 101});
  const Bytes pixels(plain.begin() + 12, plain.end());
  constexpr std::uint32_t has_exif = 8;
  const Bytes content =
      text("WEBP") +
      chunk("VP8X", n(has_exif, 4) + n(static_cast<std::uint32_t>(picture.cols) - 1, 3) +
                        n(static_cast<std::uint32_t>(picture.rows) - 1, 3)) +
      pixels + chunk("EXIF", block);
  return text("RIFF") + n(static_cast<std::uint32_t>(content.size()), 4) + content;
}

/// An uncompressed one.
Bytes tiff(const cv::Mat& picture, int orientation) {
  const auto n = [](std::uint32_t value, int bytes) { return number(value, bytes, false); };
  const auto width = static_cast<std::uint32_t>(picture.cols);
  const auto height = static_cast<std::uint32_t>(picture.rows);
  constexpr std::uint32_t entries = 10;
  constexpr std::uint32_t depths = 8 + 2 + 12 * entries + 4;
  const std::pair<std::uint32_t, std::uint32_t> tags[] = {
      {256, width}, {257, height},     {259, 1},
      {262, 2},     {273, depths + 6}, {274, static_cast<std::uint32_t>(orientation)},
      {277, 3},     {278, height},     {279, width * height * 3}};
  Bytes file = text("II") + n(42, 2) + n(8, 4) + n(entries, 2);
  for (const auto& [tag, value] : tags) {
    if (tag == 259) file = file + n(258, 2) + n(3, 2) + n(3, 4) + n(depths, 4);
    file = file + n(tag, 2) + n(4, 2) + n(1, 4) + n(value, 4);
  }
  file = file + n(0, 4) + n(8, 2) + n(8, 2) + n(8, 2);
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      const auto pixel = picture.at<cv::Vec3b>(y, x);
      file = file + Bytes{pixel[2], pixel[1], pixel[0]};
    }
  }
  return file;
}

/// Mean difference of a colour; 255 where the sizes differ.
double difference(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size()) return 255;
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

TEST(Image, IsTurnedAsItsFileSays) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const cv::Mat stored = stored_as(corners(), orientation);
    const auto expect_shown = [&](const Bytes& file, const std::string& name) {
      EXPECT_LT(difference(decode_image(file, name), corners()), 5) << name << ' ' << orientation;
    };
    for (const bool big_endian : {false, true}) {
      const Bytes block = exif(orientation, big_endian);
      expect_shown(jpeg_with(stored, block), "jpeg");
      expect_shown(png_with(stored, block), "png");
      expect_shown(webp_with(stored, block), "webp");
      expect_shown(webp_with(stored, text(std::string("Exif\0\0", 6)) + block), "prefixed");
    }
    expect_shown(tiff(stored, orientation), "tiff");
  }
}

TEST(Image, DamagedExifIsNone) {
  const Bytes whole = exif(6, true);
  EXPECT_EQ(exif_orientation(whole.data(), whole.size()), 6);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const int orientation = exif_orientation(whole.data(), i);
    EXPECT_TRUE(orientation == 1 || orientation == 6) << i;
    Bytes damaged = whole;
    damaged[i] ^= 0xff;
    const int other = exif_orientation(damaged.data(), damaged.size());
    EXPECT_TRUE(other >= 1 && other <= 8) << i;
  }
  const Bytes ninth = exif(9, true);
  EXPECT_EQ(exif_orientation(ninth.data(), ninth.size()), 1);
}

/// Everything in which the pixels of a picture end, by the encoder's options.
const std::vector<std::vector<int>> jpeg_kinds = {
    {},
    {cv::IMWRITE_JPEG_PROGRESSIVE, 1},
    {cv::IMWRITE_JPEG_RST_INTERVAL, 2},
    {cv::IMWRITE_JPEG_OPTIMIZE, 1, cv::IMWRITE_JPEG_QUALITY, 20},
};

cv::Mat noise(int type) {
  cv::Mat picture(64, 80, type);
  cv::RNG(1).fill(picture, cv::RNG::UNIFORM, 0, 256);
  return picture;
}

TEST(Image, AJpegThatLacksOnlyItsEndMarkIsWhole) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    for (const auto& options : jpeg_kinds) {
      Bytes file = encode(".jpg", noise(type), options);
      const cv::Mat whole = cv::imdecode(file, cv::IMREAD_COLOR);
      EXPECT_EQ(difference(decode_image(file, "whole"), whole), 0);
      file.pop_back();
      EXPECT_EQ(difference(decode_image(file, "half a mark"), whole), 0);
      file.pop_back();
      EXPECT_EQ(difference(decode_image(file, "no mark"), whole), 0);
    }
  }
}

TEST(Image, AJpegThatIsCutAnywhereIsRefused) {
  for (const auto& options : jpeg_kinds) {
    const Bytes file = encode(".jpg", noise(CV_8UC3), options);
    for (std::size_t length = 0; length + 8 < file.size(); length += length < 700 ? 1 : 29) {
      Bytes cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length));
      SCOPED_TRACE(std::to_string(length) + " of " + std::to_string(file.size()));
      const auto decode = [&] { decode_image(cut, "image 'a'"); };
      expect_error(ErrorCode::Read, {"image 'a'"}, decode);
      // A progressive file that ends between passes is allowed to.
      if (options == jpeg_kinds[1]) continue;
      cut.insert(cut.end(), {0xff, 0xd9});
      expect_error(ErrorCode::Read, {"image 'a'"}, decode);
    }
  }
}

TEST(Image, OneThatIsTooLargeIsRefusedBeforeThereIsRoomForIt) {
  // Headers are enough, of a PNG and of a JPEG.
  const cv::Mat small(8, 8, CV_8UC3, cv::Scalar::all(0));
  const Bytes pixels = encode(".png", small);
  const Bytes header = number(30000, 4, true) + number(30000, 4, true) + Bytes{8, 2, 0, 0, 0};
  const Bytes png = Bytes(pixels.begin(), pixels.begin() + 8) + png_chunk("IHDR", header) +
                    Bytes(pixels.begin() + 33, pixels.end());
  Bytes jpeg = encode(".jpg", small);
  const Bytes frame{0xff, 0xc0};
  const auto at = std::search(jpeg.begin(), jpeg.end(), frame.begin(), frame.end());
  const Bytes side = number(30000, 2, true);
  std::copy(side.begin(), side.end(), at + 5);
  std::copy(side.begin(), side.end(), at + 7);
  for (const Bytes& file : {png, jpeg}) {
    expect_error(ErrorCode::Read, {"image 'a'", "30000x30000", "smaller"},
                 [&] { decode_image(file, "image 'a'"); });
  }
}

TEST(Image, WhatIsNoPhotoIsRefused) {
  // DICOM's mark stands behind 128 bytes; OpenCV's reader of it would end the program.
  Bytes dicom(133);
  const std::string mark = "DICM\xe2";
  std::copy(mark.begin(), mark.end(), dicom.begin() + 128);
  const std::string vrt = "<VRTDataset rasterXSize=\"8\" rasterYSize=\"8\"></VRTDataset>";
  Bytes disguised = dicom;
  std::copy_n("P6", 2, disguised.begin());
  for (const Bytes& file : {dicom, disguised, Bytes(vrt.begin(), vrt.end()), Bytes{}, Bytes{'B'}}) {
    expect_error(ErrorCode::Read, {"image 'a'", "PNG, WebP"},
                 [&] { decode_image(file, "image 'a'"); });
  }
  for (const char* extension : {".png", ".webp", ".bmp", ".tiff", ".ppm"})
    EXPECT_NO_THROW(decode_image(encode(extension, corners()), extension));
}

TEST(Image, APictureOfOrdinarySizeIsTakenAfterOneThatWasTooLarge) {
  EXPECT_NO_THROW(decode_image(encode(".png", corners()), "png"));
}

}  // namespace
