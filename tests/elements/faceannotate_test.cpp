// SPDX-License-Identifier: LGPL-2.1-or-later

// faceannotate: where it draws, and where it leaves the pixels alone.

#include <cstdlib>
#include <opencv2/core.hpp>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 240;

void identify(GstFaceMeta* face, const char* name, bool accepted) {
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  gst_face_identity_builder_set_person(builder, name, 1);
  gst_face_identity_builder_set_distance(builder, GST_FACE_METRIC_COSINE, 0.25);
  gst_face_identity_builder_set_decision(builder, 0.4, accepted);
  GstFaceIdentity* identity = gst_face_identity_builder_end(builder);
  gst_face_meta_set_identity(face, identity);
  gst_face_identity_unref(identity);
}

Buffer frame_with_face(const GstVideoInfo& info, const GstFaceBox& box, bool accepted = true) {
  Buffer frame = test::blank_frame(info);
  identify(gst_buffer_add_face_meta(frame.get(), 0, &box, 1), "Zoë 李", accepted);
  return frame;
}

/// A BGR frame's pixels, copied.
cv::Mat pixels(GstBuffer* buffer, const GstVideoInfo& info) {
  GstVideoFrame frame;
  fail_unless(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ));
  const cv::Mat copy =
      cv::Mat(info.height, info.width, CV_8UC3, GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
              GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0))
          .clone();
  gst_video_frame_unmap(&frame);
  return copy;
}

bool is_blank(const cv::Mat& area) {
  return cv::norm(area, cv::Mat(area.size(), area.type(), cv::Scalar::all(0x80)), cv::NORM_INF) ==
         0;
}

}  // namespace

GST_START_TEST(draws_a_box_and_a_label_and_nothing_else) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  Bench bench("faceannotate thickness=4 font-size=16", info);
  const cv::Rect box(100, 90, 80, 100);
  const Buffer out = bench.pass(frame_with_face(info, {100, 90, 80, 100}));
  const cv::Mat image = pixels(out.get(), info);
  for (const cv::Point corner : {cv::Point(box.x, box.y), {box.br().x - 1, box.br().y - 1}}) {
    const auto pixel = image.at<cv::Vec3b>(corner);
    fail_unless(pixel[1] > pixel[0] + 30 && pixel[1] > pixel[2] + 30, "the box is not green");
  }
  fail_unless(is_blank(image(cv::Rect(104, 94, 72, 92))), "drew inside the box");
  fail_unless(is_blank(image(cv::Rect(0, 0, kWidth, 50))), "drew above the label");
  fail_unless(is_blank(image(cv::Rect(0, 0, 100, kHeight))), "drew left of the box");
  fail_unless(is_blank(image(cv::Rect(0, 190, kWidth, 50))), "drew below the box");
  fail_if(is_blank(image(cv::Rect(100, 60, 100, 30))), "there is no label");
  double brightest = 0;
  cv::minMaxIdx(image(cv::Rect(100, 60, 100, 30)).clone().reshape(1), nullptr, &brightest);
  fail_unless(brightest > 240, "there is no white text");
}
GST_END_TEST;

GST_START_TEST(colours_say_who_was_accepted) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  Bench bench("faceannotate", info);
  const auto colour = [&](Buffer frame) {
    const Buffer out = bench.pass(std::move(frame));
    return pixels(out.get(), info).at<cv::Vec3b>(150, 100);
  };
  const GstFaceBox box{100, 90, 80, 100};
  const auto known = colour(frame_with_face(info, box, true));
  const auto unknown = colour(frame_with_face(info, box, false));
  fail_unless(known[1] > known[2] && unknown[2] > unknown[1]);
  Buffer unmatched = test::blank_frame(info);
  gst_buffer_add_face_meta(unmatched.get(), 0, &box, 1);
  const auto blue = colour(std::move(unmatched));
  fail_unless(blue[0] > blue[1] && blue[0] > blue[2]);
}
GST_END_TEST;

GST_START_TEST(draws_landmarks_where_asked_for) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  const GstFacePoint eyes[] = {{130.5F, 130.5F}, {150.5F, 130.5F}};
  for (const bool wanted : {false, true}) {
    Bench bench(wanted ? "faceannotate landmarks=true" : "faceannotate", info);
    Buffer frame = frame_with_face(info, {100, 90, 80, 100});
    gst_face_meta_set_landmarks(test::faces_of(frame.get()).at(0), GST_FACE_LANDMARK_SCHEME_EYES_2,
                                eyes, 2);
    const Buffer out = bench.pass(std::move(frame));
    fail_unless(is_blank(pixels(out.get(), info)(cv::Rect(125, 125, 30, 10))) != wanted);
  }
}
GST_END_TEST;

GST_START_TEST(predicted_boxes_are_dashed) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  Bench bench("faceannotate thickness=4", info);
  for (const bool predicted : {false, true}) {
    Buffer frame = test::blank_frame(info);
    const GstFaceBox box{100, 90, 80, 100};
    GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
    gst_face_meta_set_predicted(face, static_cast<gboolean>(predicted));
    const Buffer out = bench.pass(std::move(frame));
    const cv::Mat edge = pixels(out.get(), info)(cv::Rect(100, 90, 4, 100));
    int blank = 0;
    for (int y = 0; y < edge.rows; ++y) blank += is_blank(edge.row(y)) ? 1 : 0;
    fail_unless(predicted ? blank > 20 && blank < 80 : blank == 0, "%d rows are blank", blank);
  }
}
GST_END_TEST;

GST_START_TEST(draws_a_caption_in_the_corner) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  Bench bench("faceannotate font-size=20", info);
  const auto drawn = [&](const char* caption) {
    g_object_set(bench.element(), "caption", caption, nullptr);
    const Buffer out = bench.pass(test::blank_frame(info));
    return pixels(out.get(), info);
  };
  fail_unless(is_blank(drawn("")));
  const cv::Mat one = drawn("Hall");
  fail_if(is_blank(one(cv::Rect(0, 0, 20, 18))));
  fail_unless(is_blank(one(cv::Rect(0, 40, kWidth, kHeight - 40))));
  const cv::Mat two = drawn("Hall\n25 frames/s");
  fail_unless(cv::norm(one(cv::Rect(0, 0, 20, 18)), two(cv::Rect(0, 0, 20, 18))) == 0);
  fail_if(is_blank(two(cv::Rect(0, 24, 60, 18))));
  for (const char* odd : {"\n\n", "\n", "a very long line that does not fit in at all, not at all"})
    drawn(odd);
  drawn(std::string(1000, '\n').c_str());
}
GST_END_TEST;

GST_START_TEST(tells_tracks_apart_that_have_no_name) {
  if (test::skip_with_facetrack("the ids are others")) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kWidth, kHeight);
  Bench bench("faceannotate", info);
  const auto label = [&](gint64 track, const std::function<void(GstFaceMeta*)>& identify_face) {
    Buffer frame = test::blank_frame(info);
    const GstFaceBox box{100, 90, 80, 100};
    GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
    gst_face_meta_set_track_id(face, track);
    if (identify_face) identify_face(face);
    const Buffer out = bench.pass(std::move(frame));
    return cv::Mat(pixels(out.get(), info)(cv::Rect(100, 50, kWidth - 100, 40)).clone());
  };
  const auto same = [](const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b) == 0; };
  const auto stranger = [](GstFaceMeta* face) { identify(face, "Ada", false); };
  const auto ada = [](GstFaceMeta* face) { identify(face, "Ada", true); };
  fail_unless(is_blank(label(GST_FACE_TRACK_NONE, nullptr)));
  fail_if(is_blank(label(3, nullptr)));
  fail_if(same(label(3, nullptr), label(4, nullptr)));
  fail_if(same(label(3, stranger), label(4, stranger)));
  fail_unless(same(label(3, ada), label(GST_FACE_TRACK_NONE, ada)));
}
GST_END_TEST;

GST_START_TEST(attaches_without_touching_a_pixel) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, kWidth, kHeight);
  Bench bench("faceannotate mode=attach", info);
  Buffer frame = frame_with_face(info, {100, 90, 80, 100});
  const Buffer branch(gst_buffer_ref(frame.get()));
  const std::string before = test::checksum(frame.get(), info);
  Buffer out = bench.pass(std::move(frame));
  test::expect_equal(test::checksum(out.get(), info), before);
  fail_unless(gst_buffer_peek_memory(out.get(), 0) == gst_buffer_peek_memory(branch.get(), 0));
  const auto rectangles = [](GstBuffer* buffer) {
    return gst_video_overlay_composition_n_rectangles(
        gst_buffer_get_video_overlay_composition_meta(buffer)->overlay);
  };
  const guint once = rectangles(out.get());
  fail_unless(once >= 5);  // four lines and a label

  out = bench.pass(std::move(out));
  fail_unless_equals_int(rectangles(out.get()), 2 * once);
  fail_unless_equals_int(
      gst_buffer_get_n_meta(out.get(), GST_VIDEO_OVERLAY_COMPOSITION_META_API_TYPE), 1);
}
GST_END_TEST;

GST_START_TEST(does_not_write_to_a_shared_buffer) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, kWidth, kHeight);
  Bench bench("faceannotate", info);
  Buffer frame = frame_with_face(info, {100, 90, 80, 100});
  const Buffer branch(gst_buffer_ref(frame.get()));
  const std::string before = test::checksum(branch.get(), info);
  const Buffer out = bench.pass(std::move(frame));
  test::expect_equal(test::checksum(branch.get(), info), before);
  fail_if(test::checksum(out.get(), info) == before);
}
GST_END_TEST;

GST_START_TEST(clips_to_frames_of_any_format_and_size) {
  if (test::skip_with_facetrack("the caps are fewer")) return;
  const GstFaceBox boxes[] = {{0, 0, 1, 1},         {-50, -50, 60, 60},  {310, 230, 100, 100},
                              {-10, -10, 500, 500}, {400, 400, 10, 10},  {0.2F, 0.3F, 0.1F, 0.1F},
                              {5, 3, 1e9F, 1e9F},   {-1e9F, 0, 2e9F, 20}};
  GstVideoFormat all[] = {
      GST_VIDEO_FORMAT_I420,      GST_VIDEO_FORMAT_YUY2,     GST_VIDEO_FORMAT_GRAY8,
      GST_VIDEO_FORMAT_RGBA,      GST_VIDEO_FORMAT_BGR,      GST_VIDEO_FORMAT_NV12,
      GST_VIDEO_FORMAT_I420_10LE, GST_VIDEO_FORMAT_RGB16,    GST_VIDEO_FORMAT_Y444,
      GST_VIDEO_FORMAT_UYVY,      GST_VIDEO_FORMAT_P010_10LE};
  for (const GstVideoFormat format : all) {
    for (const auto& [width, height] :
         {std::pair{1, 1}, {2, 2}, {3, 5}, {17, 9}, {kWidth, kHeight}}) {
      const GstVideoInfo info = test::video_info(format, width, height);
      Bench bench("faceannotate landmarks=true", info);
      for (const GstFaceBox& box : boxes) {
        Buffer frame = frame_with_face(info, box);
        const GstFacePoint eyes[] = {{box.x, box.y}, {box.x + box.width, box.y}};
        gst_face_meta_set_landmarks(test::faces_of(frame.get()).at(0),
                                    GST_FACE_LANDMARK_SCHEME_EYES_2, eyes, 2);
        bench.pass(test::padded(frame.get(), info));
        bench.pass(std::move(frame));
      }
      fail_unless(bench.messages(GST_MESSAGE_ERROR).empty());
    }
  }
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("faceannotate");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, draws_a_box_and_a_label_and_nothing_else);
  tcase_add_test(tests, colours_say_who_was_accepted);
  tcase_add_test(tests, draws_landmarks_where_asked_for);
  tcase_add_test(tests, predicted_boxes_are_dashed);
  tcase_add_test(tests, draws_a_caption_in_the_corner);
  tcase_add_test(tests, tells_tracks_apart_that_have_no_name);
  tcase_add_test(tests, attaches_without_touching_a_pixel);
  tcase_add_test(tests, does_not_write_to_a_shared_buffer);
  tcase_add_test(tests, clips_to_frames_of_any_format_and_size);
  return test::run_suite(suite);
}
