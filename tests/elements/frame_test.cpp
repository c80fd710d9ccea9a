// SPDX-License-Identifier: LGPL-2.1-or-later

// Every format that the elements advertise, as GStreamer converts to it, shows the RGB picture.

#include "frame.h"

#include <opencv2/imgproc.hpp>

#include "sampling.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Buffer;

namespace {

constexpr int kWidth = 131;
constexpr int kHeight = 97;

/// Colours that change slowly, so that subsampling keeps them.
cv::Mat make_picture() {
  cv::Mat picture(kHeight, kWidth, CV_8UC3);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      picture.at<cv::Vec3b>(y, x) = {static_cast<uchar>(40 + x), static_cast<uchar>(200 - y),
                                     static_cast<uchar>(60 + (x + y) / 2)};
    }
  }
  return picture;
}

std::vector<GstVideoFormat> advertised_formats() {
  std::vector<GstVideoFormat> formats;
  GstCaps* caps = gst_caps_from_string(facerec::video_caps().c_str());
  const GValue* list = gst_structure_get_value(gst_caps_get_structure(caps, 0), "format");
  for (guint i = 0; i < gst_value_list_get_size(list); ++i) {
    const gchar* name = g_value_get_string(gst_value_list_get_value(list, i));
    formats.push_back(gst_video_format_from_string(name));
    fail_if(formats.back() == GST_VIDEO_FORMAT_UNKNOWN, "%s", name);
  }
  gst_caps_unref(caps);
  return formats;
}

GstVideoInfo info_of(GstVideoFormat format, const char* colorimetry) {
  GstVideoInfo info = test::video_info(format, kWidth, kHeight);
  if (!GST_VIDEO_INFO_IS_RGB(&info)) {
    fail_unless(gst_video_colorimetry_from_string(&info.colorimetry, colorimetry));
  }
  return info;
}

cv::Mat seen(GstBuffer* buffer, const GstVideoInfo& info) {
  const facerec::MappedFrame frame(buffer, info);
  return facerec::Sampler().scale_to_bgr(frame.view(), frame.view().size()).clone();
}

void expect_near(const cv::Mat& seen, const cv::Mat& expected, double tolerance,
                 const std::string& name) {
  const char* format = name.c_str();
  fail_unless(seen.size() == expected.size(), "%s", format);
  // GStreamer 1.22 swaps the Cb and Cr of an odd last column where it converts to these; they also
  // count for a quarter in the column before.
  const bool swapped = name == "NV61" || name == "VYUY";
  const cv::Range columns(0, seen.cols - (swapped ? 2 : 0));
  const double worst = cv::norm(seen.colRange(columns), expected.colRange(columns), cv::NORM_INF);
  fail_unless(worst <= tolerance, "%s differs by %f", format, worst);
}

}  // namespace

GST_START_TEST(every_format_shows_the_picture) {
  const cv::Mat picture = make_picture();
  cv::Mat gray;
  cv::cvtColor(picture, gray, cv::COLOR_BGR2GRAY);
  cv::Mat colourless;
  cv::cvtColor(gray, colourless, cv::COLOR_GRAY2BGR);
  const auto formats = advertised_formats();
  fail_unless(formats.size() >= 80);
  for (const GstVideoFormat format : formats) {
    // BT.601 limited, BT.709 limited, BT.601 full range
    for (const char* colorimetry : {"bt601", "bt709", "1:4:0:0"}) {
      const GstVideoInfo info = info_of(format, colorimetry);
      const char* name = gst_video_format_to_string(format);
      const bool is_gray = GST_VIDEO_INFO_IS_GRAY(&info);
      if (is_gray && std::string(colorimetry) == "bt709") continue;  // weighs otherwise
      Buffer frame = test::picture_frame(picture, info);
      const Buffer wide = test::padded(frame.get(), info);
      const bool coarse =
          GST_VIDEO_INFO_N_COMPONENTS(&info) > 1 && GST_VIDEO_FORMAT_INFO_W_SUB(info.finfo, 1) > 1;
      for (GstBuffer* buffer : {frame.get(), wide.get()}) {
        expect_near(seen(buffer, info), is_gray ? colourless : picture, coarse ? 9 : 5, name);
        const facerec::MappedFrame mapped(buffer, info);
        const cv::Mat luma =
            facerec::Sampler().scale_to_gray(mapped.view(), {kWidth, kHeight}).clone();
        if (std::string(colorimetry) != "bt709") expect_near(luma, gray, 3, name);
      }
    }
  }
}
GST_END_TEST;

GST_START_TEST(a_crop_shows_its_part_in_every_format) {
  const cv::Mat picture = make_picture();
  const cv::Rect part(17, 11, 60, 43);
  for (const GstVideoFormat format : advertised_formats()) {
    const GstVideoInfo info = info_of(format, "bt601");
    Buffer frame = test::picture_frame(picture, info);
    const cv::Mat whole = seen(frame.get(), info);
    GstVideoCropMeta* crop = gst_buffer_add_video_crop_meta(frame.get());
    crop->x = part.x;
    crop->y = part.y;
    crop->width = part.width;
    crop->height = part.height;
    const cv::Mat shown = seen(frame.get(), info);
    expect_near(shown, whole(part), 3, gst_video_format_to_string(format));

    crop->width = crop->height = 1000;  // beyond the frame's edge
    fail_unless(facerec::shown_part(frame.get(), info) ==
                cv::Rect(part.tl(), cv::Point(kWidth, kHeight)));
    crop->x = G_MAXUINT;
    fail_unless(facerec::shown_part(frame.get(), info).empty());
  }
}
GST_END_TEST;

GST_START_TEST(rows_of_an_odd_number_of_bytes_are_refused_where_samples_have_two) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY16_LE, 4, 4);
  const Buffer frame(gst_buffer_new_allocate(nullptr, 64, nullptr));
  gsize offset[GST_VIDEO_MAX_PLANES] = {0};
  gint stride[GST_VIDEO_MAX_PLANES] = {9};
  gst_buffer_add_video_meta_full(frame.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY16_LE,
                                 4, 4, 1, offset, stride);
  bool refused = false;
  try {
    const facerec::MappedFrame mapped(frame.get(), info);
  } catch (const std::exception&) {
    refused = true;
  }
  fail_unless(refused);
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("frame");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, every_format_shows_the_picture);
  tcase_add_test(tests, a_crop_shows_its_part_in_every_format);
  tcase_add_test(tests, rows_of_an_odd_number_of_bytes_are_refused_where_samples_have_two);
  return test::run_suite(suite);
}
