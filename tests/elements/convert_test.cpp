// SPDX-License-Identifier: LGPL-2.1-or-later

// From the core's types to the metadata and back.

#include "convert.h"

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

GstFaceMeta* add(GstBuffer* buffer, const facerec::Landmarks& landmarks = {}) {
  facerec::Face face;
  face.box = {10, 20, 30.5F, 40};
  face.confidence = 0.75F;
  face.landmarks = landmarks;
  return facerec::add_face(buffer, 3, face);
}

}  // namespace

GST_START_TEST(faces_come_back_as_they_were) {
  for (const auto& [scheme, count] : {std::pair{facerec::LandmarkScheme::None, 0},
                                      {facerec::LandmarkScheme::Eyes, 2},
                                      {facerec::LandmarkScheme::Five, 5},
                                      {facerec::LandmarkScheme::SixtyEight, 68}}) {
    facerec::Landmarks landmarks;
    landmarks.scheme = scheme;
    for (int i = 0; i < count; ++i) landmarks.points.emplace_back(i + 0.25F, 2 * i - 3.F);
    const test::Buffer buffer(gst_buffer_new());
    const facerec::Face face = facerec::face_of(add(buffer.get(), landmarks));
    fail_unless(face.box == cv::Rect2f(10, 20, 30.5F, 40));
    fail_unless(face.confidence == 0.75F);
    fail_unless(face.landmarks.scheme == scheme);
    fail_unless(face.landmarks.points == landmarks.points);
  }
}
GST_END_TEST;

GST_START_TEST(the_centre_of_the_first_pixel_is_half_a_pixel_from_the_corner) {
  const test::Buffer buffer(gst_buffer_new());
  facerec::Landmarks eyes;
  eyes.scheme = facerec::LandmarkScheme::Eyes;
  eyes.points = {{0, 0}, {10, 4}};
  GstFaceMeta* meta = add(buffer.get(), eyes);
  const GstFacePoint* points = gst_face_meta_get_landmarks(meta, nullptr);
  fail_unless(points[0].x == 0.5F && points[0].y == 0.5F);
  fail_unless(points[1].x == 10.5F && points[1].y == 4.5F);
}
GST_END_TEST;

GST_START_TEST(transforms_map_corners_as_they_map_centres) {
  const test::Buffer buffer(gst_buffer_new());
  GstFaceMeta* meta = add(buffer.get());
  // halves: pixels 0 and 1 together become pixel 0, so centre 0.5 maps to centre 0
  const facerec::Alignment half{{0.5F, 0, -0.25F, 0, 0.5F, -0.25F}, "arcface", {112, 96}};
  facerec::set_alignment(meta, half);
  const gfloat* transform = gst_face_meta_get_transform(meta);
  fail_unless(transform[0] == 0.5F && transform[4] == 0.5F);
  fail_unless(transform[2] == 0 && transform[5] == 0, "the corner does not stay");

  const auto back = facerec::alignment_of(meta);
  fail_unless(back.has_value());
  fail_unless(back->transform == half.transform);
  fail_unless(back->template_name == "arcface");
  fail_unless(back->size == cv::Size(112, 96));

  facerec::set_alignment(meta, std::nullopt);
  fail_if(facerec::alignment_of(meta).has_value());
}
GST_END_TEST;

GST_START_TEST(of_a_mask_the_hull_of_the_landmarks_comes_back) {
  const test::Buffer buffer(gst_buffer_new());
  GstFaceMeta* meta = add(buffer.get());
  facerec::Alignment whole{{0.5F, 0, 3, 0, 0.5F, 4}, "arcface", {112, 112}};
  facerec::Alignment masked = whole;
  masked.mask = {{1, 2}, {9, 2}, {9, 8}};
  facerec::set_alignment(meta, masked);
  fail_if(gst_face_meta_is_masked(meta), "of five points");

  facerec::Landmarks landmarks{facerec::LandmarkScheme::SixtyEight,
                               std::vector<cv::Point2f>(68, {20, 10})};
  landmarks.points[3] = {60, 10};
  landmarks.points[40] = {60, 50};
  facerec::set_landmarks(meta, landmarks);
  facerec::set_alignment(meta, masked);
  fail_unless(gst_face_meta_is_masked(meta));
  const auto back = facerec::alignment_of(meta);
  fail_unless(back && back->mask.size() == 3);
  for (const cv::Point2f& corner : {cv::Point2f(13, 9), cv::Point2f(33, 9), cv::Point2f(33, 29)}) {
    fail_unless(std::any_of(back->mask.begin(), back->mask.end(), [&](const cv::Point2f& point) {
      return cv::norm(point - corner) < 1e-3;
    }));
  }

  facerec::set_alignment(meta, whole);
  fail_if(gst_face_meta_is_masked(meta));
  fail_unless(facerec::alignment_of(meta)->mask.empty());
}
GST_END_TEST;

GST_START_TEST(quality_keeps_what_is_not_known) {
  const test::Buffer buffer(gst_buffer_new());
  GstFaceMeta* meta = add(buffer.get());
  facerec::Quality quality;
  quality.eye_distance = 42;
  quality.roll = -7;
  facerec::set_quality(meta, quality);
  fail_unless(meta->quality.size == 42 && meta->quality.roll == -7);
  fail_unless(std::isnan(meta->quality.sharpness) && std::isnan(meta->quality.yaw) &&
              std::isnan(meta->quality.pitch));
}
GST_END_TEST;

GST_START_TEST(embeddings_come_back_as_they_were) {
  const test::Buffer buffer(gst_buffer_new());
  GstFaceMeta* meta = add(buffer.get());
  fail_if(facerec::embedding_of(meta).has_value());
  facerec::set_embedding(meta, {"sface", "abc", {0.6F, 0.8F}, true});
  const auto embedding = facerec::embedding_of(meta);
  fail_unless(embedding.has_value());
  fail_unless(embedding->model == "sface" && embedding->fingerprint == "abc");
  fail_unless(embedding->values == std::vector<float>({0.6F, 0.8F}));
  fail_unless(embedding->unit_length);
  facerec::set_embedding(meta, {"sface", "abc", {NAN}, false});
  fail_if(facerec::embedding_of(meta).has_value(), "an embedding that is not finite was kept");
}
GST_END_TEST;

GST_START_TEST(identities_name_the_nearest_person_and_the_runner_up) {
  const test::Buffer buffer(gst_buffer_new());
  GstFaceMeta* meta = add(buffer.get());
  facerec::TrackVerdict verdict;
  verdict.nearest = {{4, "Ada", 0.5}, {9, "Grace", 0.75}};
  verdict.metric = facerec::Metric::EuclideanL2;
  verdict.threshold = 0.4;
  verdict.false_accept_rate = 1e-3;
  verdict.false_name_rate = 1e-2;
  verdict.reason = facerec::Reason::Blurred;
  verdict.shots = 2;
  facerec::set_identity(meta, verdict);
  const GstFaceIdentity* identity = gst_face_meta_get_identity(meta);
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless_equals_int64(gst_face_identity_get_person_id(identity), 4);
  fail_unless_equals_float(gst_face_identity_get_distance(identity), 0.5);
  fail_unless_equals_float(gst_face_identity_get_threshold(identity), 0.4);
  fail_unless_equals_int(gst_face_identity_get_metric(identity), GST_FACE_METRIC_EUCLIDEAN_L2);
  fail_if(gst_face_identity_is_accepted(identity));
  fail_unless_equals_float(gst_face_identity_get_false_accept_rate(identity), 1e-3);
  fail_unless_equals_float(gst_face_identity_get_false_name_rate(identity), 1e-2);
  fail_unless_equals_string(gst_face_identity_get_runner_up_name(identity), "Grace");
  fail_unless_equals_float(gst_face_identity_get_runner_up_distance(identity), 0.75);
  fail_unless_equals_int(gst_face_identity_get_verdict(identity), GST_FACE_VERDICT_UNDECIDED);
  fail_unless_equals_int(gst_face_identity_get_reason(identity), GST_FACE_REASON_BLURRED);
  fail_unless_equals_int(gst_face_identity_get_shots(identity), 2);
  fail_unless(gst_face_identity_get_label(identity) == nullptr);

  verdict.state = facerec::TrackState::Unknown;
  verdict.label = "unknown-3";
  facerec::set_identity(meta, verdict);
  identity = gst_face_meta_get_identity(meta);
  fail_unless_equals_int(gst_face_identity_get_verdict(identity), GST_FACE_VERDICT_UNKNOWN);
  fail_unless_equals_string(gst_face_identity_get_label(identity), "unknown-3");
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("convert");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, faces_come_back_as_they_were);
  tcase_add_test(tests, the_centre_of_the_first_pixel_is_half_a_pixel_from_the_corner);
  tcase_add_test(tests, transforms_map_corners_as_they_map_centres);
  tcase_add_test(tests, of_a_mask_the_hull_of_the_landmarks_comes_back);
  tcase_add_test(tests, quality_keeps_what_is_not_known);
  tcase_add_test(tests, embeddings_come_back_as_they_were);
  tcase_add_test(tests, identities_name_the_nearest_person_and_the_runner_up);
  return test::run_suite(suite);
}
