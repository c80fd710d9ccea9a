// SPDX-License-Identifier: LGPL-2.1-or-later

// The bin facerec. What needs networks is skipped without the reference material.

#include <set>

#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

std::set<std::string> children_of(GstElement* bin) {
  std::set<std::string> types;
  GstIterator* iterator = gst_bin_iterate_elements(GST_BIN(bin));
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(iterator, &item) == GST_ITERATOR_OK) {
    types.insert(G_OBJECT_TYPE_NAME(g_value_get_object(&item)));
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(iterator);
  return types;
}

}  // namespace

GST_START_TEST(hands_its_properties_to_its_children) {
  const test::Element bin(gst_parse_launch(
      "facerec detector=haar detect-threshold=0.5 detect-size=320 tiles=2 min-size=20 max-faces=3 "
      "inference-interval=2 landmarks=none mask=true model=sface gallery=g.db metric=euclidean-l2 "
      "threshold=0.9 top-k=4 post-messages=changes",
      nullptr));
  GstElement* detect = gst_bin_get_by_name(GST_BIN(bin.get()), "detect");
  gfloat threshold = 0;
  gint size = 0;
  gint tiles = 0;
  gint least = 0;
  gint most = 0;
  guint interval = 0;
  gchar* model = nullptr;
  g_object_get(detect, "threshold", &threshold, "detect-size", &size, "tiles", &tiles, "min-size",
               &least, "max-faces", &most, "inference-interval", &interval, "model", &model,
               nullptr);
  fail_unless(threshold == 0.5F && size == 320 && tiles == 2 && least == 20 && most == 3 &&
              interval == 2);
  fail_unless_equals_string(model, "haar");
  g_free(model);
  gst_object_unref(detect);

  GstElement* align = gst_bin_get_by_name(GST_BIN(bin.get()), "align");
  gboolean mask = FALSE;
  g_object_get(align, "mask", &mask, nullptr);
  fail_unless(mask);
  gst_object_unref(align);

  gint top_k = 0;
  gdouble accepted = 0;
  gint metric = 0;
  gchar* gallery = nullptr;
  g_object_get(bin.get(), "top-k", &top_k, "threshold", &accepted, "metric", &metric, "gallery",
               &gallery, nullptr);
  fail_unless(top_k == 4 && accepted == 0.9 && metric == GST_FACE_METRIC_EUCLIDEAN_L2);
  fail_unless_equals_string(gallery, "g.db");
  g_free(gallery);
}
GST_END_TEST;

GST_START_TEST(holds_the_children_that_its_settings_want) {
  const test::Element bin(gst_parse_launch("facerec", nullptr));
  const std::set<std::string> always{"GstFacerecDetect", "GstFacerecAlign", "GstFacerecEmbed"};
  const auto children_with = [&](const char* gallery, bool annotate) {
    g_object_set(bin.get(), "gallery", gallery, "annotate", static_cast<gboolean>(annotate),
                 nullptr);
    fail_unless_equals_int(gst_element_set_state(bin.get(), GST_STATE_READY),
                           GST_STATE_CHANGE_SUCCESS);
    const auto children = children_of(bin.get());
    gst_element_set_state(bin.get(), GST_STATE_NULL);
    return children;
  };
  auto expected = always;
  fail_unless(children_with("", false) == expected);
  expected.insert("GstFacerecAnnotate");
  fail_unless(children_with("", true) == expected);
  expected.insert("GstFacerecMatch");
  fail_unless(children_with("people.db", true) == expected);
  expected.erase("GstFacerecAnnotate");
  fail_unless(children_with("people.db", false) == expected);
  fail_unless(children_with("", false) == always);
}
GST_END_TEST;

GST_START_TEST(posts_the_error_of_a_child) {
  const test::Message last = test::run("videotestsrc ! facerec model=nosuch ! fakesink");
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_NOT_FOUND, {"nosuch"});
}
GST_END_TEST;

GST_START_TEST(recognises_a_face_from_a_photograph) {
  const test::fs::path models = test::shared_folder() / "models";
  if (test::skip_without({test::portrait_file(), models / "mobilefacenet_y1_128d.onnx",
                          models / "face_detection_yunet_2023mar.onnx"}) != 0) {
    return;
  }
  const std::string path = models.string() + ":" + g_getenv("FACEREC_MODEL_PATH");
  g_setenv("FACEREC_MODEL_PATH", path.c_str(), TRUE);
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_NV12, 434, 434);
  const std::string bin = "facerec detector=yunet model=mobilefacenet landmarks=none ";
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  {
    test::Bench bench(bin, info);
    const test::Buffer out = bench.pass(test::photo_frame(test::portrait_file(), info));
    const GstFaceEmbedding* embedding =
        gst_face_meta_get_embedding(test::faces_of(out.get()).at(0));
    gsize dimension = 0;
    const gfloat* values = gst_face_embedding_get_values(embedding, &dimension);
    facerec::Template entry;
    entry.embedding = {gst_face_embedding_get_model(embedding),
                       gst_face_embedding_get_fingerprint(embedding),
                       {values, values + dimension},
                       gst_face_embedding_is_unit_length(embedding) != FALSE};
    facerec::Gallery(gallery, facerec::Gallery::Mode::Create).enroll("Ada", entry);
  }
  test::Bench bench(bin + "annotate=true gallery=" + gallery, info);
  test::Buffer photo = test::photo_frame(test::portrait_file(), info);
  const std::string before = test::checksum(photo.get(), info);
  const test::Buffer out = bench.pass(std::move(photo));
  const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless(gst_face_identity_is_accepted(identity));
  fail_if(test::checksum(out.get(), info) == before, "nothing was drawn");
  fail_unless_equals_int(bench.messages(GST_MESSAGE_ELEMENT).size(), 1);
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facerec bin");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, hands_its_properties_to_its_children);
  tcase_add_test(tests, holds_the_children_that_its_settings_want);
  tcase_add_test(tests, posts_the_error_of_a_child);
  tcase_add_test(tests, recognises_a_face_from_a_photograph);
  return gst_check_run_suite(suite, "facerecbin", __FILE__);
}
