// SPDX-License-Identifier: LGPL-2.1-or-later

#ifndef FACE_META_FIXTURE_H
#define FACE_META_FIXTURE_H

#include <gst/check/gstcheck.h>
#include <gst/face/face.h>
#include <gst/video/video.h>

/* A face of which every field is set, to numbers that are not round in binary. */
typedef struct {
  GstFaceBox box;
  GstFacePoint landmarks[5];
  gfloat transform[6];
  GstFaceQuality quality;
  GstFaceEmbedding* embedding;
  GstFaceIdentity* identity;
} FullFace;

void full_face_init(FullFace* full);
void full_face_clear(FullFace* full);

GstFaceMeta* full_face_add(const FullFace* full, GstBuffer* buffer, guint id);

/* Fails unless face is full, seen in a frame that was scaled by x and y. */
void assert_face_scaled(const GstFaceMeta* face, const FullFace* full, guint id, gdouble x,
                        gdouble y);

/* Fails unless face is full, bit by bit. */
void assert_face_equal(const GstFaceMeta* face, const FullFace* full, guint id);

/* The region of interest that mirrors the face of that id, or NULL. */
GstVideoRegionOfInterestMeta* find_face_roi(GstBuffer* buffer, guint id);

/* Fails unless the expression makes the library log a critical warning. */
#define assert_critical(expression)                                               \
  do {                                                                            \
    g_test_expect_message("GStreamer-Face", G_LOG_LEVEL_CRITICAL, "*assertion*"); \
    (void)(expression);                                                           \
    g_test_assert_expected_messages();                                            \
  } while (0)

#endif
