// SPDX-License-Identifier: LGPL-2.1-or-later

#include "jpeg.h"

// first, as jpeglib.h needs it
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>
#include <algorithm>
#include <csetjmp>
#include <iterator>

#include "../error.h"
#include "image.h"

namespace facerec {
namespace {

/// Encoders make about ten passes; a small file with thousands of them keeps a decoder busy for
/// hours.
constexpr int most_scans = 100;

/// Everything that libjpeg calls back. C++ objects are kept out of the functions that it leaves by
/// longjmp.
struct Decoder {
  Decoder() = default;
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf give_up{};
  bool data_missing = false;
  bool mark_missing = false;
};

Decoder& decoder_of(j_common_ptr info) {
  return *static_cast<Decoder*>(info->client_data);
}

void give_up(j_common_ptr info) {
  std::longjmp(decoder_of(info).give_up, 1);
}

/// Warnings have a level of -1. What stands for the end mark at the end of a file without one looks
/// like it.
void note(j_common_ptr info, int level) {
  if (level >= 0) return;
  Decoder& decoder = decoder_of(info);
  const int code = info->err->msg_code;
  decoder.mark_missing |= code == JWRN_JPEG_EOF;
  decoder.data_missing |= code == JWRN_HIT_MARKER && decoder.info.unread_marker == JPEG_EOI;
}

void stay_silent(j_common_ptr /*info*/) {}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > most_scans) give_up(info);
}

void open(Decoder& decoder, const std::vector<std::uint8_t>& file) {
  decoder.info.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = give_up;
  decoder.errors.emit_message = note;
  decoder.errors.output_message = stay_silent;
  decoder.info.client_data = &decoder;
  jpeg_create_decompress(&decoder.info);
  decoder.progress.progress_monitor = count_scans;
  decoder.info.progress = &decoder.progress;
  jpeg_save_markers(&decoder.info, JPEG_APP0 + 1, 0xffff);
  jpeg_mem_src(&decoder.info, file.data(), file.size());
}

bool read_header(Decoder& decoder, const std::vector<std::uint8_t>& file) {
  if (setjmp(decoder.give_up) != 0) return false;
  open(decoder, file);
  jpeg_read_header(&decoder.info, TRUE);
  const bool has_four =
      decoder.info.jpeg_color_space == JCS_CMYK || decoder.info.jpeg_color_space == JCS_YCCK;
  decoder.info.out_color_space = has_four ? JCS_CMYK : JCS_EXT_BGR;
  return true;
}

/// `picture`: of the size and as many channels as the header says.
bool read_picture(Decoder& decoder, cv::Mat& picture) {
  if (setjmp(decoder.give_up) != 0) return false;
  jpeg_start_decompress(&decoder.info);
  while (decoder.info.output_scanline < decoder.info.output_height) {
    JSAMPROW row = picture.ptr(static_cast<int>(decoder.info.output_scanline));
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  return true;
}

/// Whether passes over the picture are missing although none of them is cut: a component that none
/// had, or in a progressive file without an end a coefficient that is not known to its last bit.
bool lacks_scans(const Decoder& decoder) {
  const auto& info = decoder.info;
  for (int i = 0; i < info.num_components; ++i) {
    if (info.comp_info[i].quant_table == nullptr) return true;
    if (!decoder.mark_missing || info.coef_bits == nullptr) continue;
    const auto& unknown_bits = info.coef_bits[i];
    if (std::any_of(std::begin(unknown_bits), std::end(unknown_bits),
                    [](int bits) { return bits != 0; })) {
      return true;
    }
  }
  return false;
}

/// Cyan, magenta, yellow and black as Adobe's programs store them, inverted.
cv::Mat bgr_of_cmyk(const cv::Mat& cmyk) {
  cv::Mat bgr(cmyk.size(), CV_8UC3);
  for (int y = 0; y < cmyk.rows; ++y) {
    const auto* from = cmyk.ptr<cv::Vec4b>(y);
    auto* to = bgr.ptr<cv::Vec3b>(y);
    for (int x = 0; x < cmyk.cols; ++x) {
      for (int c = 0; c < 3; ++c) {
        to[x][c] = static_cast<std::uint8_t>(from[x][2 - c] * from[x][3] / 255);
      }
    }
  }
  return bgr;
}

Orientation orientation_of(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker != nullptr; marker = marker->next) {
    const Orientation orientation = exif_orientation(marker->data, marker->data_length);
    if (orientation != 1) return orientation;
  }
  return 1;
}

}  // namespace

bool is_jpeg(const std::vector<std::uint8_t>& file) {
  return file.size() > 2 && file[0] == 0xff && file[1] == 0xd8 && file[2] == 0xff;
}

Jpeg decode_jpeg(const std::vector<std::uint8_t>& file, const std::string& name) {
  Decoder decoder;
  const auto& info = decoder.info;
  if (!read_header(decoder, file)) {
    throw Error(ErrorCode::Read, name + " is damaged or cut off before its picture; get it again");
  }
  const cv::Size size(static_cast<int>(info.image_width), static_cast<int>(info.image_height));
  require_moderate(size, name);
  const bool has_four = info.out_color_space == JCS_CMYK;
  cv::Mat picture(size, has_four ? CV_8UC4 : CV_8UC3);
  if (!read_picture(decoder, picture)) {
    throw Error(ErrorCode::Read, name + " is damaged; get it again");
  }
  if (decoder.data_missing || lacks_scans(decoder)) {
    throw Error(ErrorCode::Read, name + " is cut off before its picture ends; get it again");
  }
  return {has_four ? bgr_of_cmyk(picture) : picture, orientation_of(info)};
}

}  // namespace facerec
