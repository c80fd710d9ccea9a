// SPDX-License-Identifier: LGPL-2.1-or-later

// faceembed with networks of the reference material; skipped where it is absent.

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

constexpr int kSize = 434;
constexpr const char* kDetect = "facerecdetect model=yunet";
constexpr const char* kEmbed = "faceembed model=mobilefacenet";

Buffer portrait(const GstVideoInfo& info) {
  return test::photo_frame(test::portrait_file(), info);
}

std::vector<float> embedding_of(GstBuffer* buffer) {
  const auto faces = test::faces_of(buffer);
  fail_unless_equals_int(faces.size(), 1);
  const GstFaceEmbedding* embedding = gst_face_meta_get_embedding(faces[0]);
  fail_if(embedding == nullptr, "no embedding");
  gsize dimension = 0;
  const gfloat* values = gst_face_embedding_get_values(embedding, &dimension);
  return {values, values + dimension};
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double dot = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return dot / std::sqrt(aa * bb);
}

std::vector<float> embed(GstVideoFormat format, const std::string& align) {
  const GstVideoInfo info = test::video_info(format, kSize, kSize);
  Bench detect(kDetect, info);
  Bench aligner(align, info);
  Bench embedder(kEmbed, info);
  const Buffer out = embedder.pass(aligner.pass(detect.pass(portrait(info))));
  return embedding_of(out.get());
}

}  // namespace

GST_START_TEST(represents_a_face_alike_in_every_format) {
  const auto reference = embed(GST_VIDEO_FORMAT_BGR, "facealign");
  fail_unless_equals_int(reference.size(), 128);
  for (const GstVideoFormat format : test::formats()) {
    // gray lacks the colours that the network looks at
    const bool is_gray = GST_VIDEO_FORMAT_INFO_IS_GRAY(gst_video_format_get_info(format));
    const double least = is_gray ? 0.9 : 0.98;
    const double likeness = cosine(embed(format, "facealign"), reference);
    fail_unless(likeness > least, "%s: %.4f", gst_video_format_to_string(format), likeness);
  }
}
GST_END_TEST;

GST_START_TEST(aligns_anew_what_was_aligned_to_another_template_or_size) {
  const auto reference = embed(GST_VIDEO_FORMAT_BGR, "facealign");
  for (const char* align : {"identity", "facealign template=openface size=96",
                            "facealign template=none", "facealign size=200"}) {
    fail_unless(cosine(embed(GST_VIDEO_FORMAT_BGR, align), reference) > 0.99999, "%s", align);
  }
}
GST_END_TEST;

/// Makes everything gray that lies more than a few pixels outside the box of the face's landmarks.
void blank_around_landmarks(GstBuffer* buffer, const GstVideoInfo& info) {
  guint count = 0;
  const GstFacePoint* points = gst_face_meta_get_landmarks(test::faces_of(buffer).at(0), &count);
  std::vector<cv::Point2f> landmarks(count);
  std::transform(points, points + count, landmarks.begin(),
                 [](const GstFacePoint& point) { return cv::Point2f(point.x, point.y); });
  constexpr int border = 5;
  const cv::Rect box = cv::boundingRect(landmarks);
  const cv::Rect kept(box.tl() - cv::Point(border, border), box.br() + cv::Point(border, border));

  GstVideoFrame frame;
  fail_unless(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READWRITE));
  cv::Mat picture(kSize, kSize, CV_8UC3, GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
                  GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0));
  const cv::Mat inside = picture(kept).clone();
  picture.setTo(cv::Scalar::all(128));
  inside.copyTo(picture(kept));
  gst_video_frame_unmap(&frame);
}

std::string fingerprint_of(GstBuffer* buffer) {
  return gst_face_embedding_get_fingerprint(
      gst_face_meta_get_embedding(test::faces_of(buffer).at(0)));
}

GST_START_TEST(sees_of_a_masked_face_only_the_inside) {
  if (test::skip_with_facetrack("a track keeps its embedding")) return;
  if (test::skip_without({test::shared_folder() / "models/pfld_cunjian.onnx"}) != 0) return;
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kSize, kSize);
  const auto aligned = [&](const std::string& align) {
    Bench bench(align, info);
    Buffer photo = portrait(info);
    gst_buffer_add_face_meta(photo.get(), 0, &test::kPortraitFace, 1);
    return bench.pass(std::move(photo));
  };
  Bench embedder(kEmbed, info);
  const std::string align = "facealign landmarks=pfld";
  const auto change = [&](const std::string& settings) {
    const Buffer whole = embedder.pass(aligned(align + settings));
    Buffer blanked = aligned(align + settings);
    blank_around_landmarks(blanked.get(), info);
    const Buffer out = embedder.pass(std::move(blanked));
    test::expect_equal(fingerprint_of(out.get()), fingerprint_of(whole.get()));
    return 1 - cosine(embedding_of(out.get()), embedding_of(whole.get()));
  };
  fail_unless(change("") > 1e-3, "what lies around a face does not matter without a mask");
  for (const char* settings : {" mask=true", " mask=true template=openface size=96"}) {
    fail_unless(change(settings) < 1e-6, "%s: %g", settings, change(settings));
  }
  fail_if(fingerprint_of(embedder.pass(aligned(align)).get()) ==
          fingerprint_of(embedder.pass(aligned(align + " mask=true")).get()));
}
GST_END_TEST;

GST_START_TEST(says_which_model_it_uses_and_how_long_embeddings_are) {
  Bench bench(kEmbed, test::video_info(GST_VIDEO_FORMAT_BGR, kSize, kSize));
  gchar* used = nullptr;
  guint dimension = 0;
  g_object_get(bench.element(), "used-model", &used, "dimension", &dimension, nullptr);
  fail_unless_equals_string(used, "mobilefacenet");
  fail_unless_equals_int(dimension, 128);
  g_free(used);
}
GST_END_TEST;

GST_START_TEST(represents_all_faces_of_a_frame) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kSize, kSize);
  Bench detect(kDetect, info);
  Bench embedder(kEmbed, info);
  Buffer frame = detect.pass(portrait(info));
  const GstFaceMeta* face = test::faces_of(frame.get()).at(0);
  guint count = 0;
  const GstFacePoint* points = gst_face_meta_get_landmarks(face, &count);
  const std::vector<GstFacePoint> copy(points, points + count);
  const GstFaceBox box = face->box;
  for (guint id = 100; id < 105; ++id) {
    GstFaceMeta* twin = gst_buffer_add_face_meta(frame.get(), id, &box, 1);
    gst_face_meta_set_landmarks(twin, GST_FACE_LANDMARK_SCHEME_FIVE, copy.data(), count);
  }
  const Buffer out = embedder.pass(std::move(frame));
  const auto faces = test::faces_of(out.get());
  fail_unless_equals_int(faces.size(), 6);
  const gfloat* first =
      gst_face_embedding_get_values(gst_face_meta_get_embedding(faces[0]), nullptr);
  for (const GstFaceMeta* each : faces) {
    const gfloat* values =
        gst_face_embedding_get_values(gst_face_meta_get_embedding(each), nullptr);
    for (int i = 0; i < 128; ++i) fail_unless(std::abs(values[i] - first[i]) < 1e-4);
  }
}
GST_END_TEST;

GST_START_TEST(warns_once_about_faces_that_cannot_be_aligned) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kSize, kSize);
  Bench bench(kEmbed, info);
  for (int i = 0; i < 3; ++i) {
    Buffer frame = portrait(info);
    gst_buffer_add_face_meta(frame.get(), 0, &test::kPortraitFace, 1);
    const Buffer out = bench.pass(std::move(frame));
    fail_unless(gst_face_meta_get_embedding(test::faces_of(out.get()).at(0)) == nullptr);
  }
  const auto warnings = bench.messages(GST_MESSAGE_WARNING);
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_STREAM_ERROR,
                       GST_STREAM_ERROR_FORMAT, {"put facealign before faceembed"});
}
GST_END_TEST;

GST_START_TEST(runs_a_network_without_a_profile) {
  const GstVideoInfo info = test::video_info(GST_VIDEO_FORMAT_BGR, kSize, kSize);
  const std::string network = test::shared_folder() / "models/mobilefacenet_y1_128d.onnx";
  Bench detect(kDetect, info);
  Bench bench("faceembed input-size=112x112 colour=rgb model=" + network, info);
  const Buffer out = bench.pass(detect.pass(portrait(info)));
  fail_unless(cosine(embedding_of(out.get()), embed(GST_VIDEO_FORMAT_BGR, "facealign")) > 0.9999);
  guint dimension = 0;
  g_object_get(bench.element(), "dimension", &dimension, nullptr);
  fail_unless_equals_int(dimension, 128);
}
GST_END_TEST;

int main(int argc, char** argv) {
  const test::fs::path models = test::shared_folder() / "models";
  if (const int skip =
          test::skip_without({test::portrait_file(), models / "mobilefacenet_y1_128d.onnx",
                              models / "face_detection_yunet_2023mar.onnx"})) {
    return skip;
  }
  const std::string path = models.string() + ":" + g_getenv("FACEREC_MODEL_PATH");
  g_setenv("FACEREC_MODEL_PATH", path.c_str(), TRUE);
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("faceembed");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, represents_a_face_alike_in_every_format);
  tcase_add_test(tests, aligns_anew_what_was_aligned_to_another_template_or_size);
  tcase_add_test(tests, sees_of_a_masked_face_only_the_inside);
  tcase_add_test(tests, says_which_model_it_uses_and_how_long_embeddings_are);
  tcase_add_test(tests, represents_all_faces_of_a_frame);
  tcase_add_test(tests, warns_once_about_faces_that_cannot_be_aligned);
  tcase_add_test(tests, runs_a_network_without_a_profile);
  return test::run_suite(suite);
}
