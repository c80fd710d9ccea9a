/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstfaceidentity
 * @title: GstFaceIdentity
 * @short_description: Whom a face was matched with
 *
 * An identity tells about the nearest person of a gallery, also where that person was not accepted:
 * look at gst_face_identity_is_accepted() before the name is used.
 *
 * |[<!-- language="C" -->
 * GstFaceIdentityBuilder* builder = gst_face_identity_builder_new();
 * g_autoptr(GstFaceIdentity) identity = NULL;
 *
 * gst_face_identity_builder_set_person(builder, "Ada", 1);
 * gst_face_identity_builder_set_distance(builder, GST_FACE_METRIC_COSINE, 0.21);
 * gst_face_identity_builder_set_decision(builder, 0.4, TRUE);
 * gst_face_identity_builder_set_runner_up(builder, "Grace", 0.83);
 * identity = gst_face_identity_builder_end(builder);
 * gst_face_meta_set_identity(face, identity);
 * ]|
 */

#include <gst/face/gstfaceidentity.h>
#include <math.h>

typedef struct {
  gchar* name;
  gint64 person_id;
  GstFaceMetric metric;
  gdouble distance;
  gdouble threshold;
  gboolean accepted;
  gchar* runner_up_name;
  gdouble runner_up_distance;
  gdouble false_accept_rate;
  gdouble false_name_rate;
  GstFaceVerdict verdict;
  GstFaceReason reason;
  guint shots;
  gchar* label;
} Match;

struct _GstFaceIdentity {
  GstMiniObject mini_object;

  Match match;
};

struct _GstFaceIdentityBuilder {
  Match match;
  gboolean has_verdict;
};

static GstFaceIdentityBuilder* gst_face_identity_builder_copy(
    const GstFaceIdentityBuilder* builder) {
  GstFaceIdentityBuilder* copy = g_new(GstFaceIdentityBuilder, 1);

  *copy = *builder;
  copy->match.name = g_strdup(builder->match.name);
  copy->match.runner_up_name = g_strdup(builder->match.runner_up_name);
  copy->match.label = g_strdup(builder->match.label);
  return copy;
}

GST_DEFINE_MINI_OBJECT_TYPE(GstFaceIdentity, gst_face_identity)

G_DEFINE_BOXED_TYPE(GstFaceIdentityBuilder, gst_face_identity_builder,
                    gst_face_identity_builder_copy, gst_face_identity_builder_free)

static void match_clear(Match* match) {
  g_free(match->name);
  g_free(match->runner_up_name);
  g_free(match->label);
}

/**
 * gst_face_identity_builder_new:
 *
 * Begins an identity that names nobody: no name, %GST_FACE_PERSON_NONE, not accepted, distances,
 * threshold and rates NAN, %GST_FACE_METRIC_COSINE.
 *
 * Returns: (transfer full): a new builder. Spend it with gst_face_identity_builder_end(), or free
 *   it with gst_face_identity_builder_free().
 *
 * Since: 0.1
 */
GstFaceIdentityBuilder* gst_face_identity_builder_new(void) {
  GstFaceIdentityBuilder* builder = g_new0(GstFaceIdentityBuilder, 1);

  builder->match.person_id = GST_FACE_PERSON_NONE;
  builder->match.metric = GST_FACE_METRIC_COSINE;
  builder->match.distance = NAN;
  builder->match.threshold = NAN;
  builder->match.runner_up_distance = NAN;
  builder->match.false_accept_rate = NAN;
  builder->match.false_name_rate = NAN;
  return builder;
}

/**
 * gst_face_identity_builder_set_person:
 * @builder: a builder
 * @name: name of the nearest person; bytes that are no UTF-8 become U+FFFD
 * @person_id: id of that person in the gallery
 *
 * Sets the nearest person of the gallery. Leave it out where the gallery is empty.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_person(GstFaceIdentityBuilder* builder, const gchar* name,
                                          gint64 person_id) {
  g_return_if_fail(builder != NULL);
  g_return_if_fail(name != NULL);

  g_free(builder->match.name);
  builder->match.name = g_utf8_make_valid(name, -1);
  builder->match.person_id = person_id;
}

/**
 * gst_face_identity_builder_set_distance:
 * @builder: a builder
 * @metric: how the distance is measured; the threshold and the runner-up's distance are measured
 *   likewise
 * @distance: from the face's embedding to the nearest person, 0 and up
 *
 * Sets how far the nearest person is.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_distance(GstFaceIdentityBuilder* builder, GstFaceMetric metric,
                                            gdouble distance) {
  g_return_if_fail(builder != NULL);

  builder->match.metric = metric;
  builder->match.distance = distance;
}

/**
 * gst_face_identity_builder_set_decision:
 * @builder: a builder
 * @threshold: the greatest distance at which a person may be accepted
 * @accepted: whether the face is taken to be the nearest person
 *
 * Sets the decision. An element may refuse a person that is near enough, because the runner-up is
 * almost as near or because other frames of the track say otherwise.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_decision(GstFaceIdentityBuilder* builder, gdouble threshold,
                                            gboolean accepted) {
  g_return_if_fail(builder != NULL);

  builder->match.threshold = threshold;
  builder->match.accepted = accepted;
}

/**
 * gst_face_identity_builder_set_runner_up:
 * @builder: a builder
 * @name: name of the second nearest person; bytes that are no UTF-8 become U+FFFD
 * @distance: from the face's embedding to that person, 0 and up
 *
 * Sets the second nearest person of the gallery. Leave it out where there is none.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_runner_up(GstFaceIdentityBuilder* builder, const gchar* name,
                                             gdouble distance) {
  g_return_if_fail(builder != NULL);
  g_return_if_fail(name != NULL);

  g_free(builder->match.runner_up_name);
  builder->match.runner_up_name = g_utf8_make_valid(name, -1);
  builder->match.runner_up_distance = distance;
}

/**
 * gst_face_identity_builder_set_false_accept_rate:
 * @builder: a builder
 * @rate: how often a stranger, compared with one other face, comes as near as this face, estimated,
 *   0 to 1
 *
 * Sets the estimate of one comparison. Leave it out where it is not known how near strangers come.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_false_accept_rate(GstFaceIdentityBuilder* builder,
                                                     gdouble rate) {
  g_return_if_fail(builder != NULL);

  builder->match.false_accept_rate = rate;
}

/**
 * gst_face_identity_builder_set_false_name_rate:
 * @builder: a builder
 * @rate: how often a stranger comes as near as this face to anybody of the gallery, estimated, 0 to
 * 1
 *
 * Sets the estimate of the whole gallery, which grows with the number of people in it. Leave it out
 * where it is not known how near strangers come.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_false_name_rate(GstFaceIdentityBuilder* builder, gdouble rate) {
  g_return_if_fail(builder != NULL);

  builder->match.false_name_rate = rate;
}

/**
 * gst_face_identity_builder_set_verdict:
 * @builder: a builder
 * @verdict: what was decided of the face's track
 * @reason: why it is undecided, else %GST_FACE_REASON_NONE
 * @shots: of how many views of the face's track embeddings were compared
 *
 * Sets what was decided over a track. Left out, it is what gst_face_identity_is_accepted() says, of
 * one view.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_verdict(GstFaceIdentityBuilder* builder, GstFaceVerdict verdict,
                                           GstFaceReason reason, guint shots) {
  g_return_if_fail(builder != NULL);

  builder->has_verdict = TRUE;
  builder->match.verdict = verdict;
  builder->match.reason = reason;
  builder->match.shots = shots;
}

/**
 * gst_face_identity_builder_set_label:
 * @builder: a builder
 * @label: (nullable): what to call the face; bytes that are no UTF-8 become U+FFFD
 *
 * Sets what to call a face whose person is not in the gallery, "unknown-17" for instance. Left out,
 * it is the name of a person who was accepted.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_set_label(GstFaceIdentityBuilder* builder, const gchar* label) {
  g_return_if_fail(builder != NULL);

  g_free(builder->match.label);
  builder->match.label = label != NULL ? g_utf8_make_valid(label, -1) : NULL;
}

static void gst_face_identity_free(GstMiniObject* mini_object) {
  GstFaceIdentity* identity = (GstFaceIdentity*)mini_object;

  match_clear(&identity->match);
  g_free(identity);
}

/**
 * gst_face_identity_builder_end:
 * @builder: (transfer full): a builder, which is freed
 *
 * Makes an identity of what was collected. An identity that names nobody is never accepted.
 *
 * Returns: (transfer full): a new identity. Free with gst_face_identity_unref().
 *
 * Since: 0.1
 */
GstFaceIdentity* gst_face_identity_builder_end(GstFaceIdentityBuilder* builder) {
  GstFaceIdentity* identity;

  g_return_val_if_fail(builder != NULL, NULL);

  identity = g_new(GstFaceIdentity, 1);
  gst_mini_object_init(GST_MINI_OBJECT_CAST(identity), 0, gst_face_identity_get_type(), NULL, NULL,
                       gst_face_identity_free);
  identity->match = builder->match;
  if (identity->match.name == NULL) identity->match.accepted = FALSE;
  if (!builder->has_verdict) {
    identity->match.verdict =
        identity->match.accepted ? GST_FACE_VERDICT_RECOGNISED : GST_FACE_VERDICT_UNKNOWN;
    identity->match.shots = 1;
  }
  if (identity->match.label == NULL && identity->match.accepted) {
    identity->match.label = g_strdup(identity->match.name);
  }
  g_free(builder);
  return identity;
}

/**
 * gst_face_identity_builder_free: (skip)
 * @builder: (transfer full): a builder
 *
 * Frees a builder of which no identity was made.
 *
 * Since: 0.1
 */
void gst_face_identity_builder_free(GstFaceIdentityBuilder* builder) {
  g_return_if_fail(builder != NULL);

  match_clear(&builder->match);
  g_free(builder);
}

/**
 * gst_face_identity_ref: (skip)
 * @identity: an identity
 *
 * Takes a reference.
 *
 * Returns: (transfer full): @identity
 *
 * Since: 0.1
 */
GstFaceIdentity* gst_face_identity_ref(GstFaceIdentity* identity) {
  return (GstFaceIdentity*)gst_mini_object_ref(GST_MINI_OBJECT_CAST(identity));
}

/**
 * gst_face_identity_unref: (skip)
 * @identity: (transfer full): an identity
 *
 * Gives a reference back. With the last one the identity is freed.
 *
 * Since: 0.1
 */
void gst_face_identity_unref(GstFaceIdentity* identity) {
  gst_mini_object_unref(GST_MINI_OBJECT_CAST(identity));
}

/**
 * gst_face_identity_get_name:
 * @identity: an identity
 *
 * Returns: (transfer none) (nullable): the name of the nearest person, accepted or not, or %NULL
 *   where the gallery was empty
 *
 * Since: 0.1
 */
const gchar* gst_face_identity_get_name(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NULL);

  return identity->match.name;
}

/**
 * gst_face_identity_get_person_id:
 * @identity: an identity
 *
 * Returns: the gallery's id of the nearest person, or %GST_FACE_PERSON_NONE where the gallery was
 *   empty
 *
 * Since: 0.1
 */
gint64 gst_face_identity_get_person_id(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, GST_FACE_PERSON_NONE);

  return identity->match.person_id;
}

/**
 * gst_face_identity_get_metric:
 * @identity: an identity
 *
 * Returns: how distances and the threshold are measured
 *
 * Since: 0.1
 */
GstFaceMetric gst_face_identity_get_metric(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, GST_FACE_METRIC_COSINE);

  return identity->match.metric;
}

/**
 * gst_face_identity_get_distance:
 * @identity: an identity
 *
 * Returns: the distance of the nearest person, 0 and up, or NAN where the gallery was empty
 *
 * Since: 0.1
 */
gdouble gst_face_identity_get_distance(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NAN);

  return identity->match.distance;
}

/**
 * gst_face_identity_get_threshold:
 * @identity: an identity
 *
 * Returns: the greatest distance at which a person may be accepted, or NAN where none was set
 *
 * Since: 0.1
 */
gdouble gst_face_identity_get_threshold(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NAN);

  return identity->match.threshold;
}

/**
 * gst_face_identity_is_accepted:
 * @identity: an identity
 *
 * Returns: whether the face is taken to be the nearest person
 *
 * Since: 0.1
 */
gboolean gst_face_identity_is_accepted(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, FALSE);

  return identity->match.accepted;
}

/**
 * gst_face_identity_get_runner_up_name:
 * @identity: an identity
 *
 * Returns: (transfer none) (nullable): the name of the second nearest person, or %NULL where there
 *   is none
 *
 * Since: 0.1
 */
const gchar* gst_face_identity_get_runner_up_name(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NULL);

  return identity->match.runner_up_name;
}

/**
 * gst_face_identity_get_runner_up_distance:
 * @identity: an identity
 *
 * Returns: the distance of the second nearest person, 0 and up, or NAN where there is none
 *
 * Since: 0.1
 */
gdouble gst_face_identity_get_runner_up_distance(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NAN);

  return identity->match.runner_up_distance;
}

/**
 * gst_face_identity_get_false_accept_rate:
 * @identity: an identity
 *
 * Returns: how often a stranger, compared with one other face, comes as near as this face,
 *   estimated, 0 to 1, or NAN where it is not known how near strangers come
 *
 * Since: 0.1
 */
gdouble gst_face_identity_get_false_accept_rate(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NAN);

  return identity->match.false_accept_rate;
}

/**
 * gst_face_identity_get_false_name_rate:
 * @identity: an identity
 *
 * A face whose rate is at most the one that was asked for is accepted.
 *
 * Returns: how often a stranger comes as near as this face to anybody of the gallery, estimated,
 *   0 to 1, or NAN where it is not known how near strangers come
 *
 * Since: 0.1
 */
gdouble gst_face_identity_get_false_name_rate(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NAN);

  return identity->match.false_name_rate;
}

/**
 * gst_face_identity_get_verdict:
 * @identity: an identity
 *
 * Returns: what was decided of the face, by all that was seen of its track
 *
 * Since: 0.1
 */
GstFaceVerdict gst_face_identity_get_verdict(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, GST_FACE_VERDICT_UNDECIDED);

  return identity->match.verdict;
}

/**
 * gst_face_identity_get_reason:
 * @identity: an identity
 *
 * Returns: why the face is undecided, or %GST_FACE_REASON_NONE
 *
 * Since: 0.1
 */
GstFaceReason gst_face_identity_get_reason(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, GST_FACE_REASON_NONE);

  return identity->match.reason;
}

/**
 * gst_face_identity_get_shots:
 * @identity: an identity
 *
 * Returns: of how many views of the face's track embeddings were compared
 *
 * Since: 0.1
 */
guint gst_face_identity_get_shots(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, 0);

  return identity->match.shots;
}

/**
 * gst_face_identity_get_label:
 * @identity: an identity
 *
 * Returns: (transfer none) (nullable): what to call the face: the name of a person who was
 *   accepted, "unknown-17" for the 17th stranger of the stream, or %NULL where nothing is decided
 *
 * Since: 0.1
 */
const gchar* gst_face_identity_get_label(const GstFaceIdentity* identity) {
  g_return_val_if_fail(identity != NULL, NULL);

  return identity->match.label;
}
