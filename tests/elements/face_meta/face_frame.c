// SPDX-License-Identifier: LGPL-2.1-or-later

/* GstFaceFrameMeta, and what a face says of its track. */

#include <gst/check/gstharness.h>

#include "fixture.h"

GST_START_TEST(a_frame_says_whether_it_was_searched) {
  GstBuffer* buffer = gst_buffer_new();
  GstFaceFrameMeta* frame;

  fail_unless(gst_buffer_get_face_frame_meta(buffer) == NULL);
  frame = gst_buffer_add_face_frame_meta(buffer, FALSE, GST_CLOCK_TIME_NONE);
  fail_unless(gst_buffer_get_face_frame_meta(buffer) == frame);
  fail_if(frame->searched || frame->predicted);
  fail_unless(frame->search_time == GST_CLOCK_TIME_NONE);
  gst_face_frame_meta_set_predicted(frame, TRUE);
  fail_unless(frame->predicted);

  /* Another detector: what was said before counts no more. */
  fail_unless(gst_buffer_add_face_frame_meta(buffer, TRUE, 5) == frame);
  fail_unless(frame->searched && !frame->predicted);
  fail_unless_equals_uint64(frame->search_time, 5);
  fail_unless_equals_int(gst_buffer_get_n_meta(buffer, GST_FACE_FRAME_META_API_TYPE), 1);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(it_travels_where_the_frame_goes) {
  const gchar* elements[] = {"queue", "videoconvert", "videoscale", "videocrop left=40",
                             "videoflip video-direction=horiz"};

  for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
    GstHarness* harness = gst_harness_new_parse(elements[i]);
    GstBuffer *in, *out;
    GstFaceFrameMeta* frame;

    gst_harness_set_src_caps_str(harness,
                                 "video/x-raw,format=I420,width=64,height=48,framerate=5/1");
    in = gst_harness_create_buffer(harness, 64 * 48 * 3 / 2);
    gst_face_frame_meta_set_predicted(gst_buffer_add_face_frame_meta(in, FALSE, 7), TRUE);
    out = gst_harness_push_and_pull(harness, in);
    frame = gst_buffer_get_face_frame_meta(out);
    fail_if(frame == NULL, "lost in %s", elements[i]);
    fail_unless(!frame->searched && frame->predicted && frame->search_time == 7);
    gst_buffer_unref(out);
    gst_harness_teardown(harness);
  }
}
GST_END_TEST;

GST_START_TEST(a_face_says_what_is_known_of_its_track) {
  const GstFaceBox box = {1, 2, 3, 4};
  GstBuffer *buffer = gst_buffer_new(), *copy;
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 0, &box, 1);

  fail_if(gst_face_meta_is_predicted(face) || gst_face_meta_is_cut(face));
  fail_unless(gst_face_meta_get_first_seen(face) == GST_CLOCK_TIME_NONE);
  fail_unless(gst_face_meta_get_last_seen(face) == GST_CLOCK_TIME_NONE);
  fail_if(gst_face_meta_set_track_times(face, 1, 2), "of no track");

  gst_face_meta_set_track_id(face, 9);
  fail_unless(gst_face_meta_set_track_times(face, 1, 2));
  gst_face_meta_set_predicted(face, TRUE);
  gst_face_meta_set_cut(face, TRUE);
  copy = gst_buffer_copy(buffer);
  face = gst_buffer_get_face_meta(copy, 0);
  fail_unless(gst_face_meta_is_predicted(face) && gst_face_meta_is_cut(face));
  fail_unless_equals_uint64(gst_face_meta_get_first_seen(face), 1);
  fail_unless_equals_uint64(gst_face_meta_get_last_seen(face), 2);

  /* Another track has other times. */
  gst_face_meta_set_track_id(face, 10);
  fail_unless(gst_face_meta_get_first_seen(face) == GST_CLOCK_TIME_NONE);
  gst_buffer_unref(copy);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

static Suite* face_frame_suite(void) {
  Suite* suite = suite_create("face_frame");
  TCase* tc = tcase_create("general");

  suite_add_tcase(suite, tc);
  tcase_add_test(tc, a_frame_says_whether_it_was_searched);
  tcase_add_test(tc, it_travels_where_the_frame_goes);
  tcase_add_test(tc, a_face_says_what_is_known_of_its_track);
  return suite;
}

GST_CHECK_MAIN(face_frame)
