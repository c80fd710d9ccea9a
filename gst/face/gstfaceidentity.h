/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_IDENTITY_H__
#define __GST_FACE_IDENTITY_H__

#include <gst/face/face-prelude.h>

G_BEGIN_DECLS

/**
 * GST_TYPE_FACE_IDENTITY:
 *
 * The #GType of #GstFaceIdentity, a boxed type.
 */
#define GST_TYPE_FACE_IDENTITY (gst_face_identity_get_type())

/**
 * GST_TYPE_FACE_IDENTITY_BUILDER:
 *
 * The #GType of #GstFaceIdentityBuilder, a boxed type.
 */
#define GST_TYPE_FACE_IDENTITY_BUILDER (gst_face_identity_builder_get_type())

/**
 * GST_FACE_PERSON_NONE:
 *
 * The person id of an identity that names nobody.
 */
#define GST_FACE_PERSON_NONE (-1)

/**
 * GstFaceMetric:
 * @GST_FACE_METRIC_COSINE: one minus the cosine of the angle between two embeddings, 0 to 2
 * @GST_FACE_METRIC_EUCLIDEAN: length of the difference of two embeddings as they are, 0 and up
 * @GST_FACE_METRIC_EUCLIDEAN_L2: length of the difference of two embeddings that were first scaled
 *   to unit length, 0 to 2
 *
 * How the distance between two embeddings is measured. Under each, 0 is the nearest.
 */
typedef enum {
  GST_FACE_METRIC_COSINE,
  GST_FACE_METRIC_EUCLIDEAN,
  GST_FACE_METRIC_EUCLIDEAN_L2,
} GstFaceMetric;

/**
 * GstFaceVerdict:
 * @GST_FACE_VERDICT_UNDECIDED: nothing can be said yet, or no more; the reason tells why
 * @GST_FACE_VERDICT_UNKNOWN: nobody of the gallery
 * @GST_FACE_VERDICT_RECOGNISED: the nearest person of the gallery
 *
 * What was decided of a face, by all that was seen of its track.
 */
typedef enum {
  GST_FACE_VERDICT_UNDECIDED,
  GST_FACE_VERDICT_UNKNOWN,
  GST_FACE_VERDICT_RECOGNISED,
} GstFaceVerdict;

/**
 * GstFaceReason:
 * @GST_FACE_REASON_NONE: it is decided
 * @GST_FACE_REASON_NO_SHOT: no embedding was made of the track yet
 * @GST_FACE_REASON_TOO_SMALL: even in the best view the face is too small,
 * @GST_FACE_REASON_BLURRED: not sharp enough,
 * @GST_FACE_REASON_TURNED_AWAY: seen from the side,
 * @GST_FACE_REASON_DARK: too dark,
 * @GST_FACE_REASON_CUT: cut by the frame's edge
 * @GST_FACE_REASON_FEW_SHOTS: more views are needed
 * @GST_FACE_REASON_BETWEEN_TWO: it looks like two people of the gallery
 * @GST_FACE_REASON_NAME_TAKEN: another face of the frame is rather the person
 * @GST_FACE_REASON_SEARCHING: the gallery's server is asked, or does not answer
 *
 * Why a face is %GST_FACE_VERDICT_UNDECIDED.
 */
typedef enum {
  GST_FACE_REASON_NONE,
  GST_FACE_REASON_NO_SHOT,
  GST_FACE_REASON_TOO_SMALL,
  GST_FACE_REASON_BLURRED,
  GST_FACE_REASON_TURNED_AWAY,
  GST_FACE_REASON_DARK,
  GST_FACE_REASON_CUT,
  GST_FACE_REASON_FEW_SHOTS,
  GST_FACE_REASON_BETWEEN_TWO,
  GST_FACE_REASON_NAME_TAKEN,
  GST_FACE_REASON_SEARCHING,
} GstFaceReason;

/**
 * GstFaceIdentity:
 *
 * Whom a face was matched with in a gallery, and how surely. Opaque, reference counted and
 * immutable, so it may be shared between buffers and read from any thread. Made with a
 * #GstFaceIdentityBuilder.
 */
typedef struct _GstFaceIdentity GstFaceIdentity;

/**
 * GstFaceIdentityBuilder:
 *
 * Collects what a #GstFaceIdentity is made of. Opaque, used from one thread, and spent by
 * gst_face_identity_builder_end().
 */
typedef struct _GstFaceIdentityBuilder GstFaceIdentityBuilder;

GST_FACE_API GType gst_face_identity_builder_get_type(void);

GST_FACE_API GstFaceIdentityBuilder* gst_face_identity_builder_new(void);

GST_FACE_API void gst_face_identity_builder_set_person(GstFaceIdentityBuilder* builder,
                                                       const gchar* name, gint64 person_id);

GST_FACE_API void gst_face_identity_builder_set_distance(GstFaceIdentityBuilder* builder,
                                                         GstFaceMetric metric, gdouble distance);

GST_FACE_API void gst_face_identity_builder_set_decision(GstFaceIdentityBuilder* builder,
                                                         gdouble threshold, gboolean accepted);

GST_FACE_API void gst_face_identity_builder_set_runner_up(GstFaceIdentityBuilder* builder,
                                                          const gchar* name, gdouble distance);

GST_FACE_API void gst_face_identity_builder_set_false_accept_rate(GstFaceIdentityBuilder* builder,
                                                                  gdouble rate);

GST_FACE_API void gst_face_identity_builder_set_false_name_rate(GstFaceIdentityBuilder* builder,
                                                                gdouble rate);

GST_FACE_API void gst_face_identity_builder_set_verdict(GstFaceIdentityBuilder* builder,
                                                        GstFaceVerdict verdict,
                                                        GstFaceReason reason, guint shots);

GST_FACE_API void gst_face_identity_builder_set_label(GstFaceIdentityBuilder* builder,
                                                      const gchar* label);

GST_FACE_API GstFaceIdentity* gst_face_identity_builder_end(GstFaceIdentityBuilder* builder);

GST_FACE_API void gst_face_identity_builder_free(GstFaceIdentityBuilder* builder);

GST_FACE_API GType gst_face_identity_get_type(void);

GST_FACE_API GstFaceIdentity* gst_face_identity_ref(GstFaceIdentity* identity);

GST_FACE_API void gst_face_identity_unref(GstFaceIdentity* identity);

GST_FACE_API const gchar* gst_face_identity_get_name(const GstFaceIdentity* identity);

GST_FACE_API gint64 gst_face_identity_get_person_id(const GstFaceIdentity* identity);

GST_FACE_API GstFaceMetric gst_face_identity_get_metric(const GstFaceIdentity* identity);

GST_FACE_API gdouble gst_face_identity_get_distance(const GstFaceIdentity* identity);

GST_FACE_API gdouble gst_face_identity_get_threshold(const GstFaceIdentity* identity);

GST_FACE_API gboolean gst_face_identity_is_accepted(const GstFaceIdentity* identity);

GST_FACE_API const gchar* gst_face_identity_get_runner_up_name(const GstFaceIdentity* identity);

GST_FACE_API gdouble gst_face_identity_get_runner_up_distance(const GstFaceIdentity* identity);

GST_FACE_API gdouble gst_face_identity_get_false_accept_rate(const GstFaceIdentity* identity);

GST_FACE_API gdouble gst_face_identity_get_false_name_rate(const GstFaceIdentity* identity);

GST_FACE_API GstFaceVerdict gst_face_identity_get_verdict(const GstFaceIdentity* identity);

GST_FACE_API GstFaceReason gst_face_identity_get_reason(const GstFaceIdentity* identity);

GST_FACE_API guint gst_face_identity_get_shots(const GstFaceIdentity* identity);

GST_FACE_API const gchar* gst_face_identity_get_label(const GstFaceIdentity* identity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFaceIdentity, gst_face_identity_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GstFaceIdentityBuilder, gst_face_identity_builder_free)

G_END_DECLS

#endif /* __GST_FACE_IDENTITY_H__ */
