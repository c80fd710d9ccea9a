/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_META_H__
#define __GST_FACE_META_H__

#include <gst/face/face-prelude.h>
#include <gst/face/gstfaceembedding.h>
#include <gst/face/gstfaceidentity.h>
#include <math.h>

G_BEGIN_DECLS

/**
 * GST_FACE_META_API_TYPE:
 *
 * The #GType of the #GstFaceMeta API, to be used with gst_buffer_get_meta() and its like.
 */
#define GST_FACE_META_API_TYPE (gst_face_meta_api_get_type())

/**
 * GST_FACE_META_INFO:
 *
 * The #GstMetaInfo of #GstFaceMeta.
 */
#define GST_FACE_META_INFO (gst_face_meta_get_info())

/**
 * GST_FACE_TRACK_NONE:
 *
 * The track id of a face that belongs to no track.
 */
#define GST_FACE_TRACK_NONE (-1)

/**
 * GST_FACE_ROI_TYPE:
 *
 * The type of the #GstVideoRegionOfInterestMeta that mirrors each face, as a string.
 */
#define GST_FACE_ROI_TYPE "face"

/**
 * GstFacePoint:
 * @x: pixels from the left edge of the frame
 * @y: pixels from the top edge of the frame
 *
 * A point in a frame, in the coordinates of #GstFaceBox. It may lie outside of the frame.
 */
typedef struct _GstFacePoint {
  gfloat x;
  gfloat y;
} GstFacePoint;

/**
 * GstFaceBox:
 * @x: left edge, in pixels from the left edge of the frame
 * @y: top edge, in pixels from the top edge of the frame
 * @width: width in pixels, greater than 0
 * @height: height in pixels, greater than 0
 *
 * A rectangle in a frame. Coordinates are continuous: (0, 0) is the top left corner of the frame,
 * (0.5, 0.5) the centre of its first pixel and (frame width, frame height) its bottom right corner.
 * So scaling a frame multiplies them.
 */
typedef struct _GstFaceBox {
  gfloat x;
  gfloat y;
  gfloat width;
  gfloat height;
} GstFaceBox;

/**
 * GstFaceLandmarkScheme:
 * @GST_FACE_LANDMARK_SCHEME_NONE: no landmarks
 * @GST_FACE_LANDMARK_SCHEME_EYES_2: 2 points: centre of the right eye, of the left eye
 * @GST_FACE_LANDMARK_SCHEME_FIVE: 5 points: centre of the right eye, of the left eye, nose tip,
 *   right and left corner of the mouth
 * @GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT: 68 points in the order of iBUG 300-W
 *
 * Which points of a face its landmarks are, and in which order. Right and left are the subject's,
 * so that in a picture that is not mirrored the right eye lies to the left of the left eye.
 */
typedef enum {
  GST_FACE_LANDMARK_SCHEME_NONE,
  GST_FACE_LANDMARK_SCHEME_EYES_2,
  GST_FACE_LANDMARK_SCHEME_FIVE,
  GST_FACE_LANDMARK_SCHEME_SIXTY_EIGHT,
} GstFaceLandmarkScheme;

/**
 * GstFaceQuality:
 * @size: distance between the centres of the eyes, in pixels of the frame; it follows when the
 *   frame is scaled
 * @sharpness: 0 and up, greater is sharper; which measure it is, says the element that set it
 * @roll: rotation of the head in the picture plane, in degrees, positive where the face is turned
 *   clockwise in the picture
 * @yaw: rotation of the head about the vertical axis, in degrees, positive where the face looks
 *   towards the right edge of the picture
 * @pitch: rotation of the head about the horizontal axis, in degrees, positive where the face looks
 *   up
 * @brightness: mean brightness of the face, 0 (black) to 1 (white)
 *
 * How good a view of a face is. A value that is not known is NAN. Begin with
 * %GST_FACE_QUALITY_INIT or gst_face_quality_init(), so that values added later are not known
 * rather than 0.
 */
typedef struct _GstFaceQuality {
  gfloat size;
  gfloat sharpness;
  gfloat roll;
  gfloat yaw;
  gfloat pitch;
  gfloat brightness;

  /*< private >*/
  gfloat _gst_reserved[2];
} GstFaceQuality;

/**
 * GST_FACE_QUALITY_INIT: (skip)
 *
 * Initialiser of a #GstFaceQuality of which nothing is known.
 */
#define GST_FACE_QUALITY_INIT       \
  {                                 \
    NAN, NAN, NAN, NAN, NAN, NAN, { \
      NAN, NAN                      \
    }                               \
  }

/**
 * GstFaceMeta:
 * @meta: parent #GstMeta
 * @id: identifies the face among those of its buffer, 0 to %G_MAXINT; the same as the id of the
 *   #GstVideoRegionOfInterestMeta that mirrors the face
 * @track_id: the track to which the face belongs, the same from frame to frame, or
 *   %GST_FACE_TRACK_NONE
 * @box: where the face is, in pixels of the frame; it may reach beyond the frame's edges
 * @confidence: how sure the detector was, 0 to 1
 * @quality: how good a view of the face this is
 *
 * One face in a video frame. A buffer carries any number of them. The fields are there to be read;
 * they are set with the functions, which check them. What is not a field has a getter.
 *
 * A #GstFaceMeta belongs to its buffer and lives as long as it stays on it; change it only while
 * the buffer is writable.
 */
typedef struct _GstFaceMeta {
  GstMeta meta;

  guint id;
  gint64 track_id;
  GstFaceBox box;
  gfloat confidence;
  GstFaceQuality quality;

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
} GstFaceMeta;

GST_FACE_API GType gst_face_meta_api_get_type(void);

GST_FACE_API const GstMetaInfo* gst_face_meta_get_info(void);

/* The faces of a buffer */

GST_FACE_API GstFaceMeta* gst_buffer_add_face_meta(GstBuffer* buffer, guint id,
                                                   const GstFaceBox* box, gfloat confidence);

GST_FACE_API gboolean gst_buffer_remove_face_meta(GstBuffer* buffer, GstFaceMeta* face);

GST_FACE_API guint gst_buffer_get_n_face_metas(GstBuffer* buffer);

GST_FACE_API GstFaceMeta* gst_buffer_get_face_meta(GstBuffer* buffer, guint id);

GST_FACE_API GList* gst_buffer_get_face_metas(GstBuffer* buffer);

GST_FACE_API GstFaceMeta* gst_buffer_iterate_face_metas(GstBuffer* buffer, gpointer* state);

/* One face */

GST_FACE_API gboolean gst_face_meta_set_box(GstFaceMeta* face, GstBuffer* buffer,
                                            const GstFaceBox* box);

GST_FACE_API gboolean gst_face_meta_set_confidence(GstFaceMeta* face, gfloat confidence);

GST_FACE_API void gst_face_meta_set_track_id(GstFaceMeta* face, gint64 track_id);

GST_FACE_API gboolean gst_face_meta_set_track_times(GstFaceMeta* face, GstClockTime first_seen,
                                                    GstClockTime last_seen);

GST_FACE_API GstClockTime gst_face_meta_get_first_seen(const GstFaceMeta* face);

GST_FACE_API GstClockTime gst_face_meta_get_last_seen(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_predicted(GstFaceMeta* face, gboolean predicted);

GST_FACE_API gboolean gst_face_meta_is_predicted(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_cut(GstFaceMeta* face, gboolean cut);

GST_FACE_API gboolean gst_face_meta_is_cut(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_quality(GstFaceMeta* face, const GstFaceQuality* quality);

GST_FACE_API gboolean gst_face_meta_set_landmarks(GstFaceMeta* face, GstFaceLandmarkScheme scheme,
                                                  const GstFacePoint* points, guint n_points);

GST_FACE_API GstFaceLandmarkScheme gst_face_meta_get_landmark_scheme(const GstFaceMeta* face);

GST_FACE_API const GstFacePoint* gst_face_meta_get_landmarks(const GstFaceMeta* face,
                                                             guint* n_points);

GST_FACE_API gboolean gst_face_meta_get_eyes(const GstFaceMeta* face, GstFacePoint* right,
                                             GstFacePoint* left);

GST_FACE_API gboolean gst_face_meta_set_alignment(GstFaceMeta* face, const gfloat* transform,
                                                  const gchar* template_name, guint width,
                                                  guint height);

GST_FACE_API const gfloat* gst_face_meta_get_transform(const GstFaceMeta* face);

GST_FACE_API GArray* gst_face_meta_get_transform_array(const GstFaceMeta* face);

GST_FACE_API const gchar* gst_face_meta_get_template_name(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_get_aligned_size(const GstFaceMeta* face, guint* width,
                                                 guint* height);

GST_FACE_API gboolean gst_face_meta_set_masked(GstFaceMeta* face, gboolean masked);

GST_FACE_API gboolean gst_face_meta_is_masked(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_embedding(GstFaceMeta* face, GstFaceEmbedding* embedding);

GST_FACE_API GstFaceEmbedding* gst_face_meta_get_embedding(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_embedding_age(GstFaceMeta* face, GstClockTime age);

GST_FACE_API GstClockTime gst_face_meta_get_embedding_age(const GstFaceMeta* face);

GST_FACE_API void gst_face_meta_set_identity(GstFaceMeta* face, GstFaceIdentity* identity);

GST_FACE_API GstFaceIdentity* gst_face_meta_get_identity(const GstFaceMeta* face);

/* Helpers */

GST_FACE_API void gst_face_quality_init(GstFaceQuality* quality);

GST_FACE_API guint gst_face_landmark_scheme_get_n_points(GstFaceLandmarkScheme scheme);

G_END_DECLS

#endif /* __GST_FACE_META_H__ */
