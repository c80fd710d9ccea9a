// SPDX-License-Identifier: LGPL-2.1-or-later

/* What becomes of a face when its buffer is copied or its frame transformed. */

#include <math.h>

#include "fixture.h"

typedef struct {
  gint width, height, par_n, par_d;
} Frame;

static GstVideoInfo video_info(Frame frame) {
  GstVideoInfo info;

  fail_unless(gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, frame.width, frame.height));
  info.par_n = frame.par_n;
  info.par_d = frame.par_d;
  return info;
}

/* What an element does that scales frames. */
static gboolean scale(GstBuffer* dest, GstBuffer* buffer, GstFaceMeta* face, Frame from, Frame to) {
  GstVideoInfo in = video_info(from), out = video_info(to);
  GstVideoMetaTransform transform = {&in, &out};

  return GST_FACE_META_INFO->transform_func(dest, &face->meta, buffer,
                                            gst_video_meta_transform_scale_get_quark(), &transform);
}

GST_START_TEST(the_meta_depends_on_the_size_and_orientation_of_video) {
  const gchar* const* tags = gst_meta_api_type_get_tags(GST_FACE_META_API_TYPE);

  fail_unless_equals_int(g_strv_length((gchar**)tags), 3);
  fail_unless(g_strv_contains(tags, GST_META_TAG_VIDEO_STR));
  fail_unless(g_strv_contains(tags, GST_META_TAG_VIDEO_SIZE_STR));
  fail_unless(g_strv_contains(tags, GST_META_TAG_VIDEO_ORIENTATION_STR));
}
GST_END_TEST;

GST_START_TEST(a_copy_is_independent) {
  const GstFacePoint other_points[5] = {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}};
  const gfloat other_transform[6] = {9, 8, 7, 6, 5, 4};
  const GstFaceBox other_box = {1, 2, 3, 4};
  GstBuffer* shared = gst_buffer_new();
  FullFace full;
  GstBuffer* copy;
  GstFaceMeta* face;

  full_face_init(&full);
  full_face_add(&full, shared, 2);
  full_face_add(&full, shared, 9);
  gst_buffer_ref(shared);
  copy = gst_buffer_make_writable(shared);
  fail_unless(copy != shared);

  fail_unless_equals_int(gst_buffer_get_n_face_metas(copy), 2);
  face = gst_buffer_get_face_meta(copy, 2);
  assert_face_equal(face, &full, 2);
  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, other_points, 5));
  fail_unless(gst_face_meta_set_alignment(face, other_transform, "other", 1, 1));
  fail_unless(gst_face_meta_set_box(face, copy, &other_box));
  gst_face_meta_set_embedding(face, NULL);
  gst_face_meta_set_identity(face, NULL);
  fail_unless(gst_buffer_remove_face_meta(copy, gst_buffer_get_face_meta(copy, 9)));

  assert_face_equal(gst_buffer_get_face_meta(shared, 2), &full, 2);
  assert_face_equal(gst_buffer_get_face_meta(shared, 9), &full, 9);
  fail_unless_equals_int(find_face_roi(shared, 2)->x, 41);
  fail_unless(find_face_roi(shared, 9) != NULL);
  fail_unless(find_face_roi(copy, 9) == NULL);
  gst_buffer_unref(copy);
  gst_buffer_unref(shared);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(a_copy_of_a_region_carries_faces_as_it_does_regions_of_interest) {
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, 64, NULL);
  FullFace full;
  GstBuffer* region;

  full_face_init(&full);
  full_face_add(&full, buffer, 2);
  region = gst_buffer_copy_region(buffer, GST_BUFFER_COPY_ALL, 16, 8);
  assert_face_equal(gst_buffer_get_face_meta(region, 2), &full, 2);
  fail_unless(find_face_roi(region, 2) != NULL);
  gst_buffer_unref(region);
  gst_buffer_unref(buffer);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(a_face_is_scaled_with_its_frame) {
  const struct {
    Frame from, to;
    gdouble x, y;
  } rows[] = {
      {{640, 480, 1, 1}, {1280, 960, 1, 1}, 2, 2},
      {{640, 480, 1, 1}, {160, 120, 1, 1}, 0.25, 0.25},
      {{640, 480, 1, 1}, {1920, 1440, 1, 1}, 3, 3},
      {{640, 480, 1, 1}, {320, 480, 2, 1}, 0.5, 1},
      {{640, 480, 1, 1}, {1280, 720, 3, 4}, 2, 1.5},
      {{720, 576, 16, 15}, {768, 576, 1, 1}, 768 / 720., 1},
      {{1920, 1080, 1, 1}, {1366, 768, 1, 1}, 1366 / 1920., 768 / 1080.},
      {{640, 480, 1, 1}, {426, 320, 1, 1}, 426 / 640., 320 / 480.},
  };
  FullFace full;

  full_face_init(&full);
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();
    GstFaceMeta* face = full_face_add(&full, buffer, 1);

    GST_INFO("row %u", i);
    fail_unless(scale(dest, buffer, face, rows[i].from, rows[i].to), "row %u", i);
    fail_unless_equals_int(gst_buffer_get_n_face_metas(dest), 1);
    assert_face_scaled(gst_buffer_get_face_meta(dest, 1), &full, 1, rows[i].x, rows[i].y);
    assert_face_equal(face, &full, 1);
    gst_buffer_unref(buffer);
    gst_buffer_unref(dest);
  }
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(at_equal_size_a_face_is_exact) {
  const Frame frame = {641, 479, 1, 1};
  GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();
  FullFace full;

  full_face_init(&full);
  fail_unless(scale(dest, buffer, full_face_add(&full, buffer, 1), frame, frame));
  assert_face_equal(gst_buffer_get_face_meta(dest, 1), &full, 1);
  gst_buffer_unref(buffer);
  gst_buffer_unref(dest);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(a_face_is_dropped_where_borders_may_be_added) {
  const struct {
    Frame from, to;
  } rows[] = {
      {{640, 480, 1, 1}, {640, 640, 1, 1}}, {{640, 480, 1, 1}, {1280, 720, 1, 1}},
      {{640, 480, 1, 1}, {320, 480, 1, 1}}, {{640, 480, 1, 1}, {640, 480, 2, 1}},
      {{640, 480, 1, 1}, {322, 240, 1, 1}}, {{640, 480, 1, 1}, {320, 242, 1, 1}},
  };
  FullFace full;

  full_face_init(&full);
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();

    fail_if(scale(dest, buffer, full_face_add(&full, buffer, 1), rows[i].from, rows[i].to),
            "row %u", i);
    fail_unless_equals_int(gst_buffer_get_n_face_metas(dest), 0);
    gst_buffer_unref(buffer);
    gst_buffer_unref(dest);
  }
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(a_face_of_which_little_is_known_is_scaled) {
  const GstFaceBox box = {8, 16, 32, 64};
  GstFaceQuality quality = GST_FACE_QUALITY_INIT;
  GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 0, &box, 1);
  GstFaceMeta* scaled;

  fail_unless(scale(dest, buffer, face, (Frame){64, 64, 1, 1}, (Frame){256, 64, 1, 4}));
  scaled = gst_buffer_get_face_meta(dest, 0);
  fail_unless_equals_float(scaled->box.x, 32);
  fail_unless_equals_float(scaled->box.width, 128);
  fail_unless_equals_float(scaled->box.height, 64);
  fail_unless(isnan(scaled->quality.size));
  fail_unless(gst_face_meta_get_landmarks(scaled, NULL) == NULL);
  fail_unless(gst_face_meta_get_transform(scaled) == NULL);
  fail_unless(gst_buffer_remove_face_meta(dest, scaled));

  quality.size = 10;
  gst_face_meta_set_quality(face, &quality);
  fail_unless(scale(dest, buffer, face, (Frame){64, 64, 1, 1}, (Frame){256, 64, 1, 4}));
  fail_unless_equals_float(gst_buffer_get_face_meta(dest, 0)->quality.size, 20);
  gst_buffer_unref(buffer);
  gst_buffer_unref(dest);
}
GST_END_TEST;

GST_START_TEST(sixty_eight_points_are_scaled) {
  const GstFaceBox box = {0, 0, 100, 100};
  GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 0, &box, 1);
  GstFacePoint points[68];
  const GstFacePoint* scaled;

  for (guint i = 0; i < 68; i++) {
    points[i].x = i;
    points[i].y = 2 * i;
  }
  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT, points, 68));
  fail_unless(scale(dest, buffer, face, (Frame){64, 64, 1, 1}, (Frame){32, 32, 1, 1}));
  scaled = gst_face_meta_get_landmarks(gst_buffer_get_face_meta(dest, 0), NULL);
  for (guint i = 0; i < 68; i++) {
    fail_unless_equals_float(scaled[i].x, i / 2.);
    fail_unless_equals_float(scaled[i].y, i);
  }
  gst_buffer_unref(buffer);
  gst_buffer_unref(dest);
}
GST_END_TEST;

GST_START_TEST(a_masked_face_stays_masked) {
  const Frame from = {640, 480, 1, 1}, to = {320, 240, 1, 1};
  const gfloat transform[6] = {1, 0, 0, 0, 1, 0};
  const GstFaceBox box = {10, 10, 50, 50};
  const GstFacePoint points[68] = {{1, 2}};
  GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new(), *copy;
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 1, &box, 1);

  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT, points, 68));
  fail_unless(gst_face_meta_set_alignment(face, transform, "arcface", 112, 112));
  fail_unless(gst_face_meta_set_masked(face, TRUE));
  copy = gst_buffer_copy(buffer);
  fail_unless(gst_face_meta_is_masked(gst_buffer_get_face_meta(copy, 1)));
  fail_unless(scale(dest, buffer, face, from, to));
  fail_unless(gst_face_meta_is_masked(gst_buffer_get_face_meta(dest, 1)));
  gst_buffer_unref(copy);
  gst_buffer_unref(dest);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(a_face_that_scaling_leaves_without_numbers_is_left_behind) {
  const Frame small = {1, 1, 1, 1}, large = {32000, 32000, 1, 1};
  const GstFaceBox wide = {0, 0, 1e38f, 1e38f}, tiny = {0, 0, 1e-43f, 1e-43f}, sound = {0, 0, 9, 9};
  const GstFacePoint far_away[2] = {{1e36f, 0}, {1, 1}};
  const gfloat steep[6] = {1e37f, 0, 0, 0, 1e37f, 0};
  GstBuffer* buffer = gst_buffer_new();
  GstBuffer* dest = gst_buffer_new();
  GstFaceMeta* distant = gst_buffer_add_face_meta(buffer, 2, &sound, 1);
  GstFaceMeta* aligned = gst_buffer_add_face_meta(buffer, 3, &sound, 1);

  fail_if(scale(dest, buffer, gst_buffer_add_face_meta(buffer, 0, &wide, 1), small, large));
  fail_if(scale(dest, buffer, gst_buffer_add_face_meta(buffer, 1, &tiny, 1), large, small));
  gst_face_meta_set_landmarks(distant, GST_FACE_LANDMARK_SCHEME_EYES_2, far_away, 2);
  fail_if(scale(dest, buffer, distant, small, large));
  gst_face_meta_set_alignment(aligned, steep, "arcface", 112, 112);
  fail_if(scale(dest, buffer, aligned, large, small));
  fail_unless_equals_int(gst_buffer_get_n_face_metas(dest), 0);
  gst_buffer_unref(buffer);
  gst_buffer_unref(dest);
}
GST_END_TEST;

GST_START_TEST(any_other_transform_leaves_the_face_behind) {
  GstBuffer *buffer = gst_buffer_new(), *dest = gst_buffer_new();
  FullFace full;
  GstFaceMeta* face;

  full_face_init(&full);
  face = full_face_add(&full, buffer, 1);
  fail_if(GST_FACE_META_INFO->transform_func(dest, &face->meta, buffer,
                                             g_quark_from_static_string("rotate"), NULL));
  fail_unless_equals_int(gst_buffer_get_n_face_metas(dest), 0);
  gst_buffer_unref(buffer);
  gst_buffer_unref(dest);
  full_face_clear(&full);
}
GST_END_TEST;

static Suite* face_transform_suite(void) {
  Suite* suite = suite_create("face_transform");
  TCase* tc = tcase_create("general");

  suite_add_tcase(suite, tc);
  tcase_add_test(tc, the_meta_depends_on_the_size_and_orientation_of_video);
  tcase_add_test(tc, a_copy_is_independent);
  tcase_add_test(tc, a_copy_of_a_region_carries_faces_as_it_does_regions_of_interest);
  tcase_add_test(tc, a_face_is_scaled_with_its_frame);
  tcase_add_test(tc, at_equal_size_a_face_is_exact);
  tcase_add_test(tc, a_face_is_dropped_where_borders_may_be_added);
  tcase_add_test(tc, a_face_of_which_little_is_known_is_scaled);
  tcase_add_test(tc, sixty_eight_points_are_scaled);
  tcase_add_test(tc, a_masked_face_stays_masked);
  tcase_add_test(tc, a_face_that_scaling_leaves_without_numbers_is_left_behind);
  tcase_add_test(tc, any_other_transform_leaves_the_face_behind);
  return suite;
}

GST_CHECK_MAIN(face_transform)
