// SPDX-License-Identifier: LGPL-2.1-or-later

// What all elements that need no network to start have in common.

#include <atomic>
#include <cmath>
#include <set>
#include <thread>

#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

std::string gallery_file;

std::vector<std::string> elements() {
  return {"facerecdetect model=haar",          "facetrack",    "facealign landmarks=none",
          "facematch gallery=" + gallery_file, "faceannotate", "faceattach"};
}

const GstFaceBox kBox{4, 4, 20, 20};

/// All elements that start, with the networks of this project.
std::vector<std::string> all_elements() {
  std::vector<std::string> all = elements();
  all.emplace_back("faceembed model=facerec-embed");
  all.emplace_back(
      "facerec mode=sync detector=haar landmarks=none model=facerec-embed annotate=true gallery=" +
      gallery_file);
  all.emplace_back(
      "facerec mode=live detector=haar landmarks=none model=facerec-embed annotate=true gallery=" +
      gallery_file);
  return all;
}

std::vector<GParamSpec*> own_settings(GstElement* element) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  std::vector<GParamSpec*> own;
  std::copy_if(specs, specs + count, std::back_inserter(own), [&](const GParamSpec* spec) {
    return spec->owner_type == G_OBJECT_TYPE(element) && (spec->flags & G_PARAM_WRITABLE) != 0;
  });
  g_free(specs);
  return own;
}

/// Sets the property to one value or another of its range, and reads it.
void change(GstElement* element, GParamSpec* spec, int turn) {
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  if (G_VALUE_HOLDS_STRING(&value)) {
    g_value_take_string(&value, g_strdup_printf("value %d", turn));
  } else if (G_IS_PARAM_SPEC_ENUM(spec)) {
    const GEnumClass* values = G_PARAM_SPEC_ENUM(spec)->enum_class;
    g_value_set_enum(&value, values->values[turn % values->n_values].value);
  } else {
    GValue number = G_VALUE_INIT;
    g_value_init(&number, G_TYPE_INT);
    g_value_set_int(&number, turn % 4);
    fail_unless(g_value_transform(&number, &value), "%s", spec->name);
    g_param_value_validate(spec, &value);
  }
  g_object_set_property(G_OBJECT(element), spec->name, &value);
  g_object_get_property(G_OBJECT(element), spec->name, &value);
  g_value_unset(&value);
}

Buffer frame_with_face(const GstVideoInfo& info, GstClockTime pts) {
  Buffer frame = test::blank_frame(info, pts);
  GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 900, &kBox, 1);
  const GstFacePoint points[] = {{8, 10}, {18, 10}, {13, 15}, {9, 20}, {17, 20}};
  gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, points, 5);
  return frame;
}

}  // namespace

GST_START_TEST(takes_common_formats_of_any_size) {
  for (const std::string& element : elements()) {
    Bench bench(element, test::video_info(GST_VIDEO_FORMAT_I420, 8, 8));
    for (const GstVideoFormat format : test::formats()) {
      for (const auto& [width, height] : {std::pair{1, 1}, {3, 5}, {2, 1}, {97, 64}, {64, 97}}) {
        const GstVideoInfo info = test::video_info(format, width, height);
        bench.set_format(info);
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
  for (const char* element : {"facerecdetect", "facealign", "faceembed", "facerec"}) {
    const test::Element made(gst_parse_launch(element, nullptr));
    GstPad* pad = gst_element_get_static_pad(made.get(), "sink");
    for (const char* text :
         {"video/x-raw,format=v210,width=8,height=8,framerate=30/1",
          "video/x-raw,format=RGB16,width=8,height=8,framerate=30/1",
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
    Buffer frame(gst_buffer_new());
    GST_BUFFER_PTS(frame.get()) = 7 * GST_SECOND;
    GST_BUFFER_DURATION(frame.get()) = GST_SECOND / 30;
    GST_BUFFER_FLAG_SET(frame.get(), GST_BUFFER_FLAG_GAP);
    gst_buffer_add_face_meta(frame.get(), 0, &kBox, 1);
    const Buffer out = bench.pass(std::move(frame));
    fail_unless(GST_BUFFER_FLAG_IS_SET(out.get(), GST_BUFFER_FLAG_GAP));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out.get()), 7 * GST_SECOND);
    fail_unless_equals_uint64(GST_BUFFER_DURATION(out.get()), GST_SECOND / 30);
    fail_unless_equals_int(gst_buffer_get_size(out.get()), 0);

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

GST_START_TEST(takes_every_property_from_another_thread_while_it_runs) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 96, 72);
  for (const std::string& element : all_elements()) {
    Bench bench(element, info);
    std::atomic<bool> done{false};
    std::thread hammer([&] {
      const auto settings = own_settings(bench.element());
      for (int turn = 0; !done; ++turn) {
        for (GParamSpec* spec : settings) change(bench.element(), spec, turn);
      }
    });
    for (int i = 0; i < 50; ++i) bench.pass(frame_with_face(info, i * GST_SECOND / 30));
    done = true;
    hammer.join();
    fail_unless(bench.messages(GST_MESSAGE_ERROR).empty(), "%s", element.c_str());
  }
}
GST_END_TEST;

GST_START_TEST(keeps_what_is_set_in_every_state) {
  for (const std::string& name : all_elements()) {
    const test::Element element(gst_parse_launch(name.c_str(), nullptr));
    for (const GstState state :
         {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED, GST_STATE_PLAYING, GST_STATE_NULL}) {
      fail_if(gst_element_set_state(element.get(), state) == GST_STATE_CHANGE_FAILURE);
      for (GParamSpec* spec : own_settings(element.get())) {
        GValue before = G_VALUE_INIT;
        g_value_init(&before, spec->value_type);
        g_object_get_property(G_OBJECT(element.get()), spec->name, &before);
        for (const int turn : {1, 2}) {
          change(element.get(), spec, turn);
          GValue now = G_VALUE_INIT;
          g_value_init(&now, spec->value_type);
          g_object_get_property(G_OBJECT(element.get()), spec->name, &now);
          if (G_IS_PARAM_SPEC_STRING(spec)) {
            test::expect_equal(g_value_get_string(&now), "value " + std::to_string(turn));
          }
          g_value_unset(&now);
        }
        g_object_set_property(G_OBJECT(element.get()), spec->name, &before);
        g_value_unset(&before);
      }
    }
  }
}
GST_END_TEST;

GST_START_TEST(warns_once_of_faces_that_were_lost_on_the_way) {
  if (test::skip_with_facetrack("that warns too")) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  for (const std::string& element : elements()) {
    Bench bench(element, info);
    for (int i = 0; i < 3; ++i) {
      Buffer frame = test::blank_frame(info, i * GST_SECOND);
      gst_buffer_add_video_region_of_interest_meta(frame.get(), "car", 0, 0, 8, 8);
      bench.pass(std::move(frame));
    }
    fail_unless(bench.messages(GST_MESSAGE_WARNING).empty());
    for (int i = 0; i < 3; ++i) {
      Buffer frame = test::blank_frame(info, i * GST_SECOND);
      gst_buffer_add_video_region_of_interest_meta(frame.get(), "face", 0, 0, 8, 8);
      bench.pass(std::move(frame));
    }
    const auto warnings = bench.messages(GST_MESSAGE_WARNING);
    const bool reads = element.find("facerecdetect") != 0 && element != "faceattach";
    fail_unless_equals_int(warnings.size(), reads ? 1 : 0);
    if (reads) {
      test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_STREAM_ERROR,
                           GST_STREAM_ERROR_WRONG_TYPE, {"facerecdetect", "regions of interest"});
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
  tcase_add_test(tests, takes_common_formats_of_any_size);
  tcase_add_test(tests, refuses_other_caps);
  tcase_add_test(tests, follows_caps_that_change_in_mid_stream);
  tcase_add_test(tests, hands_on_time_stamps_gaps_and_events);
  tcase_add_test(tests, runs_on_after_a_flush_and_refuses_frames_after_the_end);
  tcase_add_test(tests, a_frame_that_is_too_short_ends_in_one_error);
  tcase_add_test(tests, upstream_may_allocate_as_downstream_wants);
  tcase_add_test(tests, takes_every_property_from_another_thread_while_it_runs);
  tcase_add_test(tests, keeps_what_is_set_in_every_state);
  tcase_add_test(tests, warns_once_of_faces_that_were_lost_on_the_way);
  return test::run_suite(suite);
}
