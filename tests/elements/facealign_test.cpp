// SPDX-License-Identifier: LGPL-2.1-or-later

// facealign on faces that carry five points; no model is needed.

#include <array>
#include <cmath>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

const GstFaceBox kBox{100, 80, 120, 150};

/// The five-point template of 112 pixels, turned and scaled into a frame by hand.
constexpr std::array<GstFacePoint, 5> kTemplate{{{38.2946F, 51.6963F},
                                                 {73.5318F, 51.5014F},
                                                 {56.0252F, 71.7366F},
                                                 {41.5493F, 92.3655F},
                                                 {70.7299F, 92.2041F}}};

std::array<GstFacePoint, 5> turned(double degrees, double scale, double x, double y) {
  const double c = std::cos(degrees * G_PI / 180) * scale;
  const double s = std::sin(degrees * G_PI / 180) * scale;
  std::array<GstFacePoint, 5> points = kTemplate;
  for (GstFacePoint& point : points) {
    point = {static_cast<float>(c * point.x - s * point.y + x),
             static_cast<float>(s * point.x + c * point.y + y)};
  }
  return points;
}

Buffer frame_with_points(const GstVideoInfo& info, const std::array<GstFacePoint, 5>& points) {
  Buffer frame = test::blank_frame(info);
  GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 0, &kBox, 0.9F);
  gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, points.data(), points.size());
  return frame;
}

}  // namespace

GST_START_TEST(turns_a_face_upright) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 400, 300);
  Bench bench("facealign landmarks=none", info);
  for (const double degrees : {-30.0, 0.0, 30.0}) {
    const auto points = turned(degrees, 1.5, 120, 90);
    const Buffer out = bench.pass(frame_with_points(info, points));
    const GstFaceMeta* face = test::faces_of(out.get()).at(0);
    fail_unless_equals_string(gst_face_meta_get_template_name(face), "arcface");
    guint width = 0;
    guint height = 0;
    gst_face_meta_get_aligned_size(face, &width, &height);
    fail_unless(width == 112 && height == 112);
    const gfloat* t = gst_face_meta_get_transform(face);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const float x = t[0] * points[i].x + t[1] * points[i].y + t[2];
      const float y = t[3] * points[i].x + t[4] * points[i].y + t[5];
      // the template's numbers are pixel centres, those of the metadata begin at the corner
      fail_unless(std::hypot(x - kTemplate[i].x, y - kTemplate[i].y) < 0.8,
                  "point %d comes to %.2f,%.2f", static_cast<int>(i), x, y);
    }
    fail_unless(std::abs(face->quality.roll - degrees) < 1, "roll %.2f", face->quality.roll);
    fail_unless(std::abs(face->quality.size - 1.5 * 35.24) < 0.1, "size %.2f", face->quality.size);
  }
}
GST_END_TEST;

GST_START_TEST(follows_template_size_and_margin) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 400, 300);
  Bench bench("facealign landmarks=none template=none size=96 margin=0.1", info);
  const Buffer out = bench.pass(frame_with_points(info, turned(0, 1, 100, 80)));
  const GstFaceMeta* face = test::faces_of(out.get()).at(0);
  fail_unless_equals_string(gst_face_meta_get_template_name(face), "none");
  const gfloat* t = gst_face_meta_get_transform(face);
  // a square of the longer side and a tenth of it more on both sides, around the box's middle
  const float side = 150 * 1.2F;
  fail_unless(std::abs(t[0] - 96 / side) < 0.01F && std::abs(t[4] - 96 / side) < 0.01F);
  fail_unless(std::abs(t[0] * 160 + t[2] - 48) < 1 && std::abs(t[4] * 155 + t[5] - 48) < 1);
}
GST_END_TEST;

GST_START_TEST(a_face_without_landmarks_stays_unaligned) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 400, 300);
  Bench bench("facealign landmarks=none", info);
  Buffer frame = test::blank_frame(info);
  gst_buffer_add_face_meta(frame.get(), 0, &kBox, 0.9F);
  const Buffer out = bench.pass(std::move(frame));
  fail_unless(gst_face_meta_get_transform(test::faces_of(out.get()).at(0)) == nullptr);
  fail_unless(bench.messages(GST_MESSAGE_WARNING).empty());
}
GST_END_TEST;

GST_START_TEST(warns_once_where_no_landmark_model_is_present) {
  const test::Folder empty;
  g_setenv("FACEREC_MODEL_PATH", (empty / "").c_str(), TRUE);
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 400, 300);
  Bench bench("facealign landmarks=auto", info);
  for (int i = 0; i < 3; ++i) {
    Buffer frame = test::blank_frame(info);
    gst_buffer_add_face_meta(frame.get(), 0, &kBox, 0.9F);
    bench.pass(std::move(frame));
  }
  const auto warnings = bench.messages(GST_MESSAGE_WARNING);
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_NOT_FOUND, {"landmark"});
}
GST_END_TEST;

GST_START_TEST(refuses_an_unknown_template) {
  const test::Message last = test::run("videotestsrc ! facealign template=nosuch ! fakesink");
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"nosuch", "arcface"});
}
GST_END_TEST;

GST_START_TEST(masks_faces_of_68_landmarks) {
  const test::fs::path models = test::shared_folder() / "models";
  if (test::skip_without({test::portrait_file(), models / "pfld_cunjian.onnx"}) != 0) return;
  const std::string path = models.string() + ":" + g_getenv("FACEREC_MODEL_PATH");
  g_setenv("FACEREC_MODEL_PATH", path.c_str(), TRUE);
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 434, 434);
  for (const bool mask : {false, true}) {
    Bench bench(std::string("facealign landmarks=pfld mask=") + (mask ? "true" : "false"), info);
    Buffer photo = test::photo_frame(test::portrait_file(), info);
    gst_buffer_add_face_meta(photo.get(), 0, &test::kPortraitFace, 0.9F);
    const std::string before = test::checksum(photo.get(), info);
    const Buffer out = bench.pass(std::move(photo));
    const GstFaceMeta* face = test::faces_of(out.get()).at(0);
    fail_unless_equals_int(gst_face_meta_get_landmark_scheme(face),
                           GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT);
    fail_unless(gst_face_meta_get_transform(face) != nullptr);
    fail_unless_equals_int(static_cast<int>(gst_face_meta_is_masked(face)), static_cast<int>(mask));
    test::expect_equal(test::checksum(out.get(), info), before);
  }
  // the detector's five points do not do
  Bench bench("facealign landmarks=pfld mask=true", info);
  Buffer photo = test::photo_frame(test::portrait_file(), info);
  GstFaceMeta* five = gst_buffer_add_face_meta(photo.get(), 0, &test::kPortraitFace, 0.9F);
  const auto points = turned(0, 1.5, 120, 90);
  gst_face_meta_set_landmarks(five, GST_FACE_LANDMARK_SCHEME_FIVE, points.data(), points.size());
  const Buffer out = bench.pass(std::move(photo));
  fail_unless(gst_face_meta_is_masked(test::faces_of(out.get()).at(0)));
}
GST_END_TEST;

GST_START_TEST(refuses_a_mask_without_68_landmarks) {
  for (const std::string landmarks : {"facerec-landmarks", "none"}) {
    const test::Message last =
        test::run("videotestsrc ! facealign mask=true landmarks=" + landmarks + " ! fakesink");
    test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                         GST_RESOURCE_ERROR_SETTINGS, {"'" + landmarks + "'", "68", "pfld"});
  }
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facealign");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, turns_a_face_upright);
  tcase_add_test(tests, follows_template_size_and_margin);
  tcase_add_test(tests, a_face_without_landmarks_stays_unaligned);
  tcase_add_test(tests, warns_once_where_no_landmark_model_is_present);
  tcase_add_test(tests, refuses_an_unknown_template);
  tcase_add_test(tests, masks_faces_of_68_landmarks);
  tcase_add_test(tests, refuses_a_mask_without_68_landmarks);
  return test::run_suite(suite);
}
