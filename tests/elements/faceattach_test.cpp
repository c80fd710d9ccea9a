// SPDX-License-Identifier: LGPL-2.1-or-later

#include <atomic>
#include <cmath>
#include <opencv2/core.hpp>
#include <thread>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

GstVideoInfo vga() {
  return test::video_info(GST_VIDEO_FORMAT_I420, 640, 480);
}

void identify(GstFaceMeta* face, const char* name) {
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  gst_face_identity_builder_set_person(builder, name, 1);
  GstFaceIdentity* identity = gst_face_identity_builder_end(builder);
  gst_face_meta_set_identity(face, identity);
  gst_face_identity_unref(identity);
}

/// faceattach between video and results, which the test pushes in.
class Live {
 public:
  explicit Live(const std::string& properties = "") : bench_("faceattach " + properties, vga()) {
    results_ = gst_harness_new_with_element(bench_.element(), "results", nullptr);
    set_results_format(vga());
  }
  ~Live() { gst_harness_teardown(results_); }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  void set_results_format(const GstVideoInfo& info) {
    gst_harness_set_src_caps(results_, gst_video_info_to_caps(&info));
  }

  /// A frame that was analysed, with a face of track 3 whose left edge is at x.
  void found(GstClockTime pts, gfloat x, const char* name = nullptr) {
    Buffer frame = test::blank_frame(vga(), pts);
    gst_buffer_add_face_frame_meta(frame.get(), TRUE, pts);
    const GstFaceBox box{x, 100, 60, 60};
    GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 7, &box, 0.9F);
    const GstFacePoint eyes[] = {{x + 15, 120}, {x + 45, 120}};
    gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_EYES_2, eyes, 2);
    gst_face_meta_set_track_id(face, 3);
    gst_face_meta_set_track_times(face, 0, pts);
    if (name != nullptr) identify(face, name);
    push(std::move(frame));
  }

  void found_nobody(GstClockTime pts) {
    Buffer frame = test::blank_frame(vga(), pts);
    gst_buffer_add_face_frame_meta(frame.get(), TRUE, pts);
    push(std::move(frame));
  }

  /// A frame of one scene or another; how many faces it gets.
  std::size_t faces_in_scene(int scene, GstClockTime pts) {
    cv::Mat picture(vga().height, vga().width, CV_8UC3, cv::Scalar::all(40));
    const int middle = picture.cols / 2;
    picture(cv::Rect(scene == 0 ? 0 : middle, 0, middle / (scene + 1), picture.rows)) =
        cv::Scalar::all(200);
    Buffer frame = test::picture_frame(picture, vga());
    GST_BUFFER_PTS(frame.get()) = pts;
    return test::faces_of(bench_.pass(std::move(frame)).get()).size();
  }

  Buffer show(GstClockTime pts) { return bench_.pass(test::blank_frame(vga(), pts)); }
  std::size_t faces_at(GstClockTime pts) { return test::faces_of(show(pts).get()).size(); }

  Bench& bench() { return bench_; }
  GstHarness* results() { return results_; }

 private:
  void push(Buffer frame) {
    fail_unless_equals_int(gst_harness_push(results_, frame.release()), GST_FLOW_OK);
  }

  Bench bench_;
  GstHarness* results_;
};

}  // namespace

GST_START_TEST(video_passes_without_results) {
  Live live;
  Buffer frame = test::blank_frame(vga(), GST_SECOND);
  GstMemory* pixels = gst_buffer_peek_memory(frame.get(), 0);
  const Buffer other(gst_buffer_ref(frame.get()));
  const Buffer out = live.bench().pass(std::move(frame));
  fail_unless(gst_buffer_peek_memory(out.get(), 0) == pixels);
  const GstFaceFrameMeta* said = gst_buffer_get_face_frame_meta(out.get());
  fail_if(said->searched || said->predicted || GST_CLOCK_TIME_IS_VALID(said->search_time));
  fail_unless(gst_buffer_get_face_frame_meta(other.get()) == nullptr);
}
GST_END_TEST;

GST_START_TEST(faces_join_the_frames_that_pass) {
  Live live;
  live.show(0);
  live.found(0, 100, "Ada");
  const Buffer out = live.show(40 * GST_MSECOND);
  const GstFaceFrameMeta* said = gst_buffer_get_face_frame_meta(out.get());
  fail_unless(!said->searched && said->predicted && said->search_time == 0);
  const auto faces = test::faces_of(out.get());
  fail_unless_equals_int(faces.size(), 1);
  fail_unless_equals_int64(faces[0]->track_id, 3);
  fail_unless_equals_int(faces[0]->id, 7);
  fail_unless(gst_face_meta_is_predicted(faces[0]));
  fail_unless_equals_string(gst_face_identity_get_name(gst_face_meta_get_identity(faces[0])),
                            "Ada");
  fail_unless(gst_buffer_get_n_meta(out.get(), GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) == 1);
  live.found_nobody(80 * GST_MSECOND);
  fail_unless_equals_int(live.faces_at(120 * GST_MSECOND), 0);
}
GST_END_TEST;

GST_START_TEST(faces_that_frames_come_with_stay_beside_those_that_join) {
  Live live;
  live.show(0);
  live.found(0, 100, "Ada");  // face 7 of track 3
  const GstFaceBox box{300, 200, 50, 50};
  for (const guint id : {6, 7}) {
    Buffer frame = test::blank_frame(vga(), 40 * GST_MSECOND * id);
    gst_buffer_add_face_meta(frame.get(), id, &box, 1);
    const Buffer out = live.bench().pass(std::move(frame));
    const auto faces = test::faces_of(out.get());
    fail_unless_equals_int(faces.size(), 2);
    fail_unless(faces[0]->id == id && faces[0]->box.x == 300);
    fail_unless(faces[1]->id == id + 1 && faces[1]->track_id == 3);
  }
}
GST_END_TEST;

GST_START_TEST(faces_that_frames_come_with_do_not_join_them_again) {
  Live live;
  live.show(0);
  const GstFaceBox box{300, 200, 50, 50};
  const auto frame = [&](GstClockTime pts) {
    Buffer frame = test::blank_frame(vga(), pts);
    gst_buffer_add_face_meta(frame.get(), 7, &box, 1);
    return frame;
  };
  Buffer analysed = live.bench().pass(frame(20 * GST_MSECOND));
  fail_unless_equals_int(gst_harness_push(live.results(), analysed.release()), GST_FLOW_OK);
  const Buffer out = live.bench().pass(frame(40 * GST_MSECOND));
  fail_unless_equals_int(test::faces_of(out.get()).size(), 1);
}
GST_END_TEST;

GST_START_TEST(faces_move_along) {
  Live live;
  live.show(0);
  for (guint i = 0; i <= 10; ++i) live.found(i * 100 * GST_MSECOND, 100.0F + 20 * i);
  const Buffer out = live.show(1100 * GST_MSECOND);
  const GstFaceMeta* face = test::faces_of(out.get()).at(0);
  fail_unless(std::abs(face->box.x - 320) < 10, "%f", face->box.x);
  GstFacePoint right, left;
  fail_unless(gst_face_meta_get_eyes(face, &right, &left));
  fail_unless(std::abs(right.x - face->box.x - 15) < 3);
}
GST_END_TEST;

GST_START_TEST(faces_that_are_too_old_are_not_shown) {
  Live live("max-age=200000000");
  live.show(0);
  live.found(0, 100);
  fail_unless_equals_int(live.faces_at(200 * GST_MSECOND), 1);
  fail_unless_equals_int(live.faces_at(201 * GST_MSECOND), 0);
  g_object_set(live.bench().element(), "max-age", guint64{GST_SECOND}, nullptr);
  fail_unless_equals_int(live.faces_at(240 * GST_MSECOND), 1);
}
GST_END_TEST;

GST_START_TEST(other_caps_forget_and_foreign_sizes_are_ignored) {
  Live live;
  live.show(0);
  live.found(0, 100);
  live.bench().set_format(test::video_info(GST_VIDEO_FORMAT_I420, 320, 240));
  live.found(40 * GST_MSECOND, 100);  // still of the larger frames
  const GstVideoInfo small = test::video_info(GST_VIDEO_FORMAT_I420, 320, 240);
  const Buffer out = live.bench().pass(test::blank_frame(small, 80 * GST_MSECOND));
  fail_unless(test::faces_of(out.get()).empty());
  live.set_results_format(small);
  live.found(80 * GST_MSECOND, 100);
  const Buffer next = live.bench().pass(test::blank_frame(small, 120 * GST_MSECOND));
  fail_unless_equals_int(test::faces_of(next.get()).size(), 1);
}
GST_END_TEST;

GST_START_TEST(a_flush_forgets) {
  Live live;
  live.show(0);
  live.found(0, 100);
  gst_harness_push_event(live.bench().harness(), gst_event_new_flush_start());
  live.found(0, 100);  // comes too late
  gst_harness_push_event(live.bench().harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(live.bench().harness(), gst_event_new_segment(&segment));
  fail_unless_equals_int(live.faces_at(40 * GST_MSECOND), 0);
  live.found(40 * GST_MSECOND, 100);
  fail_unless_equals_int(live.faces_at(80 * GST_MSECOND), 1);
}
GST_END_TEST;

GST_START_TEST(faces_stay_in_their_scene) {
  constexpr GstClockTime kFrame = 40 * GST_MSECOND;
  Live live;
  live.faces_in_scene(0, 0);
  live.found(0, 100);
  fail_unless_equals_int(live.faces_in_scene(0, kFrame), 1);
  fail_unless_equals_int(live.faces_in_scene(1, 2 * kFrame), 0);
  live.found(kFrame, 100);  // still of the first scene
  fail_unless_equals_int(live.faces_in_scene(1, 3 * kFrame), 0);
  live.found(2 * kFrame, 100);
  fail_unless_equals_int(live.faces_in_scene(1, 4 * kFrame), 1);
  live.found(5 * kFrame, 100);  // before that frame has passed, the first of its scene
  fail_unless_equals_int(live.faces_in_scene(0, 5 * kFrame), 1);
}
GST_END_TEST;

GST_START_TEST(a_cut_counts_to_the_next_segment) {
  constexpr GstClockTime kFrame = 40 * GST_MSECOND;
  for (const bool segment : {true, false}) {
    Live live;
    live.faces_in_scene(0, 10 * kFrame);
    live.faces_in_scene(1, 11 * kFrame);
    if (segment) {
      GstSegment again;
      gst_segment_init(&again, GST_FORMAT_TIME);
      gst_harness_push_event(live.bench().harness(), gst_event_new_segment(&again));
    }
    live.faces_in_scene(1, 0);  // even without a segment, as some demuxers do
    live.found(0, 100);
    fail_unless_equals_int(live.faces_in_scene(1, kFrame), 1);
  }
}
GST_END_TEST;

GST_START_TEST(gaps_and_frames_that_cannot_be_read_pass) {
  if (test::skip_with_facetrack("that is the one that cannot read")) return;
  Live live;
  live.show(0);
  for (const gsize size : {0, 10}) {
    Buffer frame(gst_buffer_new_allocate(nullptr, size, nullptr));
    GST_BUFFER_PTS(frame.get()) = GST_SECOND;
    fail_unless_equals_uint64(gst_buffer_get_size(live.bench().pass(std::move(frame)).get()), size);
  }
  fail_unless(live.bench().messages(GST_MESSAGE_ERROR).empty());
}
GST_END_TEST;

/// Whether the end has come out; other events are taken and forgotten.
bool ended(Live& live) {
  bool found = false;
  while (GstEvent* event = gst_harness_try_pull_event(live.bench().harness())) {
    found = found || GST_EVENT_TYPE(event) == GST_EVENT_EOS;
    gst_event_unref(event);
  }
  return found;
}

void end_video(Live& live) {
  fail_unless(gst_harness_push_event(live.bench().harness(), gst_event_new_eos()));
}

void end_results(Live& live) {
  fail_unless(gst_harness_push_event(live.results(), gst_event_new_eos()));
}

/// The thread that brings the video's end is that of the analysis' end here, as behind a tee.
GST_START_TEST(the_end_comes_out_after_the_analysis) {
  for (const bool video_first : {true, false}) {
    Live live;
    live.show(0);
    video_first ? end_video(live) : end_results(live);
    fail_if(ended(live));
    video_first ? end_results(live) : end_video(live);
    fail_unless(ended(live));
  }
}
GST_END_TEST;

GST_START_TEST(a_flush_forgets_the_end) {
  Live live;
  live.show(0);
  end_video(live);
  gst_harness_push_event(live.bench().harness(), gst_event_new_flush_start());
  gst_harness_push_event(live.bench().harness(), gst_event_new_flush_stop(TRUE));
  end_results(live);
  fail_if(ended(live));
}
GST_END_TEST;

GST_START_TEST(the_end_comes_before_the_next_stream) {
  Live live;
  live.show(0);
  end_video(live);
  gst_harness_push_event(live.bench().harness(), gst_event_new_stream_start("another"));
  fail_unless(ended(live));
  end_results(live);
  fail_if(ended(live));
}
GST_END_TEST;

GST_START_TEST(without_results_linked_the_end_passes) {
  Bench bench("faceattach", vga());
  bench.pass(test::blank_frame(vga(), 0));
  fail_unless(gst_harness_push_event(bench.harness(), gst_event_new_eos()));
}
GST_END_TEST;

GST_START_TEST(adds_no_latency) {
  Live live;
  gst_harness_set_upstream_latency(live.bench().harness(), 30 * GST_MSECOND);
  fail_unless_equals_uint64(gst_harness_query_latency(live.bench().harness()), 30 * GST_MSECOND);
}
GST_END_TEST;

GST_START_TEST(results_may_come_from_another_thread) {
  Live live;
  live.show(0);
  std::atomic<bool> done = false;
  std::thread analysis([&] {
    for (guint i = 0; !done; ++i) live.found(i * GST_MSECOND, 100, "Ada");
  });
  for (guint i = 0; i < 2000; ++i) live.show(i * GST_MSECOND);
  done = true;
  analysis.join();
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("faceattach");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, video_passes_without_results);
  tcase_add_test(tests, faces_join_the_frames_that_pass);
  tcase_add_test(tests, faces_that_frames_come_with_stay_beside_those_that_join);
  tcase_add_test(tests, faces_that_frames_come_with_do_not_join_them_again);
  tcase_add_test(tests, faces_move_along);
  tcase_add_test(tests, faces_that_are_too_old_are_not_shown);
  tcase_add_test(tests, other_caps_forget_and_foreign_sizes_are_ignored);
  tcase_add_test(tests, a_flush_forgets);
  tcase_add_test(tests, faces_stay_in_their_scene);
  tcase_add_test(tests, a_cut_counts_to_the_next_segment);
  tcase_add_test(tests, gaps_and_frames_that_cannot_be_read_pass);
  tcase_add_test(tests, the_end_comes_out_after_the_analysis);
  tcase_add_test(tests, a_flush_forgets_the_end);
  tcase_add_test(tests, the_end_comes_before_the_next_stream);
  tcase_add_test(tests, without_results_linked_the_end_passes);
  tcase_add_test(tests, adds_no_latency);
  tcase_add_test(tests, results_may_come_from_another_thread);
  return test::run_suite(suite);
}
