/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_FACE_FRAME_META_H__
#define __GST_FACE_FRAME_META_H__

#include <gst/face/face-prelude.h>

G_BEGIN_DECLS

/**
 * GST_FACE_FRAME_META_API_TYPE:
 *
 * The #GType of the #GstFaceFrameMeta API, to be used with gst_buffer_get_meta() and its like.
 */
#define GST_FACE_FRAME_META_API_TYPE (gst_face_frame_meta_api_get_type())

/**
 * GST_FACE_FRAME_META_INFO:
 *
 * The #GstMetaInfo of #GstFaceFrameMeta.
 */
#define GST_FACE_FRAME_META_INFO (gst_face_frame_meta_get_info())

/**
 * GstFaceFrameMeta:
 * @meta: parent #GstMeta
 * @searched: whether faces were looked for in this frame
 * @predicted: whether the frame's faces were predicted from earlier frames
 * @search_time: presentation timestamp, in nanoseconds, of the frame in which faces were looked for
 *   last, which is this one where @searched is %TRUE; %GST_CLOCK_TIME_NONE where that has none or
 *   there was none yet
 *
 * Whether and when faces were looked for: it tells a frame without faces from one that a detector
 * passed by. A buffer carries one at most.
 */
typedef struct _GstFaceFrameMeta {
  GstMeta meta;

  gboolean searched;
  gboolean predicted;
  GstClockTime search_time;

  /*< private >*/
  gpointer _gst_reserved[GST_PADDING];
} GstFaceFrameMeta;

GST_FACE_API GType gst_face_frame_meta_api_get_type(void);

GST_FACE_API const GstMetaInfo* gst_face_frame_meta_get_info(void);

GST_FACE_API GstFaceFrameMeta* gst_buffer_add_face_frame_meta(GstBuffer* buffer, gboolean searched,
                                                              GstClockTime search_time);

GST_FACE_API GstFaceFrameMeta* gst_buffer_get_face_frame_meta(GstBuffer* buffer);

GST_FACE_API void gst_face_frame_meta_set_predicted(GstFaceFrameMeta* frame, gboolean predicted);

G_END_DECLS

#endif /* __GST_FACE_FRAME_META_H__ */
