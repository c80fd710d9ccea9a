// SPDX-License-Identifier: LGPL-2.1-or-later

// How often faceembed represents the faces of tracks.

#include <memory>
#include <set>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr GstClockTime kInterval = GST_SECOND / 25;
const std::string kEmbed = "faceembed model=facerec-embed";

GstVideoInfo format() {
  return test::video_info(GST_VIDEO_FORMAT_GRAY8, 434, 434);
}

/// The portrait with its face in a track, in a view of that sharpness.
Buffer portrait(GstClockTime pts, gint64 track, gfloat sharpness = 0.1F) {
  Buffer frame = test::photo_frame(test::portrait_file(), format());
  GST_BUFFER_PTS(frame.get()) = pts;
  GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 0, &test::kPortraitFace, 1);
  const GstFacePoint points[] = {{170, 168}, {236, 168}, {203, 210}, {175, 240}, {231, 240}};
  gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, points, 5);
  GstFaceQuality quality = GST_FACE_QUALITY_INIT;
  quality.sharpness = sharpness;
  gst_face_meta_set_quality(face, &quality);
  gst_face_meta_set_track_id(face, track);
  return frame;
}

/// Age of the embedding of the only face that comes out.
GstClockTime age_of(Bench& bench, Buffer frame) {
  const Buffer out = bench.pass(std::move(frame));
  return gst_face_meta_get_embedding_age(test::faces_of(out.get()).at(0));
}

}  // namespace

GST_START_TEST(a_track_is_represented_when_it_is_new_and_after_the_refresh_interval) {
  Bench bench(kEmbed, format());
  std::unique_ptr<GstFaceEmbedding, decltype(&gst_face_embedding_unref)> kept(
      nullptr, gst_face_embedding_unref);
  // At least 1/16, 1/8, 1/4, 1/2 and 1 second after the shot before.
  const std::set<guint> shots{0, 2, 6, 13, 26, 51, 76};
  guint last = 0;
  for (guint i = 0; i <= 76; ++i) {
    const Buffer out = bench.pass(portrait(i * kInterval, 3));
    const GstFaceMeta* face = test::faces_of(out.get()).at(0);
    GstFaceEmbedding* embedding = gst_face_meta_get_embedding(face);
    const bool is_shot = shots.count(i) > 0;
    fail_unless((embedding == kept.get()) != is_shot, "frame %u", i);
    if (is_shot) {
      kept.reset(gst_face_embedding_ref(embedding));
      last = i;
    }
    fail_unless_equals_uint64(gst_face_meta_get_embedding_age(face), (i - last) * kInterval);
  }
  fail_unless_equals_uint64(age_of(bench, portrait(77 * kInterval, 4)), 0);

  g_object_set(bench.element(), "refresh-interval", GST_SECOND / 10, nullptr);
  fail_unless_equals_uint64(age_of(bench, portrait(79 * kInterval, 3)), 0);
  g_object_set(bench.element(), "refresh-interval", static_cast<guint64>(0), nullptr);
  fail_unless_equals_uint64(age_of(bench, portrait(80 * kInterval, 3)), 0);
}
GST_END_TEST;

GST_START_TEST(a_clearly_better_shot_is_taken_and_a_worse_one_is_not) {
  Bench bench(kEmbed, format());
  fail_unless_equals_uint64(age_of(bench, portrait(0, 1, 0.1F)), 0);
  fail_unless_equals_uint64(age_of(bench, portrait(kInterval, 1, 0.11F)), kInterval);
  fail_unless_equals_uint64(age_of(bench, portrait(2 * kInterval, 1, 0.2F)), 0);
  const GstClockTime later = 2 * kInterval + GST_SECOND / 2;
  fail_unless_equals_uint64(age_of(bench, portrait(later, 1, 0.05F)), GST_SECOND / 2);
  fail_unless_equals_uint64(age_of(bench, portrait(later + kInterval, 1, 0.2F)), 0);
}
GST_END_TEST;

GST_START_TEST(predicted_faces_only_carry_what_is_known) {
  Bench bench(kEmbed, format());
  const auto predicted = [](GstClockTime pts, gint64 track) {
    Buffer frame = portrait(pts, track);
    gst_face_meta_set_predicted(test::faces_of(frame.get()).at(0), TRUE);
    return frame;
  };
  const Buffer unknown = bench.pass(predicted(0, 1));
  fail_unless(gst_face_meta_get_embedding(test::faces_of(unknown.get()).at(0)) == nullptr);
  fail_unless_equals_uint64(age_of(bench, portrait(kInterval, 1)), 0);
  fail_unless_equals_uint64(age_of(bench, predicted(9 * GST_SECOND + kInterval, 1)),
                            9 * GST_SECOND);
}
GST_END_TEST;

GST_START_TEST(faces_of_no_track_and_those_after_a_flush_are_represented) {
  Bench bench(kEmbed, format());
  for (guint i = 0; i < 3; ++i) {
    fail_unless_equals_uint64(age_of(bench, portrait(i * kInterval, GST_FACE_TRACK_NONE)), 0);
  }
  fail_unless_equals_uint64(age_of(bench, portrait(3 * kInterval, 1)), 0);
  gst_harness_push_event(bench.harness(), gst_event_new_flush_start());
  gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  fail_unless_equals_uint64(age_of(bench, portrait(4 * kInterval, 1)), 0);
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  if (test::skip_without({test::portrait_file()}) != 0) return 77;
  Suite* suite = suite_create("track_embedding");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_track_is_represented_when_it_is_new_and_after_the_refresh_interval);
  tcase_add_test(tests, a_clearly_better_shot_is_taken_and_a_worse_one_is_not);
  tcase_add_test(tests, predicted_faces_only_carry_what_is_known);
  tcase_add_test(tests, faces_of_no_track_and_those_after_a_flush_are_represented);
  return test::run_suite(suite);
}
