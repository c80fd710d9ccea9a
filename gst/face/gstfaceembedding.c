/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstfaceembedding
 * @title: GstFaceEmbedding
 * @short_description: The vector that a recognition model makes of a face
 *
 * Embeddings may be compared with each other only where their fingerprints are equal.
 *
 * |[<!-- language="C" -->
 * gfloat values[128];
 * g_autoptr(GstFaceEmbedding) embedding = NULL;
 *
 * run_the_model(values);
 * embedding = gst_face_embedding_new("mobilefacenet", fingerprint, values, G_N_ELEMENTS(values));
 * if (embedding == NULL)
 *   return;
 * gst_face_meta_set_embedding(face, embedding);
 * ]|
 */

#include <gst/face/gstfaceembedding.h>
#include <math.h>

/* Rounding a vector of floats to unit length leaves its length within this of 1. */
#define UNIT_LENGTH_TOLERANCE 1e-3

struct _GstFaceEmbedding {
  GstMiniObject mini_object;

  gchar* model;
  gchar* fingerprint;
  gboolean unit_length;
  gsize dimension;
  gfloat values[];
};

GST_DEFINE_MINI_OBJECT_TYPE(GstFaceEmbedding, gst_face_embedding)

static void gst_face_embedding_free(GstMiniObject* mini_object) {
  GstFaceEmbedding* embedding = (GstFaceEmbedding*)mini_object;

  g_free(embedding->model);
  g_free(embedding->fingerprint);
  g_free(embedding);
}

/**
 * gst_face_embedding_new:
 * @model: name of the model, for people
 * @fingerprint: what identifies the network together with its preprocessing; embeddings of equal
 *   fingerprint, and only these, may be compared
 * @values: (array length=dimension): the vector; it is copied
 * @dimension: number of values, at least 1
 *
 * Makes an embedding. Whether it has unit length is found out from the values. Bytes of the texts
 * that are no UTF-8 become U+FFFD.
 *
 * Returns: (transfer full) (nullable): a new embedding, or %NULL where a value is not finite. Free
 *   with gst_face_embedding_unref().
 *
 * Since: 0.1
 */
GstFaceEmbedding* gst_face_embedding_new(const gchar* model, const gchar* fingerprint,
                                         const gfloat* values, gsize dimension) {
  GstFaceEmbedding* embedding;
  gdouble sum = 0;
  gsize i;

  g_return_val_if_fail(model != NULL, NULL);
  g_return_val_if_fail(fingerprint != NULL, NULL);
  g_return_val_if_fail(values != NULL, NULL);
  g_return_val_if_fail(dimension > 0, NULL);
  g_return_val_if_fail(dimension <= (G_MAXSIZE - sizeof *embedding) / sizeof *values, NULL);

  for (i = 0; i < dimension; i++) {
    if (!isfinite(values[i])) return NULL;
    sum += (gdouble)values[i] * values[i];
  }

  embedding = g_malloc(sizeof *embedding + dimension * sizeof *values);
  gst_mini_object_init(GST_MINI_OBJECT_CAST(embedding), 0, gst_face_embedding_get_type(), NULL,
                       NULL, gst_face_embedding_free);
  embedding->model = g_utf8_make_valid(model, -1);
  embedding->fingerprint = g_utf8_make_valid(fingerprint, -1);
  embedding->unit_length = fabs(sqrt(sum) - 1) <= UNIT_LENGTH_TOLERANCE;
  embedding->dimension = dimension;
  for (i = 0; i < dimension; i++) embedding->values[i] = values[i];

  return embedding;
}

/**
 * gst_face_embedding_ref: (skip)
 * @embedding: an embedding
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @embedding
 *
 * Since: 0.1
 */
GstFaceEmbedding* gst_face_embedding_ref(GstFaceEmbedding* embedding) {
  return (GstFaceEmbedding*)gst_mini_object_ref(GST_MINI_OBJECT_CAST(embedding));
}

/**
 * gst_face_embedding_unref: (skip)
 * @embedding: (transfer full): an embedding
 *
 * Gives a reference back. With the last one the embedding is freed.
 *
 * Since: 0.1
 */
void gst_face_embedding_unref(GstFaceEmbedding* embedding) {
  gst_mini_object_unref(GST_MINI_OBJECT_CAST(embedding));
}

/**
 * gst_face_embedding_get_model:
 * @embedding: an embedding
 *
 * Returns: (transfer none): the name of the model, for people
 *
 * Since: 0.1
 */
const gchar* gst_face_embedding_get_model(const GstFaceEmbedding* embedding) {
  g_return_val_if_fail(embedding != NULL, NULL);

  return embedding->model;
}

/**
 * gst_face_embedding_get_fingerprint:
 * @embedding: an embedding
 *
 * Returns: (transfer none): what identifies the network together with its preprocessing;
 *   embeddings of equal fingerprint, and only these, may be compared
 *
 * Since: 0.1
 */
const gchar* gst_face_embedding_get_fingerprint(const GstFaceEmbedding* embedding) {
  g_return_val_if_fail(embedding != NULL, NULL);

  return embedding->fingerprint;
}

/**
 * gst_face_embedding_get_values:
 * @embedding: an embedding
 * @dimension: (out) (optional): where to put the number of values
 *
 * Returns: (transfer none) (array length=dimension): the vector; it lives as long as @embedding
 *
 * Since: 0.1
 */
const gfloat* gst_face_embedding_get_values(const GstFaceEmbedding* embedding, gsize* dimension) {
  g_return_val_if_fail(embedding != NULL, NULL);

  if (dimension != NULL) *dimension = embedding->dimension;
  return embedding->values;
}

/**
 * gst_face_embedding_get_dimension:
 * @embedding: an embedding
 *
 * Returns: the number of values, at least 1
 *
 * Since: 0.1
 */
gsize gst_face_embedding_get_dimension(const GstFaceEmbedding* embedding) {
  g_return_val_if_fail(embedding != NULL, 0);

  return embedding->dimension;
}

/**
 * gst_face_embedding_is_unit_length:
 * @embedding: an embedding
 *
 * Returns: whether the length of the vector is 1, to within 0.001
 *
 * Since: 0.1
 */
gboolean gst_face_embedding_is_unit_length(const GstFaceEmbedding* embedding) {
  g_return_val_if_fail(embedding != NULL, FALSE);

  return embedding->unit_length;
}
