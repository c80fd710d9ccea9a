// SPDX-License-Identifier: LGPL-2.1-or-later

/* GstFaceEmbedding and GstFaceIdentity: contents and lifetimes. */

#include <math.h>

#include "fixture.h"

static void on_freed(gpointer user_data, GstMiniObject* object G_GNUC_UNUSED) {
  *(gboolean*)user_data = TRUE;
}

GST_START_TEST(an_embedding_holds_a_copy_of_its_values) {
  gfloat values[3] = {1.5f, -2, 0.25f};
  gchar model[] = "model", fingerprint[] = "fingerprint";
  GstFaceEmbedding* embedding = gst_face_embedding_new(model, fingerprint, values, 3);
  const gfloat* held;
  gsize dimension;

  values[0] = 9;
  model[0] = fingerprint[0] = 'x';
  held = gst_face_embedding_get_values(embedding, &dimension);
  fail_unless_equals_int(dimension, 3);
  fail_unless_equals_int(gst_face_embedding_get_dimension(embedding), 3);
  fail_unless_equals_float(held[0], 1.5);
  fail_unless_equals_float(held[1], -2);
  fail_unless_equals_float(held[2], 0.25);
  fail_unless_equals_string(gst_face_embedding_get_model(embedding), "model");
  fail_unless_equals_string(gst_face_embedding_get_fingerprint(embedding), "fingerprint");
  gst_face_embedding_unref(embedding);
}
GST_END_TEST;

GST_START_TEST(an_embedding_may_have_any_dimension) {
  const gsize dimensions[] = {1, 127, 128, 512, 4096, 1000003};

  for (guint i = 0; i < G_N_ELEMENTS(dimensions); i++) {
    const gsize n = dimensions[i];
    gfloat* values = g_new0(gfloat, n);
    GstFaceEmbedding* embedding;

    values[n - 1] = 0.5f;
    embedding = gst_face_embedding_new("m", "f", values, n);
    fail_unless_equals_uint64(gst_face_embedding_get_dimension(embedding), n);
    fail_unless_equals_float(gst_face_embedding_get_values(embedding, NULL)[n - 1], 0.5);
    gst_face_embedding_unref(embedding);
    g_free(values);
  }
}
GST_END_TEST;

GST_START_TEST(an_embedding_knows_whether_it_has_unit_length) {
  const struct {
    gfloat values[2];
    gboolean unit_length;
  } rows[] = {
      {{0.6f, 0.8f}, TRUE}, {{-1, 0}, TRUE},      {{1.0005f, 0}, TRUE},
      {{0.9995f, 0}, TRUE}, {{1.002f, 0}, FALSE}, {{0.998f, 0}, FALSE},
      {{3, 4}, FALSE},      {{0, 0}, FALSE},      {{1e30f, 1e30f}, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    GstFaceEmbedding* embedding = gst_face_embedding_new("m", "f", rows[i].values, 2);

    fail_unless(gst_face_embedding_is_unit_length(embedding) == rows[i].unit_length, "row %u", i);
    gst_face_embedding_unref(embedding);
  }
}
GST_END_TEST;

GST_START_TEST(an_embedding_is_finite) {
  const gfloat rows[][2] = {{NAN, 1}, {1, NAN}, {INFINITY, 1}, {1, -INFINITY}};

  for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
    fail_unless(gst_face_embedding_new("m", "f", rows[i], 2) == NULL);
  }
  assert_critical(gst_face_embedding_new("m", "f", rows[0], 0));
  assert_critical(gst_face_embedding_new("m", "f", NULL, 2));
  assert_critical(gst_face_embedding_new(NULL, "f", rows[0], 2));
  assert_critical(gst_face_embedding_new("m", NULL, rows[0], 2));
}
GST_END_TEST;

GST_START_TEST(an_identity_holds_what_was_built) {
  gchar ada[] = "Ada", grace[] = "Grace";
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  GstFaceIdentity* identity;

  gst_face_identity_builder_set_person(builder, "Nobody", 1);
  gst_face_identity_builder_set_person(builder, ada, G_GINT64_CONSTANT(1) << 40);
  gst_face_identity_builder_set_distance(builder, GST_FACE_METRIC_EUCLIDEAN_L2, 0.31);
  gst_face_identity_builder_set_decision(builder, 0.9, TRUE);
  gst_face_identity_builder_set_runner_up(builder, "Nobody", 1.7);
  gst_face_identity_builder_set_runner_up(builder, grace, 1.2);
  gst_face_identity_builder_set_false_accept_rate(builder, 1e-6);
  gst_face_identity_builder_set_false_name_rate(builder, 1e-3);
  ada[0] = grace[0] = 'x';
  identity = gst_face_identity_builder_end(builder);

  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless_equals_int64(gst_face_identity_get_person_id(identity), G_GINT64_CONSTANT(1) << 40);
  fail_unless_equals_int(gst_face_identity_get_metric(identity), GST_FACE_METRIC_EUCLIDEAN_L2);
  fail_unless_equals_float(gst_face_identity_get_distance(identity), 0.31);
  fail_unless_equals_float(gst_face_identity_get_threshold(identity), 0.9);
  fail_unless(gst_face_identity_is_accepted(identity));
  fail_unless_equals_string(gst_face_identity_get_runner_up_name(identity), "Grace");
  fail_unless_equals_float(gst_face_identity_get_runner_up_distance(identity), 1.2);
  fail_unless(gst_face_identity_get_false_accept_rate(identity) == 1e-6);
  fail_unless(gst_face_identity_get_false_name_rate(identity) == 1e-3);
  fail_unless_equals_int(gst_face_identity_get_verdict(identity), GST_FACE_VERDICT_RECOGNISED);
  fail_unless_equals_int(gst_face_identity_get_reason(identity), GST_FACE_REASON_NONE);
  fail_unless_equals_int(gst_face_identity_get_shots(identity), 1);
  fail_unless_equals_string(gst_face_identity_get_label(identity), "Ada");
  gst_face_identity_unref(identity);

  builder = gst_face_identity_builder_new();
  gst_face_identity_builder_set_verdict(builder, GST_FACE_VERDICT_UNDECIDED, GST_FACE_REASON_DARK,
                                        4);
  gst_face_identity_builder_set_label(builder, "x");
  gst_face_identity_builder_set_label(builder, "unknown-\xfe");
  identity = gst_face_identity_builder_end(builder);
  fail_unless_equals_int(gst_face_identity_get_verdict(identity), GST_FACE_VERDICT_UNDECIDED);
  fail_unless_equals_int(gst_face_identity_get_reason(identity), GST_FACE_REASON_DARK);
  fail_unless_equals_int(gst_face_identity_get_shots(identity), 4);
  fail_unless_equals_string(gst_face_identity_get_label(identity), "unknown-\xef\xbf\xbd");
  gst_face_identity_unref(identity);
}
GST_END_TEST;

GST_START_TEST(texts_are_utf8) {
  const gfloat value = 1;
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  GstFaceEmbedding* embedding = gst_face_embedding_new("m\xff", "f\xc3(", &value, 1);
  GstFaceIdentity* identity;

  gst_face_identity_builder_set_person(builder, "Ad\xe4", 1);
  gst_face_identity_builder_set_runner_up(builder, "\xfe", 1.2);
  identity = gst_face_identity_builder_end(builder);
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ad\xef\xbf\xbd");
  fail_unless_equals_string(gst_face_identity_get_runner_up_name(identity), "\xef\xbf\xbd");
  fail_unless_equals_string(gst_face_embedding_get_model(embedding), "m\xef\xbf\xbd");
  fail_unless_equals_string(gst_face_embedding_get_fingerprint(embedding), "f\xef\xbf\xbd(");
  gst_face_identity_unref(identity);
  gst_face_embedding_unref(embedding);
}
GST_END_TEST;

GST_START_TEST(an_identity_of_an_empty_gallery_names_nobody) {
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  GstFaceIdentity* identity;

  gst_face_identity_builder_set_decision(builder, 0.4, TRUE);
  identity = gst_face_identity_builder_end(builder);
  fail_unless(gst_face_identity_get_name(identity) == NULL);
  fail_unless_equals_int64(gst_face_identity_get_person_id(identity), GST_FACE_PERSON_NONE);
  fail_unless_equals_int(gst_face_identity_get_metric(identity), GST_FACE_METRIC_COSINE);
  fail_unless(isnan(gst_face_identity_get_distance(identity)));
  fail_unless_equals_float(gst_face_identity_get_threshold(identity), 0.4);
  fail_if(gst_face_identity_is_accepted(identity));
  fail_unless(gst_face_identity_get_runner_up_name(identity) == NULL);
  fail_unless(isnan(gst_face_identity_get_runner_up_distance(identity)));
  fail_unless(isnan(gst_face_identity_get_false_accept_rate(identity)));
  fail_unless(isnan(gst_face_identity_get_false_name_rate(identity)));
  gst_face_identity_unref(identity);
}
GST_END_TEST;

GST_START_TEST(a_builder_is_copied_with_its_strings) {
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
  GstFaceIdentityBuilder* copy;
  GstFaceIdentity* identity;

  gst_face_identity_builder_set_person(builder, "Ada", 1);
  gst_face_identity_builder_set_runner_up(builder, "Grace", 1);
  copy = g_boxed_copy(GST_TYPE_FACE_IDENTITY_BUILDER, builder);
  gst_face_identity_builder_free(builder);
  identity = gst_face_identity_builder_end(copy);
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless_equals_string(gst_face_identity_get_runner_up_name(identity), "Grace");
  gst_face_identity_unref(identity);
}
GST_END_TEST;

GST_START_TEST(a_face_holds_its_values_until_the_last_copy_is_gone) {
  GstBuffer* buffer = gst_buffer_new();
  gboolean embedding_freed = FALSE, identity_freed = FALSE;
  FullFace full;
  GstBuffer* copy;

  full_face_init(&full);
  gst_mini_object_weak_ref(GST_MINI_OBJECT_CAST(full.embedding), on_freed, &embedding_freed);
  gst_mini_object_weak_ref(GST_MINI_OBJECT_CAST(full.identity), on_freed, &identity_freed);
  full_face_add(&full, buffer, 0);
  full_face_clear(&full);
  copy = gst_buffer_copy(buffer);

  fail_unless_equals_int(GST_MINI_OBJECT_REFCOUNT_VALUE(full.embedding), 2);
  fail_unless_equals_int(GST_MINI_OBJECT_REFCOUNT_VALUE(full.identity), 2);
  gst_buffer_unref(buffer);
  assert_face_equal(gst_buffer_get_face_meta(copy, 0), &full, 0);
  fail_if(embedding_freed || identity_freed);
  gst_buffer_unref(copy);
  fail_unless(embedding_freed && identity_freed);
}
GST_END_TEST;

GST_START_TEST(values_that_are_replaced_are_released) {
  GstBuffer* buffer = gst_buffer_new();
  gboolean embedding_freed = FALSE, identity_freed = FALSE;
  FullFace first, second;
  GstFaceMeta* face;

  full_face_init(&first);
  full_face_init(&second);
  gst_mini_object_weak_ref(GST_MINI_OBJECT_CAST(first.embedding), on_freed, &embedding_freed);
  gst_mini_object_weak_ref(GST_MINI_OBJECT_CAST(first.identity), on_freed, &identity_freed);
  face = full_face_add(&first, buffer, 0);
  full_face_clear(&first);
  gst_face_meta_set_embedding(face, second.embedding);
  fail_unless(embedding_freed);
  gst_face_meta_set_identity(face, second.identity);
  fail_unless(identity_freed);
  fail_unless(gst_buffer_remove_face_meta(buffer, face));
  fail_unless_equals_int(GST_MINI_OBJECT_REFCOUNT_VALUE(second.embedding), 1);
  fail_unless_equals_int(GST_MINI_OBJECT_REFCOUNT_VALUE(second.identity), 1);
  full_face_clear(&second);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

static Suite* face_values_suite(void) {
  Suite* suite = suite_create("face_values");
  TCase* tc = tcase_create("general");

  suite_add_tcase(suite, tc);
  tcase_add_test(tc, an_embedding_holds_a_copy_of_its_values);
  tcase_add_test(tc, an_embedding_may_have_any_dimension);
  tcase_add_test(tc, an_embedding_knows_whether_it_has_unit_length);
  tcase_add_test(tc, an_embedding_is_finite);
  tcase_add_test(tc, an_identity_holds_what_was_built);
  tcase_add_test(tc, texts_are_utf8);
  tcase_add_test(tc, an_identity_of_an_empty_gallery_names_nobody);
  tcase_add_test(tc, a_builder_is_copied_with_its_strings);
  tcase_add_test(tc, a_face_holds_its_values_until_the_last_copy_is_gone);
  tcase_add_test(tc, values_that_are_replaced_are_released);
  return suite;
}

GST_CHECK_MAIN(face_values)
