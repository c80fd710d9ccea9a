/* gst-facerec
 * Copyright (C) 2026 the gst-facerec authors
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:gstfaceframemeta
 * @title: GstFaceFrameMeta
 * @short_description: Whether faces were looked for in a video frame
 *
 * A face detector may analyse only some frames. A frame without a #GstFaceMeta then shows nobody or
 * was not looked at, which matters to whoever blurs faces or counts people. This meta says which,
 * and travels wherever the buffer's contents go: it holds no coordinates.
 */

#include <gst/face/gstfaceframemeta.h>

static gboolean face_frame_meta_init(GstMeta* meta, gpointer params G_GNUC_UNUSED,
                                     GstBuffer* buffer G_GNUC_UNUSED) {
  GstFaceFrameMeta* self = (GstFaceFrameMeta*)meta;

  memset((guint8*)self + sizeof(GstMeta), 0, sizeof *self - sizeof(GstMeta));
  self->search_time = GST_CLOCK_TIME_NONE;
  return TRUE;
}

static gboolean face_frame_meta_transform(GstBuffer* dest, GstMeta* meta,
                                          GstBuffer* buffer G_GNUC_UNUSED,
                                          GQuark type G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED) {
  const GstFaceFrameMeta* from = (const GstFaceFrameMeta*)meta;
  GstFaceFrameMeta* to = gst_buffer_add_face_frame_meta(dest, from->searched, from->search_time);

  to->predicted = from->predicted;
  return TRUE;
}

/**
 * gst_face_frame_meta_api_get_type:
 *
 * Returns: the #GType of the #GstFaceFrameMeta API
 *
 * Since: 0.1
 */
GType gst_face_frame_meta_api_get_type(void) {
  static gsize type = 0;
  static const gchar* tags[] = {NULL};

  if (g_once_init_enter(&type)) {
    g_once_init_leave(&type, gst_meta_api_type_register("GstFaceFrameMetaAPI", tags));
  }
  return type;
}

/**
 * gst_face_frame_meta_get_info:
 *
 * Returns: (transfer none): the #GstMetaInfo of #GstFaceFrameMeta
 *
 * Since: 0.1
 */
const GstMetaInfo* gst_face_frame_meta_get_info(void) {
  static const GstMetaInfo* info = NULL;

  if (g_once_init_enter(&info)) {
    g_once_init_leave(&info, gst_meta_register(GST_FACE_FRAME_META_API_TYPE, "GstFaceFrameMeta",
                                               sizeof(GstFaceFrameMeta), face_frame_meta_init, NULL,
                                               face_frame_meta_transform));
  }
  return info;
}

/**
 * gst_buffer_add_face_frame_meta:
 * @buffer: a writable buffer
 * @searched: whether faces were looked for in its frame
 * @search_time: presentation timestamp of the frame in which they were looked for last, or
 *   %GST_CLOCK_TIME_NONE
 *
 * Says of a buffer whether faces were looked for. Where another detector has said so before, it is
 * said anew.
 *
 * Returns: (transfer none): the meta, which belongs to @buffer
 *
 * Since: 0.1
 */
GstFaceFrameMeta* gst_buffer_add_face_frame_meta(GstBuffer* buffer, gboolean searched,
                                                 GstClockTime search_time) {
  GstFaceFrameMeta* frame;

  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);
  g_return_val_if_fail(gst_buffer_is_writable(buffer), NULL);

  frame = gst_buffer_get_face_frame_meta(buffer);
  if (frame == NULL) {
    frame = (GstFaceFrameMeta*)gst_buffer_add_meta(buffer, GST_FACE_FRAME_META_INFO, NULL);
  }
  frame->searched = searched;
  frame->predicted = FALSE;
  frame->search_time = search_time;
  return frame;
}

/**
 * gst_buffer_get_face_frame_meta:
 * @buffer: a buffer
 *
 * Returns: (transfer none) (nullable): what is said of @buffer, or %NULL where no detector has
 *
 * Since: 0.1
 */
GstFaceFrameMeta* gst_buffer_get_face_frame_meta(GstBuffer* buffer) {
  g_return_val_if_fail(GST_IS_BUFFER(buffer), NULL);

  return (GstFaceFrameMeta*)gst_buffer_get_meta(buffer, GST_FACE_FRAME_META_API_TYPE);
}

/**
 * gst_face_frame_meta_set_predicted:
 * @frame: what is said of a frame
 * @predicted: whether the frame's faces were predicted from earlier frames
 *
 * Since: 0.1
 */
void gst_face_frame_meta_set_predicted(GstFaceFrameMeta* frame, gboolean predicted) {
  g_return_if_fail(frame != NULL);

  frame->predicted = predicted;
}
