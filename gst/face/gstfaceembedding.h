/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_EMBEDDING_H__
#define __GST_FACE_EMBEDDING_H__

#include <gst/face/face-prelude.h>

G_BEGIN_DECLS

/**
 * GST_TYPE_FACE_EMBEDDING:
 *
 * The #GType of #GstFaceEmbedding, a boxed type.
 */
#define GST_TYPE_FACE_EMBEDDING (gst_face_embedding_get_type())

/**
 * GstFaceEmbedding:
 *
 * The embedding of one face: the vector of floats that a recognition model makes of an aligned
 * face. Opaque, reference counted and immutable, so it may be shared between buffers and read from
 * any thread.
 */
typedef struct _GstFaceEmbedding GstFaceEmbedding;

GST_FACE_API GType gst_face_embedding_get_type(void);

GST_FACE_API GstFaceEmbedding* gst_face_embedding_new(const gchar* model, const gchar* fingerprint,
                                                      const gfloat* values, gsize dimension);

GST_FACE_API GstFaceEmbedding* gst_face_embedding_ref(GstFaceEmbedding* embedding);

GST_FACE_API void gst_face_embedding_unref(GstFaceEmbedding* embedding);

GST_FACE_API const gchar* gst_face_embedding_get_model(const GstFaceEmbedding* embedding);

GST_FACE_API const gchar* gst_face_embedding_get_fingerprint(const GstFaceEmbedding* embedding);

GST_FACE_API const gfloat* gst_face_embedding_get_values(const GstFaceEmbedding* embedding,
                                                         gsize* dimension);

GST_FACE_API gsize gst_face_embedding_get_dimension(const GstFaceEmbedding* embedding);

GST_FACE_API gboolean gst_face_embedding_is_unit_length(const GstFaceEmbedding* embedding);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFaceEmbedding, gst_face_embedding_unref)

G_END_DECLS

#endif /* __GST_FACE_EMBEDDING_H__ */
