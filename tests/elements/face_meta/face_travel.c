// SPDX-License-Identifier: LGPL-2.1-or-later

/* Through which elements a face travels, and with which coordinates it arrives. */

#include <gst/check/gstharness.h>

#include "fixture.h"

#define FPS 10
#define N_FRAMES 4

typedef struct {
  const gchar* elements;
  const gchar* in;  /* caps of the frames pushed, less the frame rate */
  const gchar* out; /* caps of the frames pulled; NULL: as pushed */
  gdouble x, y;     /* scale of the frame; both 1 means exact */
  guint n_out;      /* frames pulled out of N_FRAMES */
} Row;

#define I420_VGA "video/x-raw,format=I420,width=640,height=480,pixel-aspect-ratio=1/1"
#define BGRX(size) "video/x-raw,format=BGRx," size
#define I420(size) "video/x-raw,format=I420," size

static const Row kept[] = {
    {"queue", I420_VGA, NULL, 1, 1, N_FRAMES},
    {"tee name=t ! queue  t. ! queue ! fakesink async=false sync=false", I420_VGA, NULL, 1, 1,
     N_FRAMES},
    {"videorate", I420_VGA, "video/x-raw,framerate=20/1", 1, 1, 2 * N_FRAMES - 1},
    {"videorate", I420_VGA, "video/x-raw,framerate=5/1", 1, 1, N_FRAMES / 2},
    {"videoconvert", I420_VGA, BGRX("width=640,height=480"), 1, 1, N_FRAMES},
    {"videoconvert", I420_VGA, I420("width=640,height=480"), 1, 1, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=640,height=480"), 1, 1, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=1280,height=960"), 2, 2, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=160,height=120"), 0.25, 0.25, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=320,height=480"), 0.5, 1, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=1280,height=720"), 2, 1.5, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=426,height=320,pixel-aspect-ratio=1/1"), 426 / 640.,
     320 / 480., N_FRAMES},
    {"videoscale ! video/x-raw,width=1920,height=480 ! videoscale", I420_VGA,
     I420("width=320,height=240"), 0.5, 0.5, N_FRAMES},
    {"videoconvertscale", I420_VGA, BGRX("width=640,height=480"), 1, 1, N_FRAMES},
    {"videoconvertscale", I420_VGA, I420("width=640,height=480"), 1, 1, N_FRAMES},
    {"videoconvertscale", I420_VGA, BGRX("width=320,height=240"), 0.5, 0.5, N_FRAMES},
    {"videoconvertscale", I420_VGA, BGRX("width=960,height=240"), 1.5, 0.5, N_FRAMES},
    {"videoconvert ! videoscale ! queue ! videorate", I420_VGA,
     BGRX("width=320,height=240,framerate=20/1"), 0.5, 0.5, 2 * N_FRAMES - 1},
};

/* Elements that move the picture in the frame and tell a meta nothing, or nothing that it
 * understands: lost is better than wrong. */
static const Row lost[] = {
    {"videocrop left=40 top=20", I420_VGA, NULL, 0, 0, N_FRAMES},
    {"videobox left=-40 top=-20", I420_VGA, NULL, 0, 0, N_FRAMES},
    {"videoflip video-direction=horiz", I420_VGA, NULL, 0, 0, N_FRAMES},
    {"videoscale", I420_VGA, I420("width=640,height=640,pixel-aspect-ratio=1/1"), 0, 0, N_FRAMES},
    {"videoconvertscale", I420_VGA, BGRX("width=1280,height=720,pixel-aspect-ratio=1/1"), 0, 0,
     N_FRAMES},
};

/* Luma or red. */
static guint8* pixel(GstVideoFrame* frame, gint x, gint y) {
  return GST_VIDEO_FRAME_COMP_DATA(frame, 0) + y * GST_VIDEO_FRAME_COMP_STRIDE(frame, 0) +
         x * GST_VIDEO_FRAME_COMP_PSTRIDE(frame, 0);
}

static gboolean box_has(const GstFaceBox* box, gint x, gint y) {
  return x + 0.5 >= box->x && x + 0.5 < box->x + box->width && y + 0.5 >= box->y &&
         y + 0.5 < box->y + box->height;
}

/* A grey frame, white where its two faces are. */
static GstBuffer* new_frame(const GstVideoInfo* info, guint n, const FullFace* full) {
  GstBuffer* buffer = gst_buffer_new_allocate(NULL, GST_VIDEO_INFO_SIZE(info), NULL);
  GstVideoFrame frame;

  gst_buffer_memset(buffer, 0, 0x80, GST_VIDEO_INFO_SIZE(info));
  fail_unless(gst_video_frame_map(&frame, info, buffer, GST_MAP_WRITE));
  for (gint y = 0; y < info->height; y++) {
    for (gint x = 0; x < info->width; x++) {
      *pixel(&frame, x, y) = box_has(&full->box, x, y) ? 235 : 16;
    }
  }
  gst_video_frame_unmap(&frame);
  GST_BUFFER_PTS(buffer) = n * GST_SECOND / FPS;
  GST_BUFFER_DURATION(buffer) = GST_SECOND / FPS;
  full_face_add(full, buffer, 2);
  full_face_add(full, buffer, 5);
  return buffer;
}

/* Sends frames with two faces through the elements of a row and returns those that arrive, and
 * what they look like. */
static GList* travel(const Row* row, const FullFace* full, GstVideoInfo* out_info) {
  gchar* launch = row->out == NULL
                      ? g_strdup(row->elements)
                      : g_strdup_printf("%s ! capsfilter caps=\"%s\"", row->elements, row->out);
  gchar* in = g_strdup_printf("%s,framerate=%d/1", row->in, FPS);
  GstHarness* harness;
  GstCaps* caps = gst_caps_from_string(in);
  GstCaps* out_caps;
  GstVideoInfo info;
  GstBuffer* buffer;
  GList* arrived = NULL;

  GST_INFO("%s", launch);
  fail_unless(gst_video_info_from_caps(&info, caps));
  harness = gst_harness_new_parse(launch);
  gst_harness_set_src_caps(harness, caps);
  for (guint i = 0; i < N_FRAMES; i++) {
    fail_unless_equals_int(gst_harness_push(harness, new_frame(&info, i, full)), GST_FLOW_OK);
  }
  fail_unless(gst_harness_push_event(harness, gst_event_new_eos()));
  for (guint i = 0; i < row->n_out; i++) {
    buffer = gst_harness_pull(harness);
    fail_unless(buffer != NULL, "%s: %u frames arrived", launch, i);
    arrived = g_list_append(arrived, buffer);
  }
  out_caps = gst_pad_get_current_caps(harness->sinkpad);
  fail_unless(gst_video_info_from_caps(out_info, out_caps));
  gst_caps_unref(out_caps);
  gst_harness_teardown(harness);
  g_free(launch);
  g_free(in);
  return arrived;
}

static void assert_roi_mirrors(GstBuffer* buffer, const GstFaceMeta* face) {
  const GstVideoRegionOfInterestMeta* roi = find_face_roi(buffer, face->id);

  fail_unless(roi != NULL);
  fail_unless(ABS(roi->x - face->box.x) <= 2 && ABS(roi->y - face->box.y) <= 2);
  fail_unless(ABS(roi->w - face->box.width) <= 3 && ABS(roi->h - face->box.height) <= 3);
}

/* Fails unless the white rectangle of the frame is where the face says that it is. */
static void assert_on_picture(GstBuffer* buffer, const GstVideoInfo* info,
                              const GstFaceMeta* face) {
  gint left = G_MAXINT, top = G_MAXINT, right = 0, bottom = 0;
  GstVideoFrame frame;

  fail_unless(gst_video_frame_map(&frame, info, buffer, GST_MAP_READ));
  for (gint y = 0; y < info->height; y++) {
    for (gint x = 0; x < info->width; x++) {
      if (*pixel(&frame, x, y) < 128) continue;
      left = MIN(left, x);
      top = MIN(top, y);
      right = MAX(right, x + 1);
      bottom = MAX(bottom, y + 1);
    }
  }
  gst_video_frame_unmap(&frame);
  fail_unless(ABS(left - face->box.x) <= 1.5, "left edge at %d, not %g", left, face->box.x);
  fail_unless(ABS(top - face->box.y) <= 1.5, "top edge at %d, not %g", top, face->box.y);
  fail_unless(ABS(right - left - face->box.width) <= 2.5, "width %d, not %g", right - left,
              face->box.width);
  fail_unless(ABS(bottom - top - face->box.height) <= 2.5, "height %d, not %g", bottom - top,
              face->box.height);
}

GST_START_TEST(faces_travel) {
  const Row* row = &kept[__i__];
  GstVideoInfo info;
  FullFace full;
  GList *arrived, *item;

  full_face_init(&full);
  arrived = travel(row, &full, &info);
  for (item = arrived; item != NULL; item = item->next) {
    GstBuffer* buffer = item->data;
    const guint ids[] = {2, 5};

    fail_unless_equals_int(gst_buffer_get_n_face_metas(buffer), G_N_ELEMENTS(ids));
    for (guint i = 0; i < G_N_ELEMENTS(ids); i++) {
      GstFaceMeta* face = gst_buffer_get_face_meta(buffer, ids[i]);

      fail_unless(face != NULL);
      if (row->x == 1 && row->y == 1) {
        assert_face_equal(face, &full, ids[i]);
      } else {
        assert_face_scaled(face, &full, ids[i], row->x, row->y);
      }
      assert_on_picture(buffer, &info, face);
      assert_roi_mirrors(buffer, face);
    }
  }
  g_list_free_full(arrived, (GDestroyNotify)gst_buffer_unref);
  full_face_clear(&full);
}
GST_END_TEST;

GST_START_TEST(faces_are_lost_rather_than_wrong) {
  GstVideoInfo info;
  FullFace full;
  GList *arrived, *item;

  full_face_init(&full);
  arrived = travel(&lost[__i__], &full, &info);
  for (item = arrived; item != NULL; item = item->next) {
    fail_unless_equals_int(gst_buffer_get_n_face_metas(item->data), 0);
  }
  g_list_free_full(arrived, (GDestroyNotify)gst_buffer_unref);
  full_face_clear(&full);
}
GST_END_TEST;

static GstPadProbeReturn remove_faces(GstPad* pad G_GNUC_UNUSED, GstPadProbeInfo* info,
                                      gpointer user_data) {
  GstBuffer* buffer = gst_buffer_make_writable(GST_PAD_PROBE_INFO_BUFFER(info));
  GstFaceMeta* face;
  guint* n_removed = user_data;

  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  gst_face_meta_set_identity(gst_buffer_get_face_meta(buffer, 2), NULL);
  face = gst_buffer_get_face_meta(buffer, 5);
  if (gst_buffer_remove_face_meta(buffer, face)) (*n_removed)++;
  return GST_PAD_PROBE_OK;
}

GST_START_TEST(branches_of_a_tee_do_not_disturb_each_other) {
  GstHarness* harness = gst_harness_new_parse(
      "tee name=t  t. ! fakesink name=other async=false sync=false  "
      "t. ! queue");
  GstElement* other = gst_bin_get_by_name(GST_BIN(harness->element), "other");
  GstPad* pad = gst_element_get_static_pad(other, "sink");
  guint n_removed = 0;
  GstVideoInfo info;
  GstBuffer* buffer;
  FullFace full;

  full_face_init(&full);
  fail_unless(gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 640, 480));
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, remove_faces, &n_removed, NULL);
  gst_harness_set_src_caps(harness, gst_video_info_to_caps(&info));
  fail_unless_equals_int(gst_harness_push(harness, new_frame(&info, 0, &full)), GST_FLOW_OK);
  buffer = gst_harness_pull(harness);

  fail_unless_equals_int(n_removed, 1);
  assert_face_equal(gst_buffer_get_face_meta(buffer, 2), &full, 2);
  assert_face_equal(gst_buffer_get_face_meta(buffer, 5), &full, 5);
  gst_buffer_unref(buffer);
  gst_object_unref(pad);
  gst_object_unref(other);
  gst_harness_teardown(harness);
  full_face_clear(&full);
}
GST_END_TEST;

static Suite* face_travel_suite(void) {
  Suite* suite = suite_create("face_travel");
  TCase* tc = tcase_create("general");

  suite_add_tcase(suite, tc);
  tcase_add_loop_test(tc, faces_travel, 0, G_N_ELEMENTS(kept));
  tcase_add_loop_test(tc, faces_are_lost_rather_than_wrong, 0, G_N_ELEMENTS(lost));
  tcase_add_test(tc, branches_of_a_tee_do_not_disturb_each_other);
  return suite;
}

GST_CHECK_MAIN(face_travel)
