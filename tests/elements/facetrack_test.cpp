// SPDX-License-Identifier: LGPL-2.1-or-later

#include <cmath>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr GstClockTime kInterval = GST_SECOND / 25;
constexpr gfloat kSide = 60;

GstVideoInfo vga() {
  return test::video_info(GST_VIDEO_FORMAT_I420, 640, 480);
}

/// A frame that a detector has looked at.
Buffer searched(GstClockTime pts) {
  Buffer frame = test::blank_frame(vga(), pts);
  gst_buffer_add_face_frame_meta(frame.get(), TRUE, pts);
  return frame;
}

/// One that it has passed by.
Buffer passed_by(GstClockTime pts) {
  Buffer frame = test::blank_frame(vga(), pts);
  gst_buffer_add_face_frame_meta(frame.get(), FALSE, 0);
  return frame;
}

void add_face(const Buffer& frame, guint id, gfloat x, gfloat y, gfloat confidence = 0.9F) {
  const GstFaceBox box{x, y, kSide, kSide};
  GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), id, &box, confidence);
  const GstFacePoint eyes[] = {{x + 15, y + 20}, {x + 45, y + 20}};
  gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_EYES_2, eyes, 2);
}

Buffer with_face(GstClockTime pts, gfloat x) {
  Buffer frame = searched(pts);
  add_face(frame, 7, x, 100);
  return frame;
}

/// The track of the only face of what comes out.
gint64 track_of(Bench& bench, Buffer frame) {
  const Buffer out = bench.pass(std::move(frame));
  const auto faces = test::faces_of(out.get());
  fail_unless_equals_int(faces.size(), 1);
  return faces[0]->track_id;
}

void push_segment(Bench& bench, gdouble rate, GstClockTime start) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.start = segment.time = start;
  segment.stop = start + 100 * GST_SECOND;
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
}

}  // namespace

GST_START_TEST(a_face_has_one_track_and_its_times) {
  Bench bench("facetrack", vga());
  for (guint i = 0; i < 10; ++i) {
    const Buffer out = bench.pass(with_face(i * kInterval, 100.0F + 3 * i));
    const auto faces = test::faces_of(out.get());
    fail_unless_equals_int(faces.size(), 1);
    fail_unless_equals_int64(faces[0]->track_id, 0);
    fail_unless_equals_uint64(gst_face_meta_get_first_seen(faces[0]), 0);
    fail_unless_equals_uint64(gst_face_meta_get_last_seen(faces[0]), i * kInterval);
    fail_if(gst_face_meta_is_predicted(faces[0]));
    fail_if(gst_face_meta_is_cut(faces[0]));
    // The detector's box is left as it is.
    fail_unless_equals_float(faces[0]->box.x, 100.0F + 3 * i);
    fail_if(gst_buffer_get_face_frame_meta(out.get())->predicted);
  }
  Buffer frame = searched(10 * kInterval);
  add_face(frame, 7, 130, 100);
  add_face(frame, 8, 300, -10);
  const Buffer out = bench.pass(std::move(frame));
  const auto faces = test::faces_of(out.get());
  fail_unless_equals_int64(faces[0]->track_id, 0);
  fail_unless_equals_int64(faces[1]->track_id, 1);
  fail_unless(gst_face_meta_is_cut(faces[1]));
}
GST_END_TEST;

GST_START_TEST(faces_are_predicted_where_the_detector_passed_by) {
  Bench bench("facetrack", vga());
  for (guint i = 0; i < 40; ++i) {
    const GstClockTime pts = i * kInterval;
    const gfloat expected = 100.0F + 4 * i;
    if (i % 4 == 0) {
      bench.pass(with_face(pts, expected));
      continue;
    }
    const Buffer out = bench.pass(passed_by(pts));
    const auto faces = test::faces_of(out.get());
    fail_unless_equals_int(faces.size(), 1);
    GstFaceMeta* face = faces[0];
    fail_unless_equals_int64(face->track_id, 0);
    fail_unless_equals_int(face->id, 7);
    fail_unless(gst_face_meta_is_predicted(face));
    fail_unless_equals_uint64(gst_face_meta_get_last_seen(face), (i - i % 4) * kInterval);
    fail_unless(gst_buffer_get_face_frame_meta(out.get())->predicted);
    fail_unless(gst_buffer_get_n_meta(out.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) == 1);
    if (i < 12) continue;
    fail_unless(std::abs(face->box.x - expected) < 0.15F * kSide, "%f for %f", face->box.x,
                expected);
    GstFacePoint right, left;
    fail_unless(gst_face_meta_get_eyes(face, &right, &left));
    fail_unless(std::abs(right.x - face->box.x - 15) < 3 && std::abs(left.y - 120) < 6);
  }
  // Nobody is predicted after a frame that was looked at and shows nobody.
  bench.pass(searched(40 * kInterval));
  const Buffer out = bench.pass(passed_by(41 * kInterval));
  fail_unless(test::faces_of(out.get()).empty());
}
GST_END_TEST;

GST_START_TEST(an_unsure_face_begins_no_track) {
  Bench bench("facetrack start-threshold=0.5", vga());
  const auto count = [&](GstClockTime pts, gfloat confidence) {
    Buffer frame = searched(pts);
    add_face(frame, 1, 100, 100, confidence);
    const Buffer out = bench.pass(std::move(frame));
    const std::size_t faces = test::faces_of(out.get()).size();
    fail_unless_equals_int(
        gst_buffer_get_n_meta(out.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE), faces);
    return faces;
  };
  fail_unless_equals_int(count(0, 0.4F), 0);
  fail_unless_equals_int(count(kInterval, 0.6F), 1);
  fail_unless_equals_int(count(2 * kInterval, 0.4F), 1);
}
GST_END_TEST;

GST_START_TEST(a_track_ends_with_max_lost_and_where_the_stream_begins_anew) {
  Bench bench("facetrack", vga());
  fail_unless_equals_int64(track_of(bench, with_face(0, 100)), 0);
  // A live source that has lost frames.
  Buffer late = with_face(GST_SECOND / 2, 100);
  GST_BUFFER_FLAG_SET(late.get(), GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int64(track_of(bench, std::move(late)), 0);
  for (int i = 0; i < 30; ++i) bench.pass(searched(GST_SECOND / 2 + (i + 1) * kInterval));
  fail_unless_equals_int64(track_of(bench, with_face(2 * GST_SECOND, 100)), 1);

  g_object_set(bench.element(), "max-lost", 5 * GST_SECOND, nullptr);
  for (int i = 0; i < 50; ++i) bench.pass(searched(2 * GST_SECOND + (i + 1) * kInterval));
  fail_unless_equals_int64(track_of(bench, with_face(5 * GST_SECOND, 100)), 1);

  // A segment that goes on, one that jumps, a jump within one, other caps.
  push_segment(bench, 1, 5 * GST_SECOND);
  fail_unless_equals_int64(track_of(bench, with_face(5 * GST_SECOND + kInterval, 100)), 1);
  push_segment(bench, 1, 20 * GST_SECOND);
  fail_unless_equals_int64(track_of(bench, with_face(20 * GST_SECOND, 100)), 2);
  Buffer jump = with_face(23 * GST_SECOND, 100);
  GST_BUFFER_FLAG_SET(jump.get(), GST_BUFFER_FLAG_DISCONT);
  fail_unless_equals_int64(track_of(bench, std::move(jump)), 3);
  bench.set_format(vga());
  fail_unless_equals_int64(track_of(bench, with_face(23 * GST_SECOND + kInterval, 100)), 3);
  bench.set_format(test::video_info(GST_VIDEO_FORMAT_NV12, 640, 480));
  bench.set_format(vga());
  fail_unless_equals_int64(track_of(bench, with_face(23 * GST_SECOND + 2 * kInterval, 100)), 4);

  gst_harness_push_event(bench.harness(), gst_event_new_flush_start());
  gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE));
  push_segment(bench, 1, 0);
  fail_unless_equals_int64(track_of(bench, with_face(23 * GST_SECOND + 3 * kInterval, 100)), 5);
  gst_harness_push_event(bench.harness(), gst_event_new_stream_start("another"));
  fail_unless_equals_int64(track_of(bench, with_face(23 * GST_SECOND + 4 * kInterval, 100)), 6);
}
GST_END_TEST;

GST_START_TEST(follows_backwards_and_without_times) {
  Bench backwards("facetrack", vga());
  push_segment(backwards, -1, 0);
  for (int i = 50; i >= 0; --i)
    fail_unless_equals_int64(track_of(backwards, with_face(i * kInterval, 100.0F + 3 * i)), 0);

  for (const GstClockTime time : {GST_CLOCK_TIME_NONE, static_cast<GstClockTime>(0)}) {
    Bench timeless("facetrack", vga());
    for (int i = 0; i < 20; ++i) {
      Buffer frame = i % 2 == 0 ? with_face(time, 100.0F + 3 * i) : passed_by(time);
      const Buffer out = timeless.pass(std::move(frame));
      const auto faces = test::faces_of(out.get());
      fail_unless_equals_int(faces.size(), 1);
      fail_unless_equals_int64(faces[0]->track_id, 0);
      if (time == GST_CLOCK_TIME_NONE)
        fail_unless(gst_face_meta_get_first_seen(faces[0]) == GST_CLOCK_TIME_NONE);
    }
  }
}
GST_END_TEST;

GST_START_TEST(takes_faces_of_detectors_that_say_nothing_of_frames) {
  Bench bench("facetrack", vga());
  for (int i = 0; i < 3; ++i) {
    Buffer frame = test::blank_frame(vga(), i * kInterval);
    add_face(frame, 3, 100, 100);
    fail_unless_equals_int64(track_of(bench, std::move(frame)), 0);
  }
  const Buffer out = bench.pass(test::blank_frame(vga(), 3 * kInterval));
  fail_unless(test::faces_of(out.get()).empty());
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facetrack");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_face_has_one_track_and_its_times);
  tcase_add_test(tests, faces_are_predicted_where_the_detector_passed_by);
  tcase_add_test(tests, an_unsure_face_begins_no_track);
  tcase_add_test(tests, a_track_ends_with_max_lost_and_where_the_stream_begins_anew);
  tcase_add_test(tests, follows_backwards_and_without_times);
  tcase_add_test(tests, takes_faces_of_detectors_that_say_nothing_of_frames);
  return test::run_suite(suite);
}
