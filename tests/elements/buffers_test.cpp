// SPDX-License-Identifier: LGPL-2.1-or-later

// What comes with a buffer beside its pixels, or in place of them: crops, gaps that hold a picture,
// features of caps, memory and formats that nobody here reads.

#include <cmath>

#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr int kSize = 434;
constexpr const char* kOverlay = GST_CAPS_FEATURE_META_GST_VIDEO_OVERLAY_COMPOSITION;

std::string gallery_file;

std::vector<std::string> elements() {
  return {
      "facerecdetect model=haar",
      "facetrack",
      "facealign landmarks=none",
      "faceembed model=facerec-embed",
      "facematch gallery=" + gallery_file,
      "faceannotate",
      "faceannotate mode=attach",
      "facerec mode=sync detector=haar landmarks=none model=facerec-embed annotate=true gallery=" +
          gallery_file};
}

Buffer portrait(const GstVideoInfo& info) {
  return test::photo_frame(test::portrait_file(), info);
}

void crop(GstBuffer* buffer, guint x, guint y, guint width, guint height) {
  GstVideoCropMeta* meta = gst_buffer_add_video_crop_meta(buffer);
  meta->x = x;
  meta->y = y;
  meta->width = width;
  meta->height = height;
}

GstCaps* caps_of(const GstVideoInfo& info) {
  GstVideoInfo copy = info;
  return gst_video_info_to_caps(&copy);
}

/// What comes out of faceannotate and what is behind it for a frame with a face.
struct Annotated {
  Buffer frame;
  bool has_feature = false;
  bool changed = false;

  bool is_attached() const {
    return gst_buffer_get_video_overlay_composition_meta(frame.get()) != nullptr;
  }
};

Annotated annotate(const std::string& elements) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  GstHarness* harness = gst_harness_new_parse(elements.c_str());
  gst_harness_set_src_caps(harness, caps_of(info));
  Buffer frame = test::blank_frame(info);
  const GstFaceBox box{8, 8, 40, 30};
  gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
  const std::string before = test::checksum(frame.get(), info);
  Annotated result{Buffer(gst_harness_push_and_pull(harness, frame.release()))};
  fail_if(result.frame == nullptr, "%s", elements.c_str());
  result.changed = test::checksum(result.frame.get(), info) != before;
  GstCaps* caps = gst_pad_get_current_caps(harness->sinkpad);
  result.has_feature =
      gst_caps_features_contains(gst_caps_get_features(caps, 0), kOverlay) != FALSE;
  gst_caps_unref(caps);
  gst_harness_teardown(harness);
  return result;
}

}  // namespace

GST_START_TEST(upstream_is_asked_to_crop_itself) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  for (const std::string& element : elements()) {
    Bench bench(element, info);
    gst_harness_add_propose_allocation_meta(bench.harness(), GST_VIDEO_CROP_META_API_TYPE, nullptr);
    gst_harness_add_propose_allocation_meta(bench.harness(), GST_VIDEO_META_API_TYPE, nullptr);
    bench.pass(test::blank_frame(info));
    GstCaps* caps = caps_of(info);
    GstQuery* query = gst_query_new_allocation(caps, FALSE);
    fail_unless(gst_pad_peer_query(bench.harness()->srcpad, query));
    fail_if(gst_query_find_allocation_meta(query, GST_VIDEO_CROP_META_API_TYPE, nullptr), "%s",
            element.c_str());
    fail_unless(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr), "%s",
                element.c_str());
    gst_query_unref(query);
    gst_caps_unref(caps);
  }
}
GST_END_TEST;

GST_START_TEST(only_what_a_crop_shows_is_searched) {
  for (const GstVideoFormat format : {GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_YUY2}) {
    const GstVideoInfo whole = test::video_info(format, kSize, kSize);
    Bench bench("facerecdetect model=haar", whole);
    const Buffer reference = bench.pass(portrait(whole));
    fail_unless_equals_int(test::faces_of(reference.get()).size(), 1);
    const GstFaceBox expected = test::faces_of(reference.get())[0]->box;

    // What videocrop makes: caps of the crop's size, a GstVideoMeta of the frame's.
    bench.set_format(test::video_info(format, 300, 333));
    Buffer frame = test::padded(portrait(whole).get(), whole);
    crop(frame.get(), 61, 51, 300, 333);
    Buffer out = bench.pass(std::move(frame));
    const auto faces = test::faces_of(out.get());
    fail_unless_equals_int(faces.size(), 1);
    fail_unless(std::abs(faces[0]->box.x + 61 - expected.x) < 12 &&
                    std::abs(faces[0]->box.y + 51 - expected.y) < 12,
                "a face at %.1f,%.1f", faces[0]->box.x, faces[0]->box.y);

    frame = test::padded(portrait(whole).get(), whole);
    crop(frame.get(), 0, 0, 120, kSize);
    out = bench.pass(std::move(frame));
    fail_unless(test::faces_of(out.get()).empty(), "found a face beside the crop");
    for (const guint x : {433U, 434U, 5000U}) {
      frame = portrait(whole);
      crop(frame.get(), x, 0, 120, kSize);
      out = bench.pass(std::move(frame));
      fail_unless(test::faces_of(out.get()).empty());
    }
  }
}
GST_END_TEST;

GST_START_TEST(a_crop_is_drawn_on_where_its_faces_are) {
  if (test::skip_with_facetrack("a label is drawn too")) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_GRAY8, 200, 160);
  Bench bench("faceannotate", info);
  Buffer frame = test::blank_frame(info);
  crop(frame.get(), 80, 60, 100, 80);
  const GstFaceBox box{10, 20, 40, 40};
  gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
  const Buffer out = bench.pass(std::move(frame));
  GstVideoFrame mapped;
  fail_unless(gst_video_frame_map(&mapped, &info, out.get(), GST_MAP_READ));
  const auto is_drawn = [&](int x, int y) {
    return static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(
               &mapped, 0))[y * GST_VIDEO_FRAME_PLANE_STRIDE(&mapped, 0) + x] != 0x80;
  };
  fail_unless(is_drawn(90, 80) && is_drawn(129, 119));
  fail_if(is_drawn(10, 20) || is_drawn(89, 100) || is_drawn(100, 79));
  gst_video_frame_unmap(&mapped);
}
GST_END_TEST;

GST_START_TEST(a_gap_that_holds_a_picture_is_searched) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, kSize, kSize);
  Bench bench("facerecdetect model=haar", info);
  Buffer frame = portrait(info);
  GST_BUFFER_FLAG_SET(frame.get(), GST_BUFFER_FLAG_GAP);
  const Buffer out = bench.pass(std::move(frame));
  fail_unless_equals_int(test::faces_of(out.get()).size(), 1);
  fail_unless(GST_BUFFER_FLAG_IS_SET(out.get(), GST_BUFFER_FLAG_GAP));
}
GST_END_TEST;

GST_START_TEST(facematch_takes_any_caps_and_memory) {
  if (test::skip_with_facetrack("the caps are fewer")) return;
  for (const char* text :
       {"video/x-raw,format=v210,width=64,height=48,framerate=30/1",
        "video/x-raw(memory:GLMemory),format=RGBA,width=64,height=48,framerate=30/1",
        "video/x-raw(memory:DMABuf),format=NV12,width=64,height=48,framerate=30/1",
        "video/x-raw(memory:VAMemory,meta:GstVideoOverlayComposition),format=NV12,width=64,"
        "height=48,framerate=30/1",
        "video/x-h264,stream-format=byte-stream", "image/jpeg", "application/x-rtp"}) {
    Bench bench("facematch gallery=" + gallery_file,
                test::video_info(GST_VIDEO_FORMAT_I420, 64, 48));
    gst_harness_set_src_caps(bench.harness(), gst_caps_from_string(text));
    Buffer frame(gst_buffer_new_allocate(nullptr, 10, nullptr));
    const GstFaceBox box{8, 8, 40, 30};
    const GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
    fail_if(face == nullptr);
    GstMemory* memory = gst_buffer_peek_memory(frame.get(), 0);
    const Buffer shared(gst_buffer_ref(frame.get()));
    const Buffer out = bench.pass(std::move(frame));
    fail_unless_equals_int(test::faces_of(out.get()).size(), 1);
    fail_unless(gst_buffer_peek_memory(out.get(), 0) == memory, "%s was copied", text);
  }
}
GST_END_TEST;

GST_START_TEST(a_drawing_is_attached_where_downstream_takes_overlays) {
  const std::string feature = std::string("video/x-raw(memory:SystemMemory,") + kOverlay + ")";
  const std::string short_feature = std::string("video/x-raw(") + kOverlay + ")";
  for (const std::string& downstream :
       {std::string("identity"), "capsfilter caps=" + feature, "capsfilter caps=" + short_feature,
        "capsfilter caps=\"video/x-raw; " + feature + "\""}) {
    const Annotated attached = annotate("faceannotate mode=attach ! " + downstream);
    fail_unless(attached.has_feature && attached.is_attached() && !attached.changed, "%s",
                downstream.c_str());
  }
  const Annotated drawn = annotate("faceannotate mode=attach ! capsfilter caps=video/x-raw");
  fail_unless(drawn.changed && !drawn.has_feature && !drawn.is_attached());
  const Annotated plain = annotate("faceannotate ! identity");
  fail_unless(plain.changed && !plain.has_feature && !plain.is_attached());
}
GST_END_TEST;

GST_START_TEST(overlays_from_upstream_stay) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  for (const std::string& element : elements()) {
    Bench bench(element, info);
    GstCaps* caps = caps_of(info);
    gst_caps_set_features(
        caps, 0, gst_caps_features_new(GST_CAPS_FEATURE_MEMORY_SYSTEM_MEMORY, kOverlay, nullptr));
    gst_harness_set_src_caps(bench.harness(), gst_caps_ref(caps));
    bench.pass(test::blank_frame(info));
    GstCaps* out = gst_pad_get_current_caps(bench.harness()->sinkpad);
    fail_unless(gst_caps_is_equal(out, caps), "%s", element.c_str());
    gst_caps_unref(out);
    gst_caps_unref(caps);
  }
}
GST_END_TEST;

GST_START_TEST(attaching_needs_no_pixels_that_can_be_drawn_on) {
  if (test::skip_with_facetrack("the caps are fewer")) return;
  Bench bench("faceannotate mode=attach", test::video_info(GST_VIDEO_FORMAT_I420, 64, 48));
  gst_harness_set_src_caps(bench.harness(),
                           gst_caps_from_string("video/x-raw(memory:GLMemory),format=RGBA,width=64,"
                                                "height=48,framerate=30/1"));
  Buffer frame(gst_buffer_new_allocate(nullptr, 10, nullptr));
  const GstFaceBox box{8, 8, 40, 30};
  gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
  const Buffer out = bench.pass(std::move(frame));
  fail_if(gst_buffer_get_video_overlay_composition_meta(out.get()) == nullptr);
}
GST_END_TEST;

GST_START_TEST(the_mode_may_change_while_playing) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_I420, 64, 48);
  Bench bench("faceannotate", info);
  const GstFaceBox box{8, 8, 40, 30};
  for (const char* mode : {"draw", "attach", "draw", "attach"}) {
    gst_util_set_object_arg(G_OBJECT(bench.element()), "mode", mode);
    Buffer frame = test::blank_frame(info);
    gst_buffer_add_face_meta(frame.get(), 0, &box, 1);
    const Buffer out = bench.pass(std::move(frame));
    const bool attached = gst_buffer_get_video_overlay_composition_meta(out.get()) != nullptr;
    fail_unless(attached == (std::string(mode) == "attach"), "%s", mode);
  }
}
GST_END_TEST;

int main(int argc, char** argv) {
  if (const int skip = test::skip_without(
          {test::portrait_file(),
           "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt2.xml"})) {
    return skip;
  }
  gst_check_init(&argc, &argv);
  const test::Folder folder;
  gallery_file = folder / "gallery.db";
  { const facerec::Gallery gallery(gallery_file, facerec::Gallery::Mode::Create); }
  Suite* suite = suite_create("buffers");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, upstream_is_asked_to_crop_itself);
  tcase_add_test(tests, only_what_a_crop_shows_is_searched);
  tcase_add_test(tests, a_crop_is_drawn_on_where_its_faces_are);
  tcase_add_test(tests, a_gap_that_holds_a_picture_is_searched);
  tcase_add_test(tests, facematch_takes_any_caps_and_memory);
  tcase_add_test(tests, a_drawing_is_attached_where_downstream_takes_overlays);
  tcase_add_test(tests, overlays_from_upstream_stay);
  tcase_add_test(tests, attaching_needs_no_pixels_that_can_be_drawn_on);
  tcase_add_test(tests, the_mode_may_change_while_playing);
  return test::run_suite(suite);
}
