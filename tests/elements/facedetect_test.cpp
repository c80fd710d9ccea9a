// SPDX-License-Identifier: LGPL-2.1-or-later

// facedetect with the Haar cascade of Debian's opencv-data on a photograph of opencv-doc.

#include <atomic>
#include <cmath>
#include <thread>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr int kSize = 434;

Buffer portrait(GstVideoFormat format) {
  return test::photo_frame(test::portrait_file(), test::video_info(format, kSize, kSize));
}

void expect_near(const GstFaceBox& box, const GstFaceBox& expected, float tolerance) {
  fail_unless(std::abs(box.x - expected.x) <= tolerance &&
                  std::abs(box.y - expected.y) <= tolerance &&
                  std::abs(box.x + box.width - expected.x - expected.width) <= tolerance &&
                  std::abs(box.y + box.height - expected.y - expected.height) <= tolerance,
              "a face at %.1f,%.1f %.1fx%.1f", box.x, box.y, box.width, box.height);
}

void expect_the_same_face_in_every_format(const std::string& model, float tolerance) {
  GstFaceBox reference{};
  for (const GstVideoFormat format : test::formats()) {
    const GstVideoInfo info = test::video_info(format, kSize, kSize);
    Bench bench("facerecdetect model=" + model, info);
    Buffer frame = portrait(format);
    Buffer wide = test::padded(frame.get(), info);
    for (Buffer* input : {&frame, &wide}) {
      const Buffer out = bench.pass(std::move(*input));
      const auto faces = test::faces_of(out.get());
      fail_unless_equals_int(faces.size(), 1);
      if (reference.width == 0) reference = faces[0]->box;
      // without the colours a network sees another picture
      expect_near(faces[0]->box, reference, GST_VIDEO_INFO_IS_GRAY(&info) ? 8 : tolerance);
    }
  }
  const double x = reference.x + reference.width / 2;
  const double y = reference.y + reference.height / 2;
  fail_unless(std::hypot(x - 204, y - 189) < 25, "the face is at %.0f,%.0f", x, y);
}

}  // namespace

GST_START_TEST(finds_the_same_face_in_every_format) {
  // a cascade looks at a pyramid of sizes, and one step of it is some pixels
  expect_the_same_face_in_every_format("haar", 8);
}
GST_END_TEST;

GST_START_TEST(finds_the_same_face_in_every_format_with_a_network) {
  const test::fs::path models = test::shared_folder() / "models";
  if (test::skip_without({models / "face_detection_yunet_2023mar.onnx"}) != 0) return;
  const std::string path = models.string() + ":" + g_getenv("FACEREC_MODEL_PATH");
  g_setenv("FACEREC_MODEL_PATH", path.c_str(), TRUE);
  expect_the_same_face_in_every_format("yunet", 2);
}
GST_END_TEST;

GST_START_TEST(mirrors_faces_and_counts_ids_over_the_stream) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, kSize, kSize);
  Bench bench("facerecdetect model=haar", info);
  for (int i = 0; i < 3; ++i) {
    const Buffer out = bench.pass(portrait(GST_VIDEO_FORMAT_GRAY8));
    const auto faces = test::faces_of(out.get());
    fail_unless_equals_int(faces.size(), 1);
    fail_unless_equals_int(faces[0]->id, i);
    fail_unless(faces[0]->confidence > 0 && faces[0]->confidence <= 1);
    const GstVideoRegionOfInterestMeta* roi =
        gst_buffer_get_video_region_of_interest_meta_id(out.get(), i);
    fail_if(roi == nullptr);
    fail_unless_equals_string(g_quark_to_string(roi->roi_type), "face");
    fail_unless_equals_int(roi->x, static_cast<int>(std::floor(faces[0]->box.x)));
  }
}
GST_END_TEST;

GST_START_TEST(analyses_every_nth_frame_and_begins_anew_after_a_flush) {
  if (test::skip_with_facetrack("faces are told between searches too")) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, kSize, kSize);
  Bench bench("facerecdetect model=haar inference-interval=3", info);
  GstClockTime pts = 0;
  GstClockTime search_time = 0;
  // Each frame says whether it was looked at, and when one was last.
  const auto face_count = [&] {
    Buffer frame = portrait(GST_VIDEO_FORMAT_GRAY8);
    GST_BUFFER_PTS(frame.get()) = pts += GST_SECOND / 30;
    const Buffer out = bench.pass(std::move(frame));
    const std::size_t faces = test::faces_of(out.get()).size();
    const GstFaceFrameMeta* said = gst_buffer_get_face_frame_meta(out.get());
    fail_unless_equals_int(said->searched, faces > 0);
    if (faces > 0) search_time = pts;
    fail_unless_equals_uint64(said->search_time, search_time);
    return faces;
  };
  for (const int expected : {1, 0, 0, 1, 0}) fail_unless_equals_int(face_count(), expected);

  gst_harness_push_event(bench.harness(), gst_event_new_flush_start());
  gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  for (const int expected : {1, 0, 0, 1}) fail_unless_equals_int(face_count(), expected);
}
GST_END_TEST;

GST_START_TEST(drops_small_faces_and_follows_properties_while_playing) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, kSize, kSize);
  Bench bench("facerecdetect model=haar min-size=300", info);
  fail_unless_equals_int(test::faces_of(bench.pass(portrait(GST_VIDEO_FORMAT_GRAY8)).get()).size(),
                         0);
  g_object_set(bench.element(), "min-size", 50, nullptr);
  fail_unless_equals_int(test::faces_of(bench.pass(portrait(GST_VIDEO_FORMAT_GRAY8)).get()).size(),
                         1);
}
GST_END_TEST;

GST_START_TEST(leaves_pixels_of_a_shared_buffer_alone) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, kSize, kSize);
  Bench bench("facerecdetect model=haar", info);
  Buffer frame = portrait(GST_VIDEO_FORMAT_I420);
  const Buffer branch(gst_buffer_ref(frame.get()));  // what tee does
  const std::string before = test::checksum(branch.get(), info);
  GstMemory* memory = gst_buffer_peek_memory(branch.get(), 0);

  const Buffer out = bench.pass(std::move(frame));
  fail_unless_equals_int(test::faces_of(out.get()).size(), 1);
  fail_unless_equals_int(test::faces_of(branch.get()).size(), 0);
  fail_unless(gst_buffer_peek_memory(out.get(), 0) == memory, "the pixels were copied");
  test::expect_equal(test::checksum(branch.get(), info), before);
  test::expect_equal(test::checksum(out.get(), info), before);
}
GST_END_TEST;

GST_START_TEST(keeps_ids_apart_where_faces_are_there_already) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, kSize, kSize);
  Bench bench("facerecdetect model=haar", info);
  Buffer frame = portrait(GST_VIDEO_FORMAT_GRAY8);
  const GstFaceBox box{1, 2, 3, 4};
  gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
  const Buffer out = bench.pass(std::move(frame));
  const auto faces = test::faces_of(out.get());
  fail_unless_equals_int(faces.size(), 2);
  fail_unless_equals_int(faces[1]->id, 1);
}
GST_END_TEST;

GST_START_TEST(says_which_model_it_uses) {
  Bench bench("facerecdetect model=haar", test::video_info(GST_VIDEO_FORMAT_GRAY8, 64, 64));
  gchar* used = nullptr;
  g_object_get(bench.element(), "used-model", &used, nullptr);
  fail_unless_equals_string(used, "haar");
  g_free(used);
}
GST_END_TEST;

GST_START_TEST(takes_properties_from_another_thread_while_it_runs) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 160, 120);
  Bench bench("facerecdetect model=haar", info);
  std::atomic<bool> done{false};
  std::thread hammer([&] {
    for (int i = 0; !done; ++i) {
      const std::string model = "model" + std::to_string(i);
      g_object_set(bench.element(), "threshold", 0.01 * (i % 100), "min-size", i % 50,
                   "inference-interval", 1 + i % 3, "max-faces", i % 4, "detect-size",
                   100 + i % 100, "model", model.c_str(), nullptr);
      gchar* text = nullptr;
      g_object_get(bench.element(), "model", &text, nullptr);
      g_free(text);
    }
  });
  for (int i = 0; i < 100; ++i) bench.pass(test::blank_frame(info, i * GST_SECOND / 30));
  done = true;
  hammer.join();
}
GST_END_TEST;

GST_START_TEST(two_pipelines_run_at_once) {
  const std::string pipeline = "filesrc location=" + test::portrait_file().string() +
                               " ! jpegdec ! videoconvert ! imagefreeze num-buffers=10 ! "
                               "facerecdetect model=haar ! fakesink";
  test::Message first;
  std::thread other([&] { first = test::run(pipeline); });
  const test::Message second = test::run(pipeline);
  other.join();
  for (GstMessage* last : {first.get(), second.get()}) {
    fail_unless(last != nullptr && GST_MESSAGE_TYPE(last) == GST_MESSAGE_EOS);
  }
}
GST_END_TEST;

GST_START_TEST(goes_from_null_to_playing_ten_times) {
  const test::Element pipeline(gst_parse_launch(
      ("filesrc location=" + test::portrait_file().string() +
       " ! jpegdec ! videoconvert ! facerecdetect model=haar ! facealign landmarks=none ! "
       "faceannotate ! fakesink")
          .c_str(),
      nullptr));
  for (int i = 0; i < 10; ++i) {
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    fail_unless_equals_int(gst_element_get_state(pipeline.get(), nullptr, nullptr, 20 * GST_SECOND),
                           GST_STATE_CHANGE_SUCCESS);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  }
}
GST_END_TEST;

namespace {

void push_orientation(Bench& bench, const char* orientation, GstTagScope scope) {
  GstTagList* tags = gst_tag_list_new(GST_TAG_IMAGE_ORIENTATION, orientation, nullptr);
  gst_tag_list_set_scope(tags, scope);
  gst_harness_push_event(bench.harness(), gst_event_new_tag(tags));
}

/// Warnings that the next two frames bring.
std::vector<test::Message> warnings_of_two_frames(Bench& bench, const GstVideoInfo& info) {
  for (int i = 0; i < 2; ++i) bench.pass(test::blank_frame(info));
  return bench.messages(GST_MESSAGE_WARNING);
}

}  // namespace

GST_START_TEST(warns_once_of_a_turn_that_nothing_makes) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 64, 64);
  Bench bench("facerecdetect model=haar", info);
  fail_unless(warnings_of_two_frames(bench, info).empty());
  const auto expect_warning = [&](const char* orientation) {
    const auto warnings = warnings_of_two_frames(bench, info);
    fail_unless_equals_int(warnings.size(), 1);
    test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_STREAM_ERROR,
                         GST_STREAM_ERROR_FORMAT, {orientation, "videoflip video-direction=auto"});
  };
  push_orientation(bench, "rotate-90", GST_TAG_SCOPE_STREAM);
  expect_warning("rotate-90");
  push_orientation(bench, "rotate-90", GST_TAG_SCOPE_STREAM);
  fail_unless(warnings_of_two_frames(bench, info).empty());
  push_orientation(bench, "flip-rotate-180", GST_TAG_SCOPE_STREAM);
  expect_warning("flip-rotate-180");
  push_orientation(bench, "rotate-0", GST_TAG_SCOPE_STREAM);
  fail_unless(warnings_of_two_frames(bench, info).empty());
  push_orientation(bench, "rotate-90", GST_TAG_SCOPE_STREAM);
  expect_warning("rotate-90");
}
GST_END_TEST;

GST_START_TEST(a_streams_own_orientation_goes_before_that_of_all) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 64, 64);
  Bench bench("facerecdetect model=haar", info);
  push_orientation(bench, "rotate-270", GST_TAG_SCOPE_GLOBAL);
  push_orientation(bench, "rotate-0", GST_TAG_SCOPE_STREAM);
  fail_unless(warnings_of_two_frames(bench, info).empty());

  gst_harness_push_event(bench.harness(), gst_event_new_stream_start("another"));
  bench.set_format(info);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  fail_unless_equals_int(warnings_of_two_frames(bench, info).size(), 1);
}
GST_END_TEST;

GST_START_TEST(warns_of_no_turn_that_an_element_makes) {
  const std::pair<const char*, std::size_t> chains[] = {
      {"videoflip video-direction=auto ! queue ! facerecdetect model=haar", 0},
      {"videoflip video-direction=90r ! bin.( queue ! facerecdetect model=haar )", 0},
      {"videoflip ! facerecdetect model=haar", 1},
  };
  for (const auto& [chain, warnings] : chains) {
    const test::Element pipeline(gst_parse_launch(
        ("videotestsrc num-buffers=2 ! video/x-raw,format=GRAY8,width=64,height=64 ! "
         "taginject tags=image-orientation=rotate-90 ! " +
         std::string(chain) + " ! fakesink")
            .c_str(),
        nullptr));
    GstBus* bus = gst_element_get_bus(pipeline.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    std::size_t seen = 0;
    for (bool ended = false; !ended;) {
      const test::Message message(gst_bus_timed_pop_filtered(
          bus, 20 * GST_SECOND,
          static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING)));
      fail_if(message == nullptr || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR);
      ended = GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_EOS;
      seen += ended ? 0 : 1;
    }
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
    gst_object_unref(bus);
    fail_unless(seen == warnings, "%zu warnings of %s", seen, chain);
  }
}
GST_END_TEST;

/// A count of what the element tells in its property "stats"; 0 where it is not among it.
static guint64 count_of(GstElement* element, const char* name) {
  GstStructure* stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  guint64 count = 0;
  gst_structure_get_uint64(stats, name, &count);
  gst_structure_free(stats);
  return count;
}

GST_START_TEST(late_frames_pass_without_a_look_but_not_for_ever) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 320, 240);
  Bench bench("facerecdetect model=haar", info);
  const auto searched = [&](GstClockTime pts) {
    const Buffer out = bench.pass(test::blank_frame(info, pts));
    return gst_buffer_get_face_frame_meta(out.get())->searched != FALSE;
  };
  fail_unless(searched(0));
  gst_harness_push_upstream_event(
      bench.harness(),
      gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 2, 100 * GST_MSECOND, 5 * GST_SECOND));
  fail_if(searched(100 * GST_MSECOND));
  fail_if(searched(900 * GST_MSECOND));
  fail_unless(searched(1000 * GST_MSECOND), "a second without a look");
  fail_if(searched(1100 * GST_MSECOND));
  fail_unless(searched(5100 * GST_MSECOND));
  gst_harness_push_upstream_event(
      bench.harness(),
      gst_event_new_qos(GST_QOS_TYPE_OVERFLOW, 0.5, -20 * GST_MSECOND, 6 * GST_SECOND));
  fail_unless(searched(5200 * GST_MSECOND));
  fail_unless_equals_uint64(count_of(bench.element(), "frames"), 7);
  fail_unless_equals_uint64(count_of(bench.element(), "analysed"), 4);
  fail_unless_equals_uint64(count_of(bench.element(), "late"), 3);
}
GST_END_TEST;

GST_START_TEST(answers_and_tells_the_latency) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 640, 480);
  Bench bench("facerecdetect model=haar", info);
  gst_harness_set_upstream_latency(bench.harness(), 10 * GST_MSECOND);
  fail_unless_equals_uint64(gst_harness_query_latency(bench.harness()), 10 * GST_MSECOND);
  for (int i = 0; i < 5; ++i) bench.pass(test::blank_frame(info, i * GST_SECOND / 25));
  fail_if(bench.messages(GST_MESSAGE_LATENCY).empty());
  GstStructure* stats = nullptr;
  g_object_get(bench.element(), "stats", &stats, nullptr);
  gdouble median = 0;
  fail_unless(gst_structure_get_double(stats, "ms-median", &median) != FALSE);
  gst_structure_free(stats);
  const GstClockTime latency = gst_harness_query_latency(bench.harness());
  // What was told last may lack a change that is not notable.
  fail_unless(static_cast<double>(latency) >= (10 + median * 0.75) * GST_MSECOND - 2 * GST_MSECOND,
              "%f ms a frame, latency %" GST_TIME_FORMAT, median, GST_TIME_ARGS(latency));
  fail_unless(latency > 10 * GST_MSECOND);
}
GST_END_TEST;

int main(int argc, char** argv) {
  if (const int skip = test::skip_without(
          {test::portrait_file(),
           "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"})) {
    return skip;
  }
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facedetect");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, finds_the_same_face_in_every_format);
  tcase_add_test(tests, finds_the_same_face_in_every_format_with_a_network);
  tcase_add_test(tests, mirrors_faces_and_counts_ids_over_the_stream);
  tcase_add_test(tests, analyses_every_nth_frame_and_begins_anew_after_a_flush);
  tcase_add_test(tests, drops_small_faces_and_follows_properties_while_playing);
  tcase_add_test(tests, leaves_pixels_of_a_shared_buffer_alone);
  tcase_add_test(tests, keeps_ids_apart_where_faces_are_there_already);
  tcase_add_test(tests, says_which_model_it_uses);
  tcase_add_test(tests, takes_properties_from_another_thread_while_it_runs);
  tcase_add_test(tests, two_pipelines_run_at_once);
  tcase_add_test(tests, goes_from_null_to_playing_ten_times);
  tcase_add_test(tests, warns_once_of_a_turn_that_nothing_makes);
  tcase_add_test(tests, a_streams_own_orientation_goes_before_that_of_all);
  tcase_add_test(tests, warns_of_no_turn_that_an_element_makes);
  tcase_add_test(tests, late_frames_pass_without_a_look_but_not_for_ever);
  tcase_add_test(tests, answers_and_tells_the_latency);
  return test::run_suite(suite);
}
