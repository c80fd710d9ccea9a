/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstfacemeta
 * @title: GstFaceMeta
 * @short_description: The faces of a video frame
 *
 * A buffer carries one #GstFaceMeta for each face in its frame. Elements add to it as the buffer
 * passes: a detector the box, the confidence and the landmarks, an aligner the transform and the
 * quality, and so on up to the identity. An application reads the faces in a pad probe or from an
 * appsink:
 *
 * |[<!-- language="C" -->
 * #include <gst/face/face.h>
 *
 * static GstPadProbeReturn print_faces(GstPad* pad, GstPadProbeInfo* info, gpointer user_data) {
 *   GstBuffer* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
 *   gpointer state = NULL;
 *   GstFaceMeta* face;
 *
 *   while ((face = gst_buffer_iterate_face_metas(buffer, &state))) {
 *     GstFaceIdentity* identity = gst_face_meta_get_identity(face);
 *
 *     g_print("face %u at %.0f,%.0f: %s\n", face->id, face->box.x, face->box.y,
 *             identity && gst_face_identity_is_accepted(identity)
 *                 ? gst_face_identity_get_name(identity)
 *                 : "unknown");
 *   }
 *   return GST_PAD_PROBE_OK;
 * }
 * ]|
 *
 * The meta has the tags "video", "size" and "orientation". It travels through elements that copy
 * frames or share them. Where an element scales the frame, everything that is measured in pixels of
 * the frame is scaled with it, and the transform to the aligned face is corrected. Elements that
 * change the frame in another way, such as videocrop and videoflip, leave the faces behind, because
 * their coordinates would be wrong. That is also so where a scaler changes the frame's display
 * aspect ratio: it may have added borders, which a meta is not told of. Let such elements come
 * before the face detector.
 *
 * Each face is mirrored by a #GstVideoRegionOfInterestMeta of type %GST_FACE_ROI_TYPE and the same
 * id, for encoders and other elements that know nothing of faces. Its rectangle is the smallest of
 * whole pixels that holds the face's box. Elements carry the two metas independently of each
 * other.
 *
 * A face may be changed from one thread only, while its buffer is writable, and read from several
 * threads when it is not.
 */

#include <gst/face/gstfacemeta.h>
#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC(gst_face_meta_debug);
#define GST_CAT_DEFAULT gst_face_meta_debug

#define TRANSFORM_LENGTH 6

typedef struct {
  GstFaceMeta face;

  GstClockTime first_seen;
  GstClockTime last_seen;
  gboolean predicted;
  gboolean cut;

  GstFaceLandmarkScheme scheme;
  GstFacePoint* points;

  gchar* template_name; /* NULL where there is no alignment */
  gfloat transform[TRANSFORM_LENGTH];
  guint aligned_width;
  guint aligned_height;
  gboolean masked;

  GstFaceEmbedding* embedding;
  GstClockTime embedding_age;
  GstFaceIdentity* identity;
} FaceMeta;

static gboolean all_finite(const gfloat* values, gsize n) {
  for (gsize i = 0; i < n; i++) {
    if (!isfinite(values[i])) return FALSE;
  }
  return TRUE;
}

static gboolean box_is_valid(const GstFaceBox* box) {
  return isfinite(box->x) && isfinite(box->y) && isfinite(box->width) && isfinite(box->height) &&
         box->width > 0 && box->height > 0;
}

static gboolean points_are_valid(const GstFacePoint* points, GstFaceLandmarkScheme scheme) {
  for (guint i = 0; i < gst_face_landmark_scheme_get_n_points(scheme); i++) {
    if (!isfinite(points[i].x) || !isfinite(points[i].y)) return FALSE;
  }
  return TRUE;
}

static gboolean confidence_is_valid(gfloat confidence) {
  return confidence >= 0 && confidence <= 1;
}

/* The region of interest that mirrors a face */

static GQuark roi_type(void) {
  return g_quark_from_static_string(GST_FACE_ROI_TYPE);
}

/* Whole pixels from begin to begin + length that lie right of or below the frame's origin. The end
 * is taken in the precision that both have: what a rounded length reaches beyond is no pixel. */
static void cover_pixels(gfloat begin, gfloat length, guint* first, guint* count) {
  const gfloat end = begin + length;
  gdouble from = CLAMP(floor(begin), 0, G_MAXINT);
  gdouble to = CLAMP(ceil(end), 0, G_MAXINT);

  *first = (guint)from;
  *count = (guint)(to - from);
}

static GstVideoRegionOfInterestMeta* find_roi(GstBuffer* buffer, guint id) {
  gpointer state = NULL;
  GstMeta* meta;

  while ((meta = gst_buffer_iterate_meta_filtered(buffer, &state,
                                                  GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE))) {
    GstVideoRegionOfInterestMeta* roi = (GstVideoRegionOfInterestMeta*)meta;

    if (roi->roi_type == roi_type() && roi->id == (gint)id) return roi;
  }
  return NULL;
}

static void add_roi(GstBuffer* buffer, guint id, const GstFaceBox* box) {
  GstVideoRegionOfInterestMeta* roi;
  guint x, y, width, height;

  cover_pixels(box->x, box->width, &x, &width);
  cover_pixels(box->y, box->height, &y, &height);
  roi = gst_buffer_add_video_region_of_interest_meta_id(buffer, roi_type(), x, y, width, height);
  roi->id = (gint)id;
}

/* GstMeta implementation */

static gboolean face_meta_init(GstMeta* meta, gpointer params G_GNUC_UNUSED,
                               GstBuffer* buffer G_GNUC_UNUSED) {
  FaceMeta* self = (FaceMeta*)meta;

  memset((guint8*)self + sizeof(GstMeta), 0, sizeof *self - sizeof(GstMeta));
  self->face.track_id = GST_FACE_TRACK_NONE;
  self->first_seen = self->last_seen = GST_CLOCK_TIME_NONE;
  gst_face_quality_init(&self->face.quality);
  return TRUE;
}

static void face_meta_free(GstMeta* meta, GstBuffer* buffer G_GNUC_UNUSED) {
  FaceMeta* self = (FaceMeta*)meta;

  g_free(self->points);
  g_free(self->template_name);
  g_clear_pointer(&self->embedding, gst_face_embedding_unref);
  g_clear_pointer(&self->identity, gst_face_identity_unref);
}

static void face_meta_copy(FaceMeta* to, const FaceMeta* from) {
  const GstMeta base = to->face.meta;

  *to = *from;
  to->face.meta = base;
  to->points = g_memdup2(
      from->points, gst_face_landmark_scheme_get_n_points(from->scheme) * sizeof *from->points);
  to->template_name = g_strdup(from->template_name);
  if (to->embedding != NULL) gst_face_embedding_ref(to->embedding);
  if (to->identity != NULL) gst_face_identity_ref(to->identity);
}

static gdouble eye_distance(const GstFaceMeta* face) {
  GstFacePoint right, left;

  if (!gst_face_meta_get_eyes(face, &right, &left)) return 0;
  return hypot((gdouble)left.x - right.x, (gdouble)left.y - right.y);
}

/* FALSE where the face then is too small or too far away for numbers to tell. */
static gboolean face_meta_scale(FaceMeta* self, gdouble x, gdouble y) {
  GstFaceMeta* face = &self->face;
  const gdouble eyes_before = eye_distance(face);

  face->box.x *= x;
  face->box.y *= y;
  face->box.width *= x;
  face->box.height *= y;

  for (guint i = 0; i < gst_face_landmark_scheme_get_n_points(self->scheme); i++) {
    self->points[i].x *= x;
    self->points[i].y *= y;
  }

  /* The transform is applied after the scaling is undone; the translation is in aligned pixels. */
  self->transform[0] /= x;
  self->transform[3] /= x;
  self->transform[1] /= y;
  self->transform[4] /= y;

  face->quality.size *= eyes_before > 0 ? eye_distance(face) / eyes_before : sqrt(x * y);

  return box_is_valid(&face->box) && points_are_valid(self->points, self->scheme) &&
         all_finite(self->transform, TRANSFORM_LENGTH);
}

/* Scalers of GStreamer 1.22 and 1.26 keep the display aspect ratio by adding borders, unless told
 * otherwise, and tell a meta only the sizes with the borders. A border of one pixel comes from
 * rounding the size and does no harm. */
static gboolean may_have_borders(const GstVideoInfo* in, const GstVideoInfo* out) {
  gdouble aspect = (gdouble)in->width * in->par_n / in->par_d / in->height;
  gdouble aspect_in_pixels = aspect * out->par_d / out->par_n;
  gdouble width = MIN(out->width, out->height * aspect_in_pixels);
  gdouble height = MIN(out->height, out->width / aspect_in_pixels);

  return out->width - width > 1 || out->height - height > 1;
}

static gboolean face_meta_transform(GstBuffer* dest, GstMeta* meta, GstBuffer* buffer G_GNUC_UNUSED,
                                    GQuark type, gpointer data) {
  gdouble x = 1, y = 1;
  FaceMeta* copy;

  if (GST_VIDEO_META_TRANSFORM_IS_SCALE(type)) {
    const GstVideoMetaTransform* scale = data;
    const GstVideoInfo *in = scale->in_info, *out = scale->out_info;

    if (in->width <= 0 || in->height <= 0 || out->width <= 0 || out->height <= 0) return FALSE;
    if (may_have_borders(in, out)) {
      GST_WARNING("face dropped: scaled from %dx%d to %dx%d with another display aspect ratio",
                  in->width, in->height, out->width, out->height);
      return FALSE;
    }
    x = (gdouble)out->width / in->width;
    y = (gdouble)out->height / in->height;
  } else if (!GST_META_TRANSFORM_IS_COPY(type)) {
    return FALSE;
  }

  copy = (FaceMeta*)gst_buffer_add_meta(dest, GST_FACE_META_INFO, NULL);
  if (copy == NULL) return FALSE;

  face_meta_copy(copy, (const FaceMeta*)meta);
  if ((x != 1 || y != 1) && !face_meta_scale(copy, x, y)) {
    GST_WARNING("face dropped: scaled by %g and %g its numbers are not finite", x, y);
    gst_buffer_remove_meta(dest, (GstMeta*)copy);
    return FALSE;
  }
  return TRUE;
}

/**
 * gst_face_meta_api_get_type:
 *
 * Returns: the #GType of the #GstFaceMeta API
 *
 * Since: 0.1
 */
GType gst_face_meta_api_get_type(void) {
  static gsize type = 0;
  static const gchar* tags[] = {GST_META_TAG_VIDEO_STR, GST_META_TAG_VIDEO_SIZE_STR,
                                GST_META_TAG_VIDEO_ORIENTATION_STR, NULL};

  if (g_once_init_enter(&type)) {
    g_once_init_leave(&type, gst_meta_api_type_register("GstFaceMetaAPI", tags));
  }
  return type;
}

/**
 * gst_face_meta_get_info:
 *
 * Returns: (transfer none): the #GstMetaInfo of #GstFaceMeta
 *
 * Since: 0.1
 */
const GstMetaInfo* gst_face_meta_get_info(void) {
  static const GstMetaInfo* info = NULL;

  if (g_once_init_enter(&info)) {
    const GstMetaInfo* registered;

    GST_DEBUG_CATEGORY_INIT(gst_face_meta_debug, "facemeta", 0, "face metadata");
    registered = gst_meta_register(GST_FACE_META_API_TYPE, "GstFaceMeta", sizeof(FaceMeta),
                                   face_meta_init, face_meta_free, face_meta_transform);
    g_once_init_leave(&info, registered);
  }
  return info;
}

/* The faces of a buffer */

/**
 * gst_buffer_add_face_meta:
 * @buffer: a writable buffer
 * @id: identifies the face, 0 to %G_MAXINT; no other face of @buffer has it
 * @box: where the face is, in pixels of the frame; it may reach beyond the frame's edges
 * @confidence: how sure the detector was, 0 to 1
 *
 * Adds a face to a buffer, together with the #GstVideoRegionOfInterestMeta that mirrors it. The
 * face belongs to no track, and has no landmarks, alignment, embedding or identity yet; nothing is
 * known of its quality.
 *
 * Returns: (transfer none) (nullable): the new face, which belongs to @buffer; %NULL, and nothing
 *   was added, where a number of @box is not finite, where its width or height is not greater than
 *   0 and where @confidence is not within 0 to 1
 *
 * Since: 0.1
 */
GstFaceMeta* gst_buffer_add_face_meta(GstBuffer* buffer, guint id, const GstFaceBox* box,
                                      gfloat confidence) {
  GstFaceMeta* face;

  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);
  g_return_val_if_fail(gst_buffer_is_writable(buffer), NULL);
  g_return_val_if_fail(box != NULL, NULL);
  g_return_val_if_fail(id <= G_MAXINT, NULL);
  g_return_val_if_fail(gst_buffer_get_face_meta(buffer, id) == NULL, NULL);

  if (!box_is_valid(box) || !confidence_is_valid(confidence)) return NULL;

  face = (GstFaceMeta*)gst_buffer_add_meta(buffer, GST_FACE_META_INFO, NULL);
  face->id = id;
  face->box = *box;
  face->confidence = confidence;
  add_roi(buffer, id, box);
  return face;
}

/**
 * gst_buffer_remove_face_meta:
 * @buffer: a writable buffer
 * @face: (transfer none): a face; it is freed if it is on @buffer
 *
 * Removes a face from a buffer, together with the #GstVideoRegionOfInterestMeta that mirrors it.
 * gst_buffer_remove_meta() would leave that one behind.
 *
 * Returns: %TRUE if @face was on @buffer
 *
 * Since: 0.1
 */
gboolean gst_buffer_remove_face_meta(GstBuffer* buffer, GstFaceMeta* face) {
  gpointer state = NULL;
  GstFaceMeta* found;

  g_return_val_if_fail(GST_IS_BUFFER(buffer), FALSE);
  g_return_val_if_fail(gst_buffer_is_writable(buffer), FALSE);
  g_return_val_if_fail(face != NULL, FALSE);

  while ((found = gst_buffer_iterate_face_metas(buffer, &state))) {
    if (found == face) {
      GstVideoRegionOfInterestMeta* roi = find_roi(buffer, face->id);

      if (roi != NULL) gst_buffer_remove_meta(buffer, &roi->meta);
      return gst_buffer_remove_meta(buffer, &face->meta);
    }
  }
  return FALSE;
}

/**
 * gst_buffer_get_n_face_metas:
 * @buffer: a buffer
 *
 * Returns: the number of faces on @buffer
 *
 * Since: 0.1
 */
guint gst_buffer_get_n_face_metas(GstBuffer* buffer) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), 0);

  return gst_buffer_get_n_meta(buffer, GST_FACE_META_API_TYPE);
}

/**
 * gst_buffer_get_face_meta:
 * @buffer: a buffer
 * @id: id of the face
 *
 * Returns: (transfer none) (nullable): the face of that id, which belongs to @buffer, or %NULL
 *   where there is none
 *
 * Since: 0.1
 */
GstFaceMeta* gst_buffer_get_face_meta(GstBuffer* buffer, guint id) {
  gpointer state = NULL;
  GstFaceMeta* face;

  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);

  while ((face = gst_buffer_iterate_face_metas(buffer, &state))) {
    if (face->id == id) return face;
  }
  return NULL;
}

/**
 * gst_buffer_get_face_metas:
 * @buffer: a buffer
 *
 * Lists the faces of a buffer. In C, gst_buffer_iterate_face_metas() does it without an allocation.
 *
 * Returns: (transfer container) (element-type GstFaceMeta): the faces in the order in which they
 *   were added; they belong to @buffer. Free the list with g_list_free().
 *
 * Since: 0.1
 */
GList* gst_buffer_get_face_metas(GstBuffer* buffer) {
  GList* faces = NULL;
  gpointer state = NULL;
  GstFaceMeta* face;

  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);

  while ((face = gst_buffer_iterate_face_metas(buffer, &state))) {
    faces = g_list_prepend(faces, face);
  }
  return g_list_reverse(faces);
}

/**
 * gst_buffer_iterate_face_metas: (skip)
 * @buffer: a buffer
 * @state: where the iteration is; point it to a %NULL to begin
 *
 * Steps through the faces of a buffer in the order in which they were added. Do not add or remove
 * any meta between two steps.
 *
 * Returns: (transfer none) (nullable): the next face, which belongs to @buffer, or %NULL after the
 *   last one
 *
 * Since: 0.1
 */
GstFaceMeta* gst_buffer_iterate_face_metas(GstBuffer* buffer, gpointer* state) {
  return (GstFaceMeta*)gst_buffer_iterate_meta_filtered(buffer, state, GST_FACE_META_API_TYPE);
}

/* One face */

/**
 * gst_face_meta_set_box:
 * @face: a face
 * @buffer: the writable buffer that @face is on
 * @box: where the face is, in pixels of the frame; it may reach beyond the frame's edges
 *
 * Moves a face, together with the #GstVideoRegionOfInterestMeta that mirrors it. All else stays:
 * set landmarks, alignment and what was found from them anew, or clear them.
 *
 * Returns: %FALSE, and nothing was changed, where a number of @box is not finite or its width or
 *   height not greater than 0
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_box(GstFaceMeta* face, GstBuffer* buffer, const GstFaceBox* box) {
  GstVideoRegionOfInterestMeta* roi;

  g_return_val_if_fail(face != NULL, FALSE);
  g_return_val_if_fail(GST_IS_BUFFER(buffer), FALSE);
  g_return_val_if_fail(gst_buffer_is_writable(buffer), FALSE);
  g_return_val_if_fail(box != NULL, FALSE);

  if (!box_is_valid(box)) return FALSE;

  face->box = *box;
  roi = find_roi(buffer, face->id);
  if (roi != NULL) {
    cover_pixels(box->x, box->width, &roi->x, &roi->w);
    cover_pixels(box->y, box->height, &roi->y, &roi->h);
  }
  return TRUE;
}

/**
 * gst_face_meta_set_confidence:
 * @face: a face
 * @confidence: how sure the detector was, 0 to 1
 *
 * Returns: %FALSE, and nothing was changed, where @confidence is not within 0 to 1
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_confidence(GstFaceMeta* face, gfloat confidence) {
  g_return_val_if_fail(face != NULL, FALSE);

  if (!confidence_is_valid(confidence)) return FALSE;

  face->confidence = confidence;
  return TRUE;
}

/**
 * gst_face_meta_set_track_id:
 * @face: a face
 * @track_id: the track to which the face belongs, 0 or greater, or %GST_FACE_TRACK_NONE
 *
 * The times of the track are not known then, see gst_face_meta_set_track_times().
 *
 * Since: 0.1
 */
void gst_face_meta_set_track_id(GstFaceMeta* face, gint64 track_id) {
  g_return_if_fail(face != NULL);
  g_return_if_fail(track_id >= GST_FACE_TRACK_NONE);

  face->track_id = track_id;
  ((FaceMeta*)face)->first_seen = ((FaceMeta*)face)->last_seen = GST_CLOCK_TIME_NONE;
}

/**
 * gst_face_meta_set_track_times:
 * @face: a face of a track
 * @first_seen: stream time, in nanoseconds, at which the track's face was found first
 * @last_seen: stream time, in nanoseconds, at which it was found last: the frame's own, or earlier
 *   where the face is predicted
 *
 * The track's age in a frame is the distance of the frame's stream time to @first_seen. Where a
 * stream plays backwards, first is the later one.
 *
 * Returns: %FALSE, and nothing was changed, where @face belongs to no track
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_track_times(GstFaceMeta* face, GstClockTime first_seen,
                                       GstClockTime last_seen) {
  FaceMeta* self = (FaceMeta*)face;

  g_return_val_if_fail(face != NULL, FALSE);

  if (face->track_id == GST_FACE_TRACK_NONE) return FALSE;

  self->first_seen = first_seen;
  self->last_seen = last_seen;
  return TRUE;
}

/**
 * gst_face_meta_get_first_seen:
 * @face: a face
 *
 * Returns: the stream time, in nanoseconds, at which the track's face was found first, or
 *   %GST_CLOCK_TIME_NONE where that is not known
 *
 * Since: 0.1
 */
GstClockTime gst_face_meta_get_first_seen(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, GST_CLOCK_TIME_NONE);

  return ((const FaceMeta*)face)->first_seen;
}

/**
 * gst_face_meta_get_last_seen:
 * @face: a face
 *
 * Returns: the stream time, in nanoseconds, at which the track's face was found last, or
 *   %GST_CLOCK_TIME_NONE where that is not known
 *
 * Since: 0.1
 */
GstClockTime gst_face_meta_get_last_seen(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, GST_CLOCK_TIME_NONE);

  return ((const FaceMeta*)face)->last_seen;
}

/**
 * gst_face_meta_set_predicted:
 * @face: a face
 * @predicted: whether box and landmarks were predicted from earlier frames and not found in this
 *   one
 *
 * Since: 0.1
 */
void gst_face_meta_set_predicted(GstFaceMeta* face, gboolean predicted) {
  g_return_if_fail(face != NULL);

  ((FaceMeta*)face)->predicted = predicted;
}

/**
 * gst_face_meta_is_predicted:
 * @face: a face
 *
 * Returns: whether box and landmarks were predicted from earlier frames, %FALSE for a new face
 *
 * Since: 0.1
 */
gboolean gst_face_meta_is_predicted(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, FALSE);

  return ((const FaceMeta*)face)->predicted;
}

/**
 * gst_face_meta_set_cut:
 * @face: a face
 * @cut: whether the edge of the frame cuts the face
 *
 * Since: 0.1
 */
void gst_face_meta_set_cut(GstFaceMeta* face, gboolean cut) {
  g_return_if_fail(face != NULL);

  ((FaceMeta*)face)->cut = cut;
}

/**
 * gst_face_meta_is_cut:
 * @face: a face
 *
 * Returns: whether the edge of the frame cuts the face, as far as an element has said so; %FALSE
 *   for a new face
 *
 * Since: 0.1
 */
gboolean gst_face_meta_is_cut(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, FALSE);

  return ((const FaceMeta*)face)->cut;
}

/**
 * gst_face_meta_set_quality:
 * @face: a face
 * @quality: how good a view of the face this is; it is copied
 *
 * Since: 0.1
 */
void gst_face_meta_set_quality(GstFaceMeta* face, const GstFaceQuality* quality) {
  g_return_if_fail(face != NULL);
  g_return_if_fail(quality != NULL);

  face->quality = *quality;
}

/**
 * gst_face_meta_set_landmarks:
 * @face: a face
 * @scheme: which points these are, or %GST_FACE_LANDMARK_SCHEME_NONE to clear them
 * @points: (array length=n_points) (nullable): the points in the order of @scheme, in pixels of the
 *   frame; they are copied
 * @n_points: number of points, the one that gst_face_landmark_scheme_get_n_points() tells
 *
 * Returns: %FALSE, and nothing was changed, where a coordinate is not finite
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_landmarks(GstFaceMeta* face, GstFaceLandmarkScheme scheme,
                                     const GstFacePoint* points, guint n_points) {
  FaceMeta* self = (FaceMeta*)face;
  GstFacePoint* copy;

  g_return_val_if_fail(face != NULL, FALSE);
  g_return_val_if_fail(n_points == gst_face_landmark_scheme_get_n_points(scheme), FALSE);
  g_return_val_if_fail(points != NULL || n_points == 0, FALSE);

  if (!points_are_valid(points, scheme)) return FALSE;

  copy = g_memdup2(points, n_points * sizeof *points);
  g_free(self->points);
  self->points = copy;
  self->scheme = scheme;
  return TRUE;
}

/**
 * gst_face_meta_get_landmark_scheme:
 * @face: a face
 *
 * Returns: which points the landmarks are, %GST_FACE_LANDMARK_SCHEME_NONE where there are none
 *
 * Since: 0.1
 */
GstFaceLandmarkScheme gst_face_meta_get_landmark_scheme(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, GST_FACE_LANDMARK_SCHEME_NONE);

  return ((const FaceMeta*)face)->scheme;
}

/**
 * gst_face_meta_get_landmarks:
 * @face: a face
 * @n_points: (out) (optional): where to put the number of points
 *
 * Returns: (transfer none) (nullable) (array length=n_points): the points in the order of the
 *   scheme, in pixels of the frame, or %NULL where there are none; they live until they are set
 *   anew, or as long as @face
 *
 * Since: 0.1
 */
const GstFacePoint* gst_face_meta_get_landmarks(const GstFaceMeta* face, guint* n_points) {
  const FaceMeta* self = (const FaceMeta*)face;

  g_return_val_if_fail(face != NULL, NULL);

  if (n_points != NULL) *n_points = gst_face_landmark_scheme_get_n_points(self->scheme);
  return self->points;
}

static GstFacePoint mean_point(const GstFacePoint* points, guint n_points) {
  gdouble x = 0, y = 0;
  GstFacePoint mean;

  for (guint i = 0; i < n_points; i++) {
    x += points[i].x;
    y += points[i].y;
  }
  mean.x = x / n_points;
  mean.y = y / n_points;
  return mean;
}

/**
 * gst_face_meta_get_eyes:
 * @face: a face
 * @right: (out caller-allocates): where to put the centre of the subject's right eye
 * @left: (out caller-allocates): where to put the centre of the subject's left eye
 *
 * Finds the centres of the eyes from landmarks of any scheme, in pixels of the frame.
 *
 * Returns: %FALSE, and nothing was put, where there are no landmarks
 *
 * Since: 0.1
 */
gboolean gst_face_meta_get_eyes(const GstFaceMeta* face, GstFacePoint* right, GstFacePoint* left) {
  const FaceMeta* self = (const FaceMeta*)face;

  g_return_val_if_fail(face != NULL, FALSE);
  g_return_val_if_fail(right != NULL, FALSE);
  g_return_val_if_fail(left != NULL, FALSE);

  switch (self->scheme) {
    case GST_FACE_LANDMARK_SCHEME_EYES_2:
    case GST_FACE_LANDMARK_SCHEME_FIVE:
      *right = self->points[0];
      *left = self->points[1];
      return TRUE;
    case GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT:
      *right = mean_point(self->points + 36, 6);
      *left = mean_point(self->points + 42, 6);
      return TRUE;
    case GST_FACE_LANDMARK_SCHEME_NONE:
      break;
  }
  return FALSE;
}

/**
 * gst_face_meta_set_alignment:
 * @face: a face
 * @transform: (array fixed-size=6) (nullable): the matrix that gst_face_meta_get_transform() tells
 *   of; it is copied. %NULL clears the alignment, and all other parameters are ignored.
 * @template_name: (nullable): name of the template that the face is aligned to; bytes that are no
 *   UTF-8 become U+FFFD
 * @width: width of the aligned face in pixels, at least 1
 * @height: height of the aligned face in pixels, at least 1
 *
 * A new alignment is not masked, see gst_face_meta_set_masked().
 *
 * Returns: %FALSE, and nothing was changed, where a number of @transform is not finite
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_alignment(GstFaceMeta* face, const gfloat* transform,
                                     const gchar* template_name, guint width, guint height) {
  FaceMeta* self = (FaceMeta*)face;
  gchar* copy;

  g_return_val_if_fail(face != NULL, FALSE);

  if (transform == NULL) {
    g_clear_pointer(&self->template_name, g_free);
    return TRUE;
  }

  g_return_val_if_fail(template_name != NULL, FALSE);
  g_return_val_if_fail(width > 0 && height > 0, FALSE);

  if (!all_finite(transform, TRANSFORM_LENGTH)) return FALSE;

  copy = g_utf8_make_valid(template_name, -1);
  g_free(self->template_name);
  self->template_name = copy;
  memmove(self->transform, transform, sizeof self->transform);
  self->aligned_width = width;
  self->aligned_height = height;
  self->masked = FALSE;
  return TRUE;
}

/**
 * gst_face_meta_get_transform: (skip)
 * @face: a face
 *
 * The matrix maps a point (x, y, 1) of the frame to a point of the aligned face, both in pixels and
 * in the continuous coordinates of #GstFaceBox. A function that takes pixel centres for whole
 * numbers, such as OpenCV's warpAffine(), wants 0.5 * (1 - m[0] - m[1]) subtracted from m[2], and
 * 0.5 * (1 - m[3] - m[4]) from m[5].
 *
 * Returns: (transfer none) (nullable) (array fixed-size=6): a 2x3 matrix, row by row, or %NULL
 *   where the face was not aligned; it lives until it is set anew, or as long as @face
 *
 * Since: 0.1
 */
const gfloat* gst_face_meta_get_transform(const GstFaceMeta* face) {
  const FaceMeta* self = (const FaceMeta*)face;

  g_return_val_if_fail(face != NULL, NULL);

  return self->template_name != NULL ? self->transform : NULL;
}

/**
 * gst_face_meta_get_transform_array: (rename-to gst_face_meta_get_transform)
 * @face: a face
 *
 * For language bindings, some of which cannot return a %NULL array of a fixed size.
 *
 * Returns: (transfer full) (element-type gfloat): a copy of what gst_face_meta_get_transform()
 *   returns, empty where the face was not aligned. Free with g_array_unref().
 *
 * Since: 0.1
 */
GArray* gst_face_meta_get_transform_array(const GstFaceMeta* face) {
  const gfloat* transform = gst_face_meta_get_transform(face);
  GArray* array = g_array_new(FALSE, FALSE, sizeof *transform);

  if (transform != NULL) g_array_append_vals(array, transform, TRANSFORM_LENGTH);
  return array;
}

/**
 * gst_face_meta_get_template_name:
 * @face: a face
 *
 * Returns: (transfer none) (nullable): the name of the template that the face is aligned to, or
 *   %NULL where the face was not aligned
 *
 * Since: 0.1
 */
const gchar* gst_face_meta_get_template_name(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, NULL);

  return ((const FaceMeta*)face)->template_name;
}

/**
 * gst_face_meta_get_aligned_size:
 * @face: a face
 * @width: (out) (optional): where to put the width of the aligned face in pixels
 * @height: (out) (optional): where to put the height of the aligned face in pixels
 *
 * Tells how large the aligned face is; 0x0 where the face was not aligned.
 *
 * Since: 0.1
 */
void gst_face_meta_get_aligned_size(const GstFaceMeta* face, guint* width, guint* height) {
  const FaceMeta* self = (const FaceMeta*)face;
  gboolean aligned;

  g_return_if_fail(face != NULL);

  aligned = self->template_name != NULL;
  if (width != NULL) *width = aligned ? self->aligned_width : 0;
  if (height != NULL) *height = aligned ? self->aligned_height : 0;
}

/**
 * gst_face_meta_set_masked:
 * @face: a face
 * @masked: whether the aligned face is masked
 *
 * Whoever makes the picture of a masked aligned face blackens what lies outside the convex hull of
 * the face's landmarks, of which it needs 68; the frame itself stays as it is. The hull runs along
 * the jaw and over the eyebrows.
 *
 * Returns: %FALSE, and nothing was changed, where @masked is %TRUE and @face is not aligned or has
 *   other landmarks
 *
 * Since: 0.1
 */
gboolean gst_face_meta_set_masked(GstFaceMeta* face, gboolean masked) {
  FaceMeta* self = (FaceMeta*)face;

  g_return_val_if_fail(face != NULL, FALSE);

  if (masked &&
      (self->template_name == NULL || self->scheme != GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT))
    return FALSE;
  self->masked = masked;
  return TRUE;
}

/**
 * gst_face_meta_is_masked:
 * @face: a face
 *
 * Returns: whether the aligned face is masked, see gst_face_meta_set_masked(); %FALSE where the
 *   face was not aligned
 *
 * Since: 0.1
 */
gboolean gst_face_meta_is_masked(const GstFaceMeta* face) {
  const FaceMeta* self = (const FaceMeta*)face;

  g_return_val_if_fail(face != NULL, FALSE);

  return self->template_name != NULL && self->masked;
}

/**
 * gst_face_meta_set_embedding:
 * @face: a face
 * @embedding: (transfer none) (nullable): an embedding, of which @face takes a reference, or %NULL
 *   to clear it
 *
 * Since: 0.1
 */
void gst_face_meta_set_embedding(GstFaceMeta* face, GstFaceEmbedding* embedding) {
  FaceMeta* self = (FaceMeta*)face;

  g_return_if_fail(face != NULL);

  if (embedding != NULL) gst_face_embedding_ref(embedding);
  g_clear_pointer(&self->embedding, gst_face_embedding_unref);
  self->embedding = embedding;
  self->embedding_age = 0;
}

/**
 * gst_face_meta_get_embedding:
 * @face: a face
 *
 * Returns: (transfer none) (nullable): the embedding, or %NULL where there is none; it lives until
 *   another one is set, or as long as @face; take a reference to keep it longer
 *
 * Since: 0.1
 */
GstFaceEmbedding* gst_face_meta_get_embedding(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, NULL);

  return ((const FaceMeta*)face)->embedding;
}

/**
 * gst_face_meta_set_embedding_age:
 * @face: a face with an embedding
 * @age: stream time, in nanoseconds, that lies between this frame and the one of the same track
 *   that the embedding was made from; 0 where it was made from this one
 *
 * A new embedding has the age 0.
 *
 * Since: 0.1
 */
void gst_face_meta_set_embedding_age(GstFaceMeta* face, GstClockTime age) {
  g_return_if_fail(face != NULL);

  ((FaceMeta*)face)->embedding_age = age;
}

/**
 * gst_face_meta_get_embedding_age:
 * @face: a face
 *
 * Returns: the age of the embedding in nanoseconds, see gst_face_meta_set_embedding_age(), or
 *   %GST_CLOCK_TIME_NONE where there is none
 *
 * Since: 0.1
 */
GstClockTime gst_face_meta_get_embedding_age(const GstFaceMeta* face) {
  const FaceMeta* self = (const FaceMeta*)face;

  g_return_val_if_fail(face != NULL, GST_CLOCK_TIME_NONE);

  return self->embedding != NULL ? self->embedding_age : GST_CLOCK_TIME_NONE;
}

/**
 * gst_face_meta_set_identity:
 * @face: a face
 * @identity: (transfer none) (nullable): an identity, of which @face takes a reference, or %NULL to
 *   clear it
 *
 * Since: 0.1
 */
void gst_face_meta_set_identity(GstFaceMeta* face, GstFaceIdentity* identity) {
  FaceMeta* self = (FaceMeta*)face;

  g_return_if_fail(face != NULL);

  if (identity != NULL) gst_face_identity_ref(identity);
  g_clear_pointer(&self->identity, gst_face_identity_unref);
  self->identity = identity;
}

/**
 * gst_face_meta_get_identity:
 * @face: a face
 *
 * Returns: (transfer none) (nullable): the identity, or %NULL where the face was not matched; it
 *   lives until another one is set, or as long as @face; take a reference to keep it longer
 *
 * Since: 0.1
 */
GstFaceIdentity* gst_face_meta_get_identity(const GstFaceMeta* face) {
  g_return_val_if_fail(face != NULL, NULL);

  return ((const FaceMeta*)face)->identity;
}

/* Helpers */

/**
 * gst_face_quality_init:
 * @quality: (out caller-allocates): a quality
 *
 * Sets all values to NAN: nothing is known.
 *
 * Since: 0.1
 */
void gst_face_quality_init(GstFaceQuality* quality) {
  static const GstFaceQuality unknown = GST_FACE_QUALITY_INIT;

  g_return_if_fail(quality != NULL);

  *quality = unknown;
}

/**
 * gst_face_landmark_scheme_get_n_points:
 * @scheme: a scheme
 *
 * Returns: how many points a face has under @scheme: 0, 2, 5 or 68
 *
 * Since: 0.1
 */
guint gst_face_landmark_scheme_get_n_points(GstFaceLandmarkScheme scheme) {
  switch (scheme) {
    case GST_FACE_LANDMARK_SCHEME_NONE:
      return 0;
    case GST_FACE_LANDMARK_SCHEME_EYES_2:
      return 2;
    case GST_FACE_LANDMARK_SCHEME_FIVE:
      return 5;
    case GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT:
      return 68;
  }
  g_return_val_if_reached(0);
}
