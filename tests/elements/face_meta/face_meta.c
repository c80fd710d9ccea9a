// SPDX-License-Identifier: LGPL-2.1-or-later

/* The faces of one buffer: adding, reading, changing and removing them. */

#include <math.h>

#include "fixture.h"

static const GstFaceBox box = {10.5f, 20.25f, 30, 40};

static GstFaceMeta* add_face(GstBuffer* buffer, guint id) {
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, id, &box, 0.5f);

  fail_unless(face != NULL);
  return face;
}

static void assert_roi(GstBuffer* buffer, guint id, guint x, guint y, guint w, guint h) {
  GstVideoRegionOfInterestMeta* roi = find_face_roi(buffer, id);

  fail_unless(roi != NULL);
  fail_unless_equals_int(roi->x, x);
  fail_unless_equals_int(roi->y, y);
  fail_unless_equals_int(roi->w, w);
  fail_unless_equals_int(roi->h, h);
}

GST_START_TEST(a_new_face_knows_only_what_it_was_given) {
  GstBuffer* buffer = gst_buffer_new();
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 3, &box, 0.75f);
  GstFacePoint right, left;
  guint n_points = 99, width = 99, height = 99;
  GArray* transform;

  fail_unless_equals_int(face->id, 3);
  fail_unless_equals_int64(face->track_id, GST_FACE_TRACK_NONE);
  fail_unless(memcmp(&face->box, &box, sizeof box) == 0);
  fail_unless_equals_float(face->confidence, 0.75);
  fail_unless(isnan(face->quality.size));
  fail_unless(isnan(face->quality.sharpness));
  fail_unless(isnan(face->quality.roll));
  fail_unless(isnan(face->quality.yaw));
  fail_unless(isnan(face->quality.pitch));
  fail_unless_equals_int(gst_face_meta_get_landmark_scheme(face), GST_FACE_LANDMARK_SCHEME_NONE);
  fail_unless(gst_face_meta_get_landmarks(face, &n_points) == NULL);
  fail_unless_equals_int(n_points, 0);
  fail_if(gst_face_meta_get_eyes(face, &right, &left));
  fail_unless(gst_face_meta_get_transform(face) == NULL);
  transform = gst_face_meta_get_transform_array(face);
  fail_unless_equals_int(transform->len, 0);
  fail_unless(gst_face_meta_get_template_name(face) == NULL);
  gst_face_meta_get_aligned_size(face, &width, &height);
  fail_unless_equals_int(width, 0);
  fail_unless_equals_int(height, 0);
  fail_unless(gst_face_meta_get_embedding(face) == NULL);
  fail_unless(gst_face_meta_get_identity(face) == NULL);
  g_array_unref(transform);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(what_is_set_is_read) {
  GstBuffer* buffer = gst_buffer_new();
  FullFace full;
  GstFaceMeta* face;
  GArray* transform;

  full_face_init(&full);
  face = full_face_add(&full, buffer, 4);
  assert_face_equal(face, &full, 4);
  transform = gst_face_meta_get_transform_array(face);
  fail_unless_equals_int(transform->len, 6);
  fail_unless(memcmp(transform->data, full.transform, sizeof full.transform) == 0);
  g_array_unref(transform);
  gst_buffer_unref(buffer);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(what_is_set_may_be_cleared) {
  GstBuffer* buffer = gst_buffer_new();
  FullFace full;
  GstFaceMeta* face;
  guint width, height;

  full_face_init(&full);
  face = full_face_add(&full, buffer, 4);
  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_NONE, NULL, 0));
  fail_unless(gst_face_meta_get_landmarks(face, NULL) == NULL);
  fail_unless(gst_face_meta_set_alignment(face, NULL, NULL, 0, 0));
  fail_unless(gst_face_meta_get_transform(face) == NULL);
  fail_unless(gst_face_meta_get_template_name(face) == NULL);
  gst_face_meta_get_aligned_size(face, &width, &height);
  fail_unless_equals_int(width + height, 0);
  gst_face_meta_set_embedding(face, NULL);
  fail_unless(gst_face_meta_get_embedding(face) == NULL);
  gst_face_meta_set_identity(face, NULL);
  fail_unless(gst_face_meta_get_identity(face) == NULL);
  gst_face_meta_set_track_id(face, GST_FACE_TRACK_NONE);
  fail_unless_equals_int64(face->track_id, -1);
  gst_buffer_unref(buffer);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(a_face_may_be_set_to_what_it_has) {
  GstBuffer* buffer = gst_buffer_new();
  FullFace full;
  GstFaceMeta* face;

  full_face_init(&full);
  face = full_face_add(&full, buffer, 0);
  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE,
                                          gst_face_meta_get_landmarks(face, NULL), 5));
  fail_unless(gst_face_meta_set_alignment(face, gst_face_meta_get_transform(face),
                                          gst_face_meta_get_template_name(face), 112, 96));
  gst_face_meta_set_embedding(face, gst_face_meta_get_embedding(face));
  gst_face_meta_set_identity(face, gst_face_meta_get_identity(face));
  full_face_clear(&full);
  full.embedding = gst_face_meta_get_embedding(face);
  full.identity = gst_face_meta_get_identity(face);
  assert_face_equal(face, &full, 0);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(faces_are_listed_in_order_and_found_by_id) {
  GstBuffer* buffer = gst_buffer_new();
  const guint ids[] = {5, 0, G_MAXINT};
  gpointer state = NULL;
  GList *faces, *item;
  guint i = 0;

  fail_unless(gst_buffer_get_face_metas(buffer) == NULL);
  fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), 0);
  for (i = 0; i < G_N_ELEMENTS(ids); i++) add_face(buffer, ids[i]);
  fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), 3);

  faces = gst_buffer_get_face_metas(buffer);
  fail_unless_equals_int(g_list_length(faces), 3);
  for (item = faces, i = 0; item != NULL; item = item->next, i++) {
    GstFaceMeta* face = item->data;

    fail_unless_equals_int(face->id, ids[i]);
    fail_unless(gst_buffer_iterate_face_metas(buffer, &state) == face);
    fail_unless(gst_buffer_get_face_meta(buffer, ids[i]) == face);
  }
  fail_unless(gst_buffer_iterate_face_metas(buffer, &state) == NULL);
  fail_unless(gst_buffer_get_face_meta(buffer, 1) == NULL);
  g_list_free(faces);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(a_face_is_mirrored_as_a_region_of_interest) {
  GstBuffer* buffer = gst_buffer_new();
  const GstFaceBox over_the_corner = {-4.5f, -2, 10, 12.25f};
  const GstFaceBox outside = {-20, -30, 10, 10};
  const GstFaceBox huge = {0, 0, 1e30f, 1e30f};
  /* more than 640 in doubles by what rounding the length adds */
  const GstFaceBox to_the_edge = {1.1f, 1.1f, 638.9f, 638.9f};
  GstFaceMeta* face = add_face(buffer, 6);

  assert_roi(buffer, 6, 10, 20, 31, 41);
  fail_unless(gst_face_meta_set_box(face, buffer, &over_the_corner));
  fail_unless(memcmp(&face->box, &over_the_corner, sizeof face->box) == 0);
  assert_roi(buffer, 6, 0, 0, 6, 11);
  fail_unless(gst_face_meta_set_box(face, buffer, &outside));
  assert_roi(buffer, 6, 0, 0, 0, 0);
  fail_unless(gst_face_meta_set_box(face, buffer, &huge));
  assert_roi(buffer, 6, 0, 0, G_MAXINT, G_MAXINT);
  fail_unless((gdouble)to_the_edge.x + to_the_edge.width > 640);
  fail_unless(gst_face_meta_set_box(face, buffer, &to_the_edge));
  assert_roi(buffer, 6, 1, 1, 639, 639);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(a_face_is_removed_with_its_region_of_interest) {
  GstBuffer* buffer = gst_buffer_new();
  GstBuffer* other = gst_buffer_new();
  GstVideoRegionOfInterestMeta* car =
      gst_buffer_add_video_region_of_interest_meta(buffer, "car", 1, 2, 3, 4);
  GstFaceMeta *first, *second, *elsewhere;

  car->id = 1;
  first = add_face(buffer, 1);
  second = add_face(buffer, 2);
  elsewhere = add_face(other, 1);

  fail_if(gst_buffer_remove_face_meta(buffer, elsewhere));
  fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), 2);
  fail_unless_equals_int(gst_buffer_get_n_meta(buffer, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
                         3);

  fail_unless(gst_buffer_remove_face_meta(buffer, first));
  fail_unless(gst_buffer_get_face_meta(buffer, 1) == NULL);
  fail_unless(gst_buffer_get_face_meta(buffer, 2) == second);
  fail_unless(gst_buffer_get_video_region_of_interest_meta_id(buffer, 1) == car);
  fail_unless(find_face_roi(buffer, 2) != NULL);
  fail_unless_equals_int(gst_buffer_get_n_meta(buffer, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
                         2);
  gst_buffer_unref(buffer);
  gst_buffer_unref(other);
}
GST_END_TEST;

GST_START_TEST(numbers_that_are_no_face_are_refused) {
  const GstFaceBox bad[] = {
      {NAN, 0, 1, 1},      {0, NAN, 1, 1}, {0, 0, NAN, 1}, {0, 0, 1, NAN}, {INFINITY, 0, 1, 1},
      {0, 0, INFINITY, 1}, {0, 0, 0, 1},   {0, 0, 1, 0},   {0, 0, -1, 1},  {0, 0, 1, -1},
  };
  const gfloat bad_confidence[] = {-0.01f, 1.01f, NAN, INFINITY};
  const GstFacePoint bad_eyes[2] = {{1, 2}, {3, NAN}};
  const gfloat bad_transform[6] = {1, 0, 0, 0, INFINITY, 0};
  GstBuffer* buffer = gst_buffer_new();
  FullFace full;
  GstFaceMeta* face;

  full_face_init(&full);
  face = full_face_add(&full, buffer, 0);
  for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
    fail_unless(gst_buffer_add_face_meta(buffer, 1, &bad[i], 0.5f) == NULL);
    fail_if(gst_face_meta_set_box(face, buffer, &bad[i]));
  }
  for (guint i = 0; i < G_N_ELEMENTS(bad_confidence); i++) {
    fail_unless(gst_buffer_add_face_meta(buffer, 1, &box, bad_confidence[i]) == NULL);
    fail_if(gst_face_meta_set_confidence(face, bad_confidence[i]));
  }
  fail_if(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_EYES_2, bad_eyes, 2));
  fail_if(gst_face_meta_set_alignment(face, bad_transform, "other", 1, 1));

  assert_face_equal(face, &full, 0);
  fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), 1);
  fail_unless_equals_int(gst_buffer_get_n_meta(buffer, GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE),
                         1);
  gst_buffer_unref(buffer);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(confidence_may_be_0_and_1) {
  GstBuffer* buffer = gst_buffer_new();
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, 0, &box, 0);

  fail_unless(face != NULL);
  fail_unless(gst_face_meta_set_confidence(face, 1));
  fail_unless_equals_float(face->confidence, 1);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(misuse_is_critical_and_changes_nothing) {
  const GstFacePoint points[5] = {{0, 0}};
  const gfloat transform[6] = {1, 0, 0, 0, 1, 0};
  GstBuffer* buffer = gst_buffer_new();
  GstFaceMeta* face = add_face(buffer, 0);

  assert_critical(gst_buffer_add_face_meta(buffer, 0, &box, 0.5f));
  assert_critical(gst_buffer_add_face_meta(buffer, (guint)G_MAXINT + 1, &box, 0.5f));
  assert_critical(gst_buffer_add_face_meta(buffer, 1, NULL, 0.5f));
  assert_critical(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, points, 4));
  assert_critical(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, NULL, 5));
  assert_critical(gst_face_meta_set_alignment(face, transform, NULL, 112, 112));
  assert_critical(gst_face_meta_set_alignment(face, transform, "t", 112, 0));
  assert_critical(gst_face_meta_set_track_id(face, -2));
  gst_buffer_ref(buffer);
  assert_critical(gst_buffer_add_face_meta(buffer, 1, &box, 0.5f));
  assert_critical(gst_buffer_remove_face_meta(buffer, face));
  assert_critical(gst_face_meta_set_box(face, buffer, &box));
  gst_buffer_unref(buffer);

  fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), 1);
  fail_unless_equals_int(gst_face_meta_get_landmark_scheme(face), GST_FACE_LANDMARK_SCHEME_NONE);
  fail_unless(gst_face_meta_get_transform(face) == NULL);
  fail_unless_equals_int64(face->track_id, GST_FACE_TRACK_NONE);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(eyes_are_found_in_every_scheme) {
  const struct {
    GstFaceLandmarkScheme scheme;
    guint n_points;
    GstFacePoint right, left;
  } rows[] = {
      {GST_FACE_LANDMARK_SCHEME_EYES_2, 2, {0, 100}, {1, 101}},
      {GST_FACE_LANDMARK_SCHEME_FIVE, 5, {0, 100}, {1, 101}},
      /* the means of the points 36 to 41 and 42 to 47 */
      {GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT, 68, {38.5f, 138.5f}, {44.5f, 144.5f}},
  };
  GstFacePoint points[68];
  GstBuffer* buffer = gst_buffer_new();
  GstFaceMeta* face = add_face(buffer, 0);

  for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
    points[i].x = i;
    points[i].y = 100 + i;
  }
  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    GstFacePoint right, left;

    fail_unless_equals_int(gst_face_landmark_scheme_get_n_points(rows[i].scheme), rows[i].n_points);
    fail_unless(gst_face_meta_set_landmarks(face, rows[i].scheme, points, rows[i].n_points));
    fail_unless(gst_face_meta_get_eyes(face, &right, &left));
    fail_unless_equals_float(right.x, rows[i].right.x);
    fail_unless_equals_float(right.y, rows[i].right.y);
    fail_unless_equals_float(left.x, rows[i].left.x);
    fail_unless_equals_float(left.y, rows[i].left.y);
  }
  gst_buffer_unref(buffer);
}
GST_END_TEST;

static Suite* face_meta_suite(void) {
  Suite* suite = suite_create("face_meta");
  TCase* tc = tcase_create("general");

  suite_add_tcase(suite, tc);
  tcase_add_test(tc, a_new_face_knows_only_what_it_was_given);
  tcase_add_test(tc, what_is_set_is_read);
  tcase_add_test(tc, what_is_set_may_be_cleared);
  tcase_add_test(tc, a_face_may_be_set_to_what_it_has);
  tcase_add_test(tc, faces_are_listed_in_order_and_found_by_id);
  tcase_add_test(tc, a_face_is_mirrored_as_a_region_of_interest);
  tcase_add_test(tc, a_face_is_removed_with_its_region_of_interest);
  tcase_add_test(tc, numbers_that_are_no_face_are_refused);
  tcase_add_test(tc, confidence_may_be_0_and_1);
  tcase_add_test(tc, misuse_is_critical_and_changes_nothing);
  tcase_add_test(tc, eyes_are_found_in_every_scheme);
  return suite;
}

GST_CHECK_MAIN(face_meta)
