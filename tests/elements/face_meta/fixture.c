// SPDX-License-Identifier: LGPL-2.1-or-later

#include "fixture.h"

#include <math.h>

#define CONFIDENCE 0.93f
#define TRACK_ID G_GINT64_CONSTANT(8589934597)
#define TEMPLATE_NAME "arcface-112"
#define ALIGNED_WIDTH 112
#define ALIGNED_HEIGHT 96

static const GstFaceBox box = {41.3f, 27.7f, 60.1f, 82.9f};
static const GstFacePoint landmarks[5] = {
    {55.1f, 60.3f}, {85.7f, 62.9f}, {70.2f, 76.6f}, {58.4f, 92.1f}, {83.3f, 94.7f}};
static const gfloat transform[6] = {1.13f, 0.097f, -31.7f, -0.097f, 1.13f, -11.9f};

void full_face_init(FullFace* full) {
  static const GstFaceQuality unknown = GST_FACE_QUALITY_INIT;
  const gfloat values[4] = {0.1f, -0.7f, 0.5f, 0.5f};
  GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();

  full->box = box;
  memcpy(full->landmarks, landmarks, sizeof landmarks);
  memcpy(full->transform, transform, sizeof transform);
  full->quality = unknown;
  full->quality.size = 30.71f;
  full->quality.sharpness = 0.37f;
  full->quality.roll = 4.86f;
  full->quality.yaw = -11.3f;
  full->embedding = gst_face_embedding_new("mobilefacenet", "a1b2", values, 4);
  gst_face_identity_builder_set_person(builder, "Ada", 7);
  full->identity = gst_face_identity_builder_end(builder);
}

void full_face_clear(FullFace* full) {
  gst_face_embedding_unref(full->embedding);
  gst_face_identity_unref(full->identity);
}

GstFaceMeta* full_face_add(const FullFace* full, GstBuffer* buffer, guint id) {
  GstFaceMeta* face = gst_buffer_add_face_meta(buffer, id, &full->box, CONFIDENCE);

  fail_unless(face != NULL);
  gst_face_meta_set_track_id(face, TRACK_ID);
  gst_face_meta_set_quality(face, &full->quality);
  fail_unless(gst_face_meta_set_landmarks(face, GST_FACE_LANDMARK_SCHEME_FIVE, full->landmarks, 5));
  fail_unless(gst_face_meta_set_alignment(face, full->transform, TEMPLATE_NAME, ALIGNED_WIDTH,
                                          ALIGNED_HEIGHT));
  gst_face_meta_set_embedding(face, full->embedding);
  gst_face_meta_set_identity(face, full->identity);
  return face;
}

/* What no frame size can change. */
static void assert_face_kept(const GstFaceMeta* face, const FullFace* full, guint id) {
  guint width, height;

  fail_unless_equals_int(face->id, id);
  fail_unless_equals_int64(face->track_id, TRACK_ID);
  fail_unless_equals_float(face->confidence, CONFIDENCE);
  fail_unless_equals_float(face->quality.sharpness, full->quality.sharpness);
  fail_unless_equals_float(face->quality.roll, full->quality.roll);
  fail_unless_equals_float(face->quality.yaw, full->quality.yaw);
  fail_unless(isnan(face->quality.pitch));
  fail_unless_equals_int(gst_face_meta_get_landmark_scheme(face), GST_FACE_LANDMARK_SCHEME_FIVE);
  fail_unless_equals_string(gst_face_meta_get_template_name(face), TEMPLATE_NAME);
  gst_face_meta_get_aligned_size(face, &width, &height);
  fail_unless_equals_int(width, ALIGNED_WIDTH);
  fail_unless_equals_int(height, ALIGNED_HEIGHT);
  fail_unless(gst_face_meta_get_embedding(face) == full->embedding);
  fail_unless(gst_face_meta_get_identity(face) == full->identity);
}

static void assert_near(gdouble value, gdouble expected) {
  fail_unless(fabs(value - expected) < 1e-3, "%g is not %g", value, expected);
}

static GstFacePoint align(const gfloat* m, GstFacePoint p) {
  GstFacePoint aligned = {m[0] * p.x + m[1] * p.y + m[2], m[3] * p.x + m[4] * p.y + m[5]};

  return aligned;
}

void assert_face_scaled(const GstFaceMeta* face, const FullFace* full, guint id, gdouble x,
                        gdouble y) {
  const GstFacePoint* points;
  guint n_points;

  assert_face_kept(face, full, id);
  assert_near(face->box.x, full->box.x * x);
  assert_near(face->box.y, full->box.y * y);
  assert_near(face->box.width, full->box.width * x);
  assert_near(face->box.height, full->box.height * y);

  points = gst_face_meta_get_landmarks(face, &n_points);
  fail_unless_equals_int(n_points, 5);
  for (guint i = 0; i < n_points; i++) {
    GstFacePoint before = align(full->transform, full->landmarks[i]);
    GstFacePoint after = align(gst_face_meta_get_transform(face), points[i]);

    assert_near(points[i].x, full->landmarks[i].x * x);
    assert_near(points[i].y, full->landmarks[i].y * y);
    assert_near(after.x, before.x);
    assert_near(after.y, before.y);
  }

  /* The fixture's size is the distance between its eyes. */
  assert_near(face->quality.size / full->quality.size,
              hypot(points[1].x - points[0].x, points[1].y - points[0].y) /
                  hypot(landmarks[1].x - landmarks[0].x, landmarks[1].y - landmarks[0].y));
}

void assert_face_equal(const GstFaceMeta* face, const FullFace* full, guint id) {
  assert_face_kept(face, full, id);
  fail_unless(memcmp(&face->box, &full->box, sizeof full->box) == 0);
  fail_unless(memcmp(gst_face_meta_get_landmarks(face, NULL), full->landmarks,
                     sizeof full->landmarks) == 0);
  fail_unless(memcmp(gst_face_meta_get_transform(face), full->transform, sizeof full->transform) ==
              0);
  fail_unless(face->quality.size == full->quality.size);
}

GstVideoRegionOfInterestMeta* find_face_roi(GstBuffer* buffer, guint id) {
  GstVideoRegionOfInterestMeta* roi =
      gst_buffer_get_video_region_of_interest_meta_id(buffer, (gint)id);

  if (roi != NULL) fail_unless_equals_string(g_quark_to_string(roi->roi_type), "face");
  return roi;
}
