// SPDX-License-Identifier: LGPL-2.1-or-later

// What all elements that need no network to start have in common.

#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

std::string gallery_file;

std::vector<std::string> elements() {
  return {"facerecdetect model=haar", "facealign landmarks=none",
          "facematch gallery=" + gallery_file, "faceannotate"};
}

const GstFaceBox kBox{4, 4, 20, 20};

}  // namespace

GST_START_TEST(takes_the_advertised_formats_of_any_size) {
  for (const std::string& element : elements()) {
    for (const GstVideoFormat format : test::formats()) {
      for (const auto& [width, height] : {std::pair{1, 1}, {3, 5}, {2, 1}, {97, 64}, {64, 97}}) {
        const GstVideoInfo info = test::video_info(format, width, height);
        Bench bench(element, info);
        Buffer frame = test::blank_frame(info);
        gst_buffer_add_face_meta(frame.get(), 0, &kBox, 1);
        bench.pass(std::move(frame));
        bench.pass(test::padded(test::blank_frame(info).get(), info));
      }
    }
  }
}
GST_END_TEST;

GST_START_TEST(refuses_other_caps) {
  for (const char* element : {"facerecdetect", "facealign", "faceembed", "facematch", "facerec"}) {
    const test::Element made(gst_parse_launch(element, nullptr));
    GstPad* pad = gst_element_get_static_pad(made.get(), "sink");
    for (const char* text :
         {"video/x-raw,format=I420_10LE,width=8,height=8,framerate=30/1",
          "video/x-raw,format=GBR,width=8,height=8,framerate=30/1",
          "video/x-raw(memory:GLMemory),format=RGBA,width=8,height=8,framerate=30/1",
          "video/x-h264,width=8,height=8", "image/jpeg"}) {
      GstCaps* caps = gst_caps_from_string(text);
      fail_if(gst_pad_query_accept_caps(pad, caps), "%s takes %s", element, text);
      gst_caps_unref(caps);
    }
    gst_object_unref(pad);
  }
}
GST_END_TEST;

GST_START_TEST(follows_caps_that_change_in_mid_stream) {
  for (const std::string& element : elements()) {
    GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 320, 240);
    Bench bench(element, info);
    bench.pass(test::blank_frame(info));
    for (const auto& [format, size] :
         {std::pair{GST_VIDEO_FORMAT_RGB, 64}, {GST_VIDEO_FORMAT_YUY2, 501}}) {
      info = test::video_info(format, size, size / 2);
      bench.set_format(info);
      bench.pass(test::blank_frame(info));
    }
    fail_unless(bench.messages(GST_MESSAGE_ERROR).empty());
  }
}
GST_END_TEST;

GST_START_TEST(hands_on_time_stamps_gaps_and_events) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 64, 48);
  for (const std::string& element : elements()) {
    Bench bench(element, info);
    Buffer frame = test::blank_frame(info, 7 * GST_SECOND);
    GST_BUFFER_FLAG_SET(frame.get(), GST_BUFFER_FLAG_GAP);
    gst_buffer_add_face_meta(frame.get(), 0, &kBox, 1);
    const std::string before = test::checksum(frame.get(), info);
    const Buffer out = bench.pass(std::move(frame));
    fail_unless(GST_BUFFER_FLAG_IS_SET(out.get(), GST_BUFFER_FLAG_GAP));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), 7 * GST_SECOND);
    fail_unless_equals_uint64(GST_BUFFER_DURATION(out.get()), GST_SECOND / 30);
    test::expect_equal(test::checksum(out.get(), info), before);

    while (GstEvent* event = gst_harness_try_pull_event(bench.harness())) gst_event_unref(event);
    GstEvent* (*const make[])() = {
        [] { return gst_event_new_gap(8 * GST_SECOND, GST_SECOND); },
        [] {
          return gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                      gst_structure_new_empty("application/any"));
        },
        [] { return gst_event_new_flush_start(); },
        [] { return gst_event_new_flush_stop(TRUE); },
        [] {
          GstSegment segment;
          gst_segment_init(&segment, GST_FORMAT_TIME);
          return gst_event_new_segment(&segment);
        },
        [] { return gst_event_new_eos(); },
    };
    for (auto* maker : make) {
      GstEvent* event = maker();
      const GstEventType type = GST_EVENT_TYPE(event);
      fail_unless(gst_harness_push_event(bench.harness(), event));
      GstEvent* passed = gst_harness_try_pull_event(bench.harness());
      fail_if(passed == nullptr, "%s lost a %s event", element.c_str(),
              gst_event_type_get_name(type));
      fail_unless_equals_int(GST_EVENT_TYPE(passed), type);
      gst_event_unref(passed);
    }
  }
}
GST_END_TEST;

GST_START_TEST(runs_on_after_a_flush_and_refuses_frames_after_the_end) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGRx, 64, 48);
  for (const std::string& element : elements()) {
    Bench bench(element, info);
    bench.pass(test::blank_frame(info));
    gst_harness_push_event(bench.harness(), gst_event_new_flush_start());
    fail_unless_equals_int(bench.push(test::blank_frame(info)), GST_FLOW_FLUSHING);
    gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
    bench.pass(test::blank_frame(info));
    gst_harness_push_event(bench.harness(), gst_event_new_eos());
    fail_unless_equals_int(bench.push(test::blank_frame(info)), GST_FLOW_EOS);
  }
}
GST_END_TEST;

GST_START_TEST(a_frame_that_is_too_short_ends_in_one_error) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  for (const char* element : {"facerecdetect model=haar", "facealign landmarks=none"}) {
    Bench bench(element, info);
    Buffer frame(gst_buffer_new_allocate(nullptr, 100, nullptr));
    gst_buffer_add_face_meta(frame.get(), 0, &kBox, 1);
    fail_unless_equals_int(bench.push(std::move(frame)), GST_FLOW_ERROR);
    const auto errors = bench.messages(GST_MESSAGE_ERROR);
    fail_unless_equals_int(errors.size(), 1);
    test::expect_problem(errors[0].get(), GST_MESSAGE_ERROR, GST_STREAM_ERROR,
                         GST_STREAM_ERROR_FORMAT, {"100 bytes", "I420", "64x48"});
  }
}
GST_END_TEST;

GST_START_TEST(upstream_may_allocate_as_downstream_wants) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  for (const std::string& element : elements()) {
    for (const bool downstream_takes_strides : {false, true}) {
      Bench bench(element, info);
      if (downstream_takes_strides) {
        gst_harness_add_propose_allocation_meta(bench.harness(), GST_VIDEO_META_API_TYPE, nullptr);
      }
      bench.pass(test::blank_frame(info));
      GstVideoInfo copy = info;
      GstCaps* caps = gst_video_info_to_caps(&copy);
      GstQuery* query = gst_query_new_allocation(caps, FALSE);
      gst_pad_peer_query(bench.harness()->srcpad, query);
      fail_unless(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr) ==
                  static_cast<gboolean>(downstream_takes_strides));
      gst_query_unref(query);
      gst_caps_unref(caps);
    }
  }
}
GST_END_TEST;

int main(int argc, char** argv) {
  if (const int skip = test::skip_without(
          {"/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"})) {
    return skip;
  }
  gst_check_init(&argc, &argv);
  const test::Folder folder;
  gallery_file = folder / "gallery.db";
  { const facerec::Gallery gallery(gallery_file, facerec::Gallery::Mode::Create); }
  Suite* suite = suite_create("every element");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, takes_the_advertised_formats_of_any_size);
  tcase_add_test(tests, refuses_other_caps);
  tcase_add_test(tests, follows_caps_that_change_in_mid_stream);
  tcase_add_test(tests, hands_on_time_stamps_gaps_and_events);
  tcase_add_test(tests, runs_on_after_a_flush_and_refuses_frames_after_the_end);
  tcase_add_test(tests, a_frame_that_is_too_short_ends_in_one_error);
  tcase_add_test(tests, upstream_may_allocate_as_downstream_wants);
  return gst_check_run_suite(suite, "every_element", __FILE__);
}
