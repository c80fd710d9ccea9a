// SPDX-License-Identifier: LGPL-2.1-or-later

// facematch with galleries and embeddings that are made here; no model is needed.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "embed/find_embedder.h"
#include "match/gallery_model.h"
#include "match/index.h"
#include "store/gallery_name.h"
#include "store/sqlite_library.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

const GstVideoInfo kInfo = test::video_info(GST_VIDEO_FORMAT_GRAY8, 64, 48);
const GstFaceBox kBox{1, 2, 30, 40};

std::vector<float> at_angle(double degrees) {
  return {static_cast<float>(std::cos(degrees * G_PI / 180)),
          static_cast<float>(std::sin(degrees * G_PI / 180))};
}

void enroll(const std::string& file, const std::string& name, double degrees,
            const std::string& model = "testmodel") {
  facerec::Gallery gallery(file, facerec::Gallery::Mode::Create);
  facerec::Template entry;
  entry.embedding = {model, model + "-fingerprint", at_angle(degrees), true};
  gallery.enroll(name, entry);
}

GstFaceMeta* add_face(const Buffer& frame, guint id, double degrees) {
  GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), id, &kBox, 0.5F);
  GstFaceEmbedding* embedding =
      gst_face_embedding_new("testmodel", "testmodel-fingerprint", at_angle(degrees).data(), 2);
  gst_face_meta_set_embedding(face, embedding);
  gst_face_embedding_unref(embedding);
  return face;
}

Buffer frame_with_embedding(double degrees, GstClockTime pts = 0) {
  Buffer frame = test::blank_frame(kInfo, pts);
  add_face(frame, 5, degrees);
  return frame;
}

std::string text(const GstStructure* structure, const char* field) {
  const gchar* value = gst_structure_get_string(structure, field);
  fail_if(value == nullptr, "no string %s", field);
  return value;
}

double number(const GstStructure* structure, const char* field) {
  gdouble value = NAN;
  fail_unless(gst_structure_get_double(structure, field, &value), "no number %s", field);
  return value;
}

/// The name in the metadata after a pass, with a star where it was accepted.
std::string named(Bench& bench, double degrees, GstClockTime pts = 0) {
  const Buffer out = bench.pass(frame_with_embedding(degrees, pts));
  const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
  fail_if(identity == nullptr);
  const gchar* name = gst_face_identity_get_name(identity);
  return (name != nullptr ? std::string(name) : "") +
         (gst_face_identity_is_accepted(identity) ? "*" : "");
}

/// Asks until the answer is the expected one, one second at most.
void expect_within_a_second(Bench& bench, double degrees, const std::string& expected) {
  const gint64 end = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
  while (g_get_monotonic_time() < end) {
    if (named(bench, degrees) == expected) return;
    g_usleep(20000);
  }
  fail("not %s within a second", expected.c_str());
}

struct Setup {
  test::Folder folder;
  std::string gallery = folder / "people.db";
  Setup() {
    enroll(gallery, "Ada", 0);
    enroll(gallery, "Grāce 李", 40);
  }
  std::string element(const std::string& rest = "") const {
    return "facematch threshold=0.05 gallery=" + gallery + " " + rest;
  }
};

}  // namespace

GST_START_TEST(names_the_nearest_person_and_the_runner_up) {
  if (test::skip_with_facetrack("all frames show one person")) return;
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  const Buffer out = bench.pass(frame_with_embedding(5));
  const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
  fail_unless_equals_string(gst_face_identity_get_name(identity), "Ada");
  fail_unless(gst_face_identity_is_accepted(identity));
  fail_unless(std::abs(gst_face_identity_get_distance(identity) - 0.003805) < 1e-5);
  fail_unless_equals_string(gst_face_identity_get_runner_up_name(identity), "Grāce 李");
  fail_unless(std::abs(gst_face_identity_get_runner_up_distance(identity) - 0.180848) < 1e-5);

  test::expect_equal(named(bench, 20.5), "Grāce 李");
  test::expect_equal(named(bench, 41), "Grāce 李*");
}
GST_END_TEST;

GST_START_TEST(posts_all_that_is_known_of_a_face) {
  if (test::skip_with_facetrack("all frames show one person")) return;
  const Setup setup;
  Bench bench(setup.element("top-k=2"), kInfo);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  segment.start = 3 * GST_SECOND;
  segment.time = 100 * GST_SECOND;
  segment.base = 1000 * GST_SECOND;
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  bench.pass(frame_with_embedding(90, 4 * GST_SECOND));
  bench.pass(frame_with_embedding(0, 5 * GST_SECOND));

  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 2);
  const GstStructure* unknown = gst_message_get_structure(messages[0].get());
  fail_unless(gst_structure_has_name(unknown, "facematch"));
  test::expect_equal(text(unknown, "person"), "");
  test::expect_equal(text(unknown, "nearest"), "Grāce 李");

  const GstStructure* known = gst_message_get_structure(messages[1].get());
  gboolean accepted = FALSE;
  guint face_id = 0;
  gint64 track_id = 0;
  gint64 person_id = 0;
  guint64 timestamp = 0;
  guint64 stream_time = 0;
  guint64 running_time = 0;
  fail_unless(gst_structure_get(known, "accepted", G_TYPE_BOOLEAN, &accepted, "face-id",
                                G_TYPE_UINT, &face_id, "track-id", G_TYPE_INT64, &track_id,
                                "person-id", G_TYPE_INT64, &person_id, "timestamp", G_TYPE_UINT64,
                                &timestamp, "stream-time", G_TYPE_UINT64, &stream_time,
                                "running-time", G_TYPE_UINT64, &running_time, nullptr));
  fail_unless(accepted);
  fail_unless_equals_int(face_id, 5);
  fail_unless_equals_int64(track_id, -1);
  fail_unless_equals_int64(person_id, 1);
  fail_unless_equals_uint64(timestamp, 5 * GST_SECOND);
  fail_unless_equals_uint64(stream_time, 102 * GST_SECOND);
  fail_unless_equals_uint64(running_time, 1002 * GST_SECOND);
  test::expect_equal(text(known, "person"), "Ada");
  test::expect_equal(text(known, "nearest"), "Ada");
  test::expect_equal(text(known, "metric"), "cosine");
  fail_unless_equals_float(number(known, "threshold"), 0.05);
  fail_unless(std::abs(number(known, "distance")) < 1e-6);
  fail_unless_equals_float(number(known, "x"), 1);
  fail_unless_equals_float(number(known, "y"), 2);
  fail_unless_equals_float(number(known, "width"), 30);
  fail_unless_equals_float(number(known, "height"), 40);
  fail_unless_equals_float(number(known, "confidence"), 0.5);

  const GValue* candidates = gst_structure_get_value(known, "candidates");
  fail_unless_equals_int(gst_value_array_get_size(candidates), 2);
  const GstStructure* second = gst_value_get_structure(gst_value_array_get_value(candidates, 1));
  test::expect_equal(text(second, "person"), "Grāce 李");
  fail_unless(std::abs(number(second, "distance") - (1 - std::cos(40 * G_PI / 180))) < 1e-5);
}
GST_END_TEST;

GST_START_TEST(posts_what_is_asked_for) {
  if (test::skip_with_facetrack("tracks tell more")) return;
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  const auto posted = [&] { return bench.messages(GST_MESSAGE_ELEMENT).size(); };
  for (int i = 0; i < 10; ++i) named(bench, 0, i * GST_SECOND / 30);
  fail_unless_equals_int(posted(), 1);
  gst_harness_push_event(bench.harness(), gst_event_new_flush_start());
  gst_harness_push_event(bench.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  named(bench, 0, GST_SECOND);
  fail_unless_equals_int(posted(), 1);

  gst_util_set_object_arg(G_OBJECT(bench.element()), "post-messages", "none");
  named(bench, 40, GST_SECOND);
  fail_unless_equals_int(posted(), 0);
  gst_util_set_object_arg(G_OBJECT(bench.element()), "post-messages", "all");
  named(bench, 40, GST_SECOND);
  named(bench, 40, GST_SECOND);
  fail_unless_equals_int(posted(), 2);
}
GST_END_TEST;

GST_START_TEST(measures_by_the_metric_asked_for) {
  const Setup setup;
  const double chord = 2 * std::sin(2.5 * G_PI / 180);
  for (const auto& [metric, expected] : {std::pair{"cosine", 1 - std::cos(5 * G_PI / 180)},
                                         {"euclidean", chord},
                                         {"euclidean-l2", chord}}) {
    Bench bench(setup.element(std::string("metric=") + metric), kInfo);
    const Buffer out = bench.pass(frame_with_embedding(5));
    const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
    fail_unless(std::abs(gst_face_identity_get_distance(identity) - expected) < 1e-5);
  }
}
GST_END_TEST;

GST_START_TEST(notices_within_a_second_what_others_change) {
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  test::expect_equal(named(bench, 90), "Grāce 李");
  enroll(setup.gallery, "Mary", 90);
  expect_within_a_second(bench, 90, "Mary*");
  const std::string removal = "\"$FACEREC_PROGRAM\" remove --gallery '" + setup.gallery + "' Mary";
  fail_unless_equals_int(std::system(removal.c_str()), 0);
  expect_within_a_second(bench, 90, "Grāce 李");
}
GST_END_TEST;

GST_START_TEST(goes_on_with_a_warning_when_the_gallery_breaks) {
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  const std::string other = setup.folder / "other";
  std::ofstream(other) << "no gallery";
  test::fs::rename(other, setup.gallery);
  std::vector<test::Message> warnings;
  for (int i = 0; i < 100 && warnings.empty(); ++i) {
    g_usleep(20000);
    warnings = bench.messages(GST_MESSAGE_WARNING);
  }
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_READ, {"people.db"});
  test::expect_equal(named(bench, 0), "Ada*");
}
GST_END_TEST;

/// The first of these messages within two seconds; null where none comes.
static test::Message wait_for(Bench& bench, GstMessageType type) {
  for (int i = 0; i < 100; ++i) {
    auto messages = bench.messages(type);
    if (!messages.empty()) return std::move(messages.front());
    g_usleep(20000);
  }
  return nullptr;
}

GST_START_TEST(goes_on_with_a_warning_when_a_gallery_of_another_model_takes_its_place) {
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  test::expect_equal(named(bench, 0), "Ada*");
  const std::string other = setup.folder / "other.db";
  enroll(other, "Mary", 0, "othermodel");
  test::fs::rename(other, setup.gallery);
  const test::Message warning = wait_for(bench, GST_MESSAGE_WARNING);
  test::expect_problem(warning.get(), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_READ, {"testmodel", "othermodel", "people.db"});
  test::expect_equal(named(bench, 0), "Ada*");
  enroll(setup.folder / "third.db", "Eve", 0);
  test::fs::rename(setup.folder / "third.db", setup.gallery);
  expect_within_a_second(bench, 0, "Eve*");
}
GST_END_TEST;

GST_START_TEST(a_gallery_of_another_model_than_faceembeds_is_an_error_before_any_face) {
  const test::Folder folder;
  const std::string gallery = folder / "other.db";
  enroll(gallery, "Ada", 0, "othermodel");
  // One error, and no other behind it.
  Bench bench("facematch threshold=0.5 gallery=" + gallery, kInfo);
  gst_harness_push_event(
      bench.harness(),
      gst_event_new_custom(
          GST_EVENT_CUSTOM_DOWNSTREAM_STICKY,
          gst_structure_new("facerec-model", "name", G_TYPE_STRING, "testmodel", "fingerprint",
                            G_TYPE_STRING, "testmodel-fingerprint", "masked-fingerprint",
                            G_TYPE_STRING, "beef", nullptr)));
  fail_unless_equals_int(bench.push(test::blank_frame(kInfo)), GST_FLOW_ERROR);
  fail_unless_equals_int(bench.messages(GST_MESSAGE_ERROR).size(), 1);
  const test::Message last = test::run(
      "videotestsrc ! video/x-raw,width=64,height=48 ! faceembed model=facerec-embed"
      " ! queue ! facematch threshold=0.5 gallery=" +
      gallery + " ! fakesink");
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"facerec-embed", "othermodel"});
}
GST_END_TEST;

/// Makes a gallery of facerec-embed behind OpenFace's template.
static void enroll_with_another_template(const std::string& gallery) {
  const facerec::Model model = facerec::find_embedder("facerec-embed", "openface");
  facerec::Template entry;
  entry.embedding = {model.profile.name, model.fingerprint,
                     std::vector<float>(static_cast<std::size_t>(model.profile.dimension), 1),
                     true};
  const facerec::ModelFacts facts = facerec::facts_of(model.profile, "facerec-embed");
  facerec::Gallery(gallery, facerec::Gallery::Mode::Create).enroll("Ada", {entry}, &facts);
}

GST_START_TEST(a_gallery_made_with_another_template_runs_with_its_own_embedder) {
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll_with_another_template(gallery);

  const std::string video = "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! ";
  const std::string match = " ! facematch gallery=" + gallery + " ! fakesink";
  for (const std::string& element :
       {std::string("faceembed model=facerec-embed template=openface") + match,
        "faceembed gallery=" + gallery + match,
        "facerec detector=haar gallery=" + gallery + " ! fakesink"}) {
    const test::Message last = test::run(video + element);
    fail_unless_equals_int(GST_MESSAGE_TYPE(last.get()), GST_MESSAGE_EOS);
  }
  const test::Message last = test::run(video + "faceembed model=facerec-embed" + match);
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"facerec-embed", "template"});
}
GST_END_TEST;

GST_START_TEST(an_encrypted_gallery_is_opened_with_its_key_file) {
  const test::Folder folder;
  const std::string gallery = folder / "people.db", key = folder / "people.key";
  std::ofstream(key) << std::string(64, 'a') << '\n';
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  const std::string video = "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! ";
  const std::string with_key = "gallery=" + gallery + " key-file=" + key;
  if (!facerec::can_encrypt()) {
    enroll(gallery, "Ada", 0);
    const test::Message last = test::run(video + "facematch " + with_key + " ! fakesink");
    test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                         GST_RESOURCE_ERROR_SETTINGS, {key, "no encryption"});
    return;
  }
  const std::string whole = facerec::with_key_file(gallery, key);
  enroll_with_another_template(whole);

  for (const std::string& element :
       {"faceembed " + with_key + " ! facematch " + with_key + " ! fakesink",
        "facerec detector=haar " + with_key + " ! fakesink",
        "facerec detector=haar gallery=\"" + whole + "\" ! fakesink"}) {
    const test::Message last = test::run(video + element);
    fail_unless_equals_int(GST_MESSAGE_TYPE(last.get()), GST_MESSAGE_EOS);
  }
  for (const std::string& element : {"facematch gallery=" + gallery + " ! fakesink",
                                     "facerec detector=haar gallery=" + gallery + " ! fakesink"}) {
    const test::Message last = test::run(video + element);
    test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                         GST_RESOURCE_ERROR_OPEN_READ, {gallery, "key file"});
  }
}
GST_END_TEST;

GST_START_TEST(takes_the_threshold_from_the_gallery_whatever_lies_in_the_search_path) {
  const test::Folder folder;
  std::ofstream(folder / "broken.json") << "{";
  g_setenv("FACEREC_MODEL_PATH", (folder / "").c_str(), TRUE);
  const std::string gallery = folder / "people.db";
  facerec::Profile profile;
  profile.name = "testmodel";
  profile.template_name = "arcface";
  profile.input = {112, 112};
  profile.files.resize(1);
  profile.files[0].name = "testmodel.onnx";
  profile.dimension = 2;
  profile.thresholds["cosine"] = {0.05, "made up"};
  const facerec::ModelFacts facts{profile, "/elsewhere/testmodel.json"};
  facerec::Template entry;
  entry.embedding = {"testmodel", "testmodel-fingerprint", at_angle(0), true};
  facerec::Gallery(gallery, facerec::Gallery::Mode::Create).enroll("Ada", {entry}, &facts);
  Bench bench("facematch gallery=" + gallery, kInfo);
  test::expect_equal(named(bench, 5), "Ada*");
  test::expect_equal(named(bench, 40), "Ada");
}
GST_END_TEST;

GST_START_TEST(an_empty_gallery_names_nobody) {
  const test::Folder folder;
  const std::string gallery = folder / "empty.db";
  { const facerec::Gallery made(gallery, facerec::Gallery::Mode::Create); }
  Bench bench("facematch threshold=0.5 gallery=" + gallery, kInfo);
  test::expect_equal(named(bench, 0), "");
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 1);
  test::expect_equal(text(gst_message_get_structure(messages[0].get()), "nearest"), "");
  enroll(gallery, "Ada", 0);
  expect_within_a_second(bench, 0, "Ada*");
}
GST_END_TEST;

GST_START_TEST(a_gallery_of_another_model_ends_in_an_error_with_both_names) {
  const test::Folder folder;
  const std::string gallery = folder / "other.db";
  enroll(gallery, "Ada", 0, "othermodel");
  Bench bench("facematch threshold=0.5 gallery=" + gallery, kInfo);
  fail_unless_equals_int(bench.push(frame_with_embedding(0)), GST_FLOW_ERROR);
  const auto errors = bench.messages(GST_MESSAGE_ERROR);
  fail_unless_equals_int(errors.size(), 1);
  test::expect_problem(errors[0].get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"testmodel", "othermodel"});
}
GST_END_TEST;

GST_START_TEST(a_model_without_known_threshold_asks_for_one) {
  const Setup setup;
  const test::Message last =
      test::run("videotestsrc ! facematch gallery=" + setup.gallery + " ! fakesink");
  test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"testmodel", "threshold"});
}
GST_END_TEST;

namespace {

/// A profile of the galleries' model, with or without a curve of strangers' distances: a tenth
/// comes within 0.5, and each 0.05 nearer an e-th of it.
void write_profile(const test::Folder& folder, bool with_curve) {
  std::ofstream(folder / "testmodel.json")
      << R"({"name": "testmodel", "title": "T", "role": "embedder", "files": [{"name": "x.onnx"}],
             "licence": "none", "source": "test", "input": [8, 8], "template": "arcface",
             "dimension": 2, "thresholds": {"cosine": {"value": 0.5, "source": "test"}})"
      << (with_curve ? R"(, "curves": {"cosine": {"knots": [[0.5, 0.1], [1, 1]], "scale": 0.05,
             "shape": 0, "pairs": 1000000, "source": "test"}})"
                     : "")
      << "}";
  g_setenv("FACEREC_MODEL_PATH", (folder / "").c_str(), TRUE);
}

const GstFaceIdentity* identity_of(const Buffer& frame) {
  return gst_face_meta_get_identity(test::faces_of(frame.get()).at(0));
}

}  // namespace

GST_START_TEST(more_people_and_a_lower_rate_make_it_stricter) {
  if (test::skip_with_facetrack("a track is decided by its own rates")) return;
  const Setup setup;
  write_profile(setup.folder, true);
  Bench bench("facematch gallery=" + setup.gallery, kInfo);
  const Buffer out = bench.pass(frame_with_embedding(-45));  // .293 from Ada
  const double of_one = gst_face_identity_get_false_accept_rate(identity_of(out));
  const double of_two = gst_face_identity_get_false_name_rate(identity_of(out));
  fail_unless(std::abs(of_one - 0.1 * std::exp((0.292893 - 0.5) / 0.05)) < 1e-6);
  fail_unless(std::abs(of_two - (1 - std::pow(1 - of_one, 2))) < 1e-9);
  fail_if(gst_face_identity_is_accepted(identity_of(out)));
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  const GstStructure* message = gst_message_get_structure(messages.at(0).get());
  fail_unless(number(message, "false-accept-rate") == of_one);
  fail_unless(number(message, "false-name-rate") == of_two);

  g_object_set(bench.element(), "false-name-rate", 0.1, nullptr);
  test::expect_equal(named(bench, -45), "Ada*");
  g_object_set(bench.element(), "false-name-rate", 0.001, nullptr);
  test::expect_equal(named(bench, -45), "Ada");
  test::expect_equal(named(bench, -32), "Ada*");  // .152 from Ada
  for (int i = 0; i < 10; ++i) enroll(setup.gallery, "P" + std::to_string(i), 90 + 10 * i);
  expect_within_a_second(bench, -32, "Ada");
  g_object_set(bench.element(), "threshold", 0.2, nullptr);
  test::expect_equal(named(bench, -32), "Ada*");
  fail_unless(bench.messages(GST_MESSAGE_WARNING).empty());
}
GST_END_TEST;

GST_START_TEST(a_model_without_a_curve_is_guessed_safely_and_said_once) {
  const Setup setup;
  write_profile(setup.folder, false);
  Bench bench("facematch gallery=" + setup.gallery, kInfo);
  test::expect_equal(named(bench, -57), "Ada");  // .455, within the profile's .5 for a pair
  test::expect_equal(named(bench, 0), "Ada*");
  g_object_set(bench.element(), "false-name-rate", 0.01, nullptr);
  test::expect_equal(named(bench, 0), "Ada*");
  const auto warnings = bench.messages(GST_MESSAGE_WARNING);
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_LIBRARY_ERROR,
                       GST_LIBRARY_ERROR_SETTINGS, {"testmodel", "facerec calibrate"});
}
GST_END_TEST;

/// Of people who are all alike an index does not find the ones that are asked for.
GST_START_TEST(an_index_that_finds_too_few_is_said_once) {
  const auto kinds = facerec::index_kinds();
  if (std::count(kinds.begin(), kinds.end(), "hnsw") == 0) {
    return test::skip("built without hnswlib");
  }
  const Setup setup;
  std::vector<facerec::Enrolment> alike;
  for (int i = 0; i < 400; ++i) {
    facerec::Template entry;
    entry.embedding = {"testmodel", "testmodel-fingerprint", at_angle(0), true};
    alike.push_back({"P" + std::to_string(i), {entry}});
  }
  facerec::Gallery(setup.gallery, facerec::Gallery::Mode::ReadWrite).enroll(alike);
  Bench bench(setup.element("index=hnsw min-recall=1"), kInfo);
  std::vector<test::Message> warnings;
  for (int i = 0; i < 3000 && warnings.empty(); ++i) {
    g_usleep(10000);
    named(bench, 0);
    warnings = bench.messages(GST_MESSAGE_WARNING);
  }
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_SETTINGS, {"hnsw", setup.gallery, "min-recall"});
  enroll(setup.gallery, "Newcomer", 170);
  expect_within_a_second(bench, 170, "Newcomer*");
  fail_unless(bench.messages(GST_MESSAGE_WARNING).empty());
}
GST_END_TEST;

GST_START_TEST(does_not_start_without_a_gallery) {
  const test::Folder folder;
  std::ofstream(folder / "text.db") << "this is no gallery at all, only some text";
  const struct {
    std::string properties;
    int code;
    std::vector<std::string> words;
  } cases[] = {
      {"", GST_RESOURCE_ERROR_SETTINGS, {"facerec enroll --gallery"}},
      {"gallery=" + (folder / "absent.db").string(),
       GST_RESOURCE_ERROR_NOT_FOUND,
       {"absent.db", "facerec enroll"}},
      {"gallery=" + (folder / "text.db").string(), GST_RESOURCE_ERROR_OPEN_READ, {"text.db"}},
  };
  for (const auto& each : cases) {
    const test::Message last =
        test::run("videotestsrc ! facematch " + each.properties + " ! fakesink");
    test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR, each.code, each.words);
  }
}
GST_END_TEST;

GST_START_TEST(a_stream_that_counts_in_bytes_has_no_times) {
  const Setup setup;
  Bench bench(setup.element("post-messages=all"), kInfo);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  gst_harness_push_event(bench.harness(), gst_event_new_segment(&segment));
  test::expect_equal(named(bench, 1, 3 * GST_SECOND), "Ada*");
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 1);
  const GstStructure* structure = gst_message_get_structure(messages[0].get());
  guint64 time = 0;
  for (const char* field : {"stream-time", "running-time"}) {
    fail_unless(gst_structure_get_uint64(structure, field, &time));
    fail_unless_equals_uint64(time, GST_CLOCK_TIME_NONE);
  }
}
GST_END_TEST;

namespace {

constexpr GstClockTime kInterval = GST_SECOND / 25;

/// A frame with one shot of each of these tracks.
Buffer shots_of(std::initializer_list<std::pair<gint64, double>> tracks, GstClockTime pts) {
  Buffer frame = test::blank_frame(kInfo, pts);
  guint id = 0;
  for (const auto& [track, degrees] : tracks) {
    gst_face_meta_set_track_id(add_face(frame, id++, degrees), track);
  }
  return frame;
}

/// "LABEL VERDICT REASON" of each face.
std::vector<std::string> decided(const Buffer& frame) {
  std::vector<std::string> result;
  for (const GstFaceMeta* face : test::faces_of(frame.get())) {
    const GstFaceIdentity* identity = gst_face_meta_get_identity(face);
    fail_if(identity == nullptr);
    const gchar* label = gst_face_identity_get_label(identity);
    result.push_back(std::string(label != nullptr ? label : "-") + " " +
                     std::to_string(gst_face_identity_get_verdict(identity)) + " " +
                     std::to_string(gst_face_identity_get_reason(identity)));
  }
  return result;
}

std::string decided(Bench& bench, Buffer frame) {
  return decided(bench.pass(std::move(frame))).at(0);
}

/// "EVENT TRACK LABEL" of each message.
std::vector<std::string> told(Bench& bench) {
  std::vector<std::string> result;
  for (const auto& message : bench.messages(GST_MESSAGE_ELEMENT)) {
    const GstStructure* structure = gst_message_get_structure(message.get());
    gint64 track = 0;
    fail_unless(gst_structure_get_int64(structure, "track-id", &track));
    result.push_back(text(structure, "event") + " " + std::to_string(track) + " " +
                     text(structure, "label"));
  }
  return result;
}

void expect_told(Bench& bench, const std::vector<std::string>& expected) {
  const std::vector<std::string> events = told(bench);
  fail_unless_equals_int(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) test::expect_equal(events[i], expected[i]);
}

const std::string kAda = "Ada 2 0";
const std::string kFewShots = "- 0 7";
const std::string kNameTaken = "- 0 9";

}  // namespace

GST_START_TEST(a_track_keeps_its_name_in_every_frame) {
  if (test::skip_with_facetrack("the ids are others")) return;
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  test::expect_equal(decided(bench, shots_of({{3, 5}}, 0)), kAda);
  for (int i = 1; i < 5; ++i) {
    Buffer frame = shots_of({{3, 5}}, i * kInterval);
    GstFaceMeta* face = test::faces_of(frame.get()).at(0);
    if (i == 3) {
      gst_face_meta_set_predicted(face, TRUE);
    } else {
      gst_face_meta_set_embedding_age(face, i * kInterval);
    }
    const Buffer out = bench.pass(std::move(frame));
    test::expect_equal(decided(out).at(0), kAda);
    fail_unless_equals_int(
        gst_face_identity_get_shots(gst_face_meta_get_identity(test::faces_of(out.get()).at(0))),
        1);
  }
  // One shot that looks like somebody else does not outweigh it.
  test::expect_equal(decided(bench, shots_of({{3, 20}}, GST_SECOND)), kAda);
  expect_told(bench, {"appeared 3 Ada", "recognised 3 Ada"});
}
GST_END_TEST;

GST_START_TEST(a_stranger_has_a_number_and_gets_it_again) {
  if (test::skip_with_facetrack("the ids are others")) return;
  const Setup setup;
  write_profile(setup.folder, true);
  Bench bench("facematch gallery=" + setup.gallery, kInfo);
  for (int i = 0; i < 2; ++i) {
    test::expect_equal(decided(bench, shots_of({{0, 120}}, i * kInterval)), kFewShots);
  }
  test::expect_equal(decided(bench, shots_of({{0, 121}}, 2 * kInterval)), "unknown-1 1 0");
  expect_told(bench, {"appeared 0 ", "changed 0 unknown-1"});

  GValue tracks = G_VALUE_INIT;
  GValue track = G_VALUE_INIT;
  g_value_init(&tracks, GST_TYPE_ARRAY);
  g_value_init(&track, G_TYPE_INT64);
  gst_value_array_append_and_take_value(&tracks, &track);
  GstStructure* structure = gst_structure_new_empty("facerec-tracks-ended");
  gst_structure_take_value(structure, "tracks", &tracks);
  gst_harness_push_event(bench.harness(),
                         gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, structure));
  const auto messages = bench.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 1);
  const GstStructure* left = gst_message_get_structure(messages[0].get());
  test::expect_equal(text(left, "event"), "left");
  guint64 from = 1;
  guint64 to = 0;
  fail_unless(
      gst_structure_get(left, "from", G_TYPE_UINT64, &from, "to", G_TYPE_UINT64, &to, nullptr));
  fail_unless_equals_uint64(from, 0);
  fail_unless_equals_uint64(to, 2 * kInterval);
  fail_unless(number(left, "best-distance") <= number(left, "distance"));

  for (int i = 3; i < 6; ++i) {
    const Buffer out = bench.pass(shots_of({{1, 200}, {2, 121}}, i * kInterval));
    if (i < 5) continue;
    test::expect_equal(decided(out).at(0), "unknown-2 1 0");
    test::expect_equal(decided(out).at(1), "unknown-1 1 0");
  }
  gst_harness_push_event(bench.harness(), gst_event_new_eos());
  expect_told(bench, {"appeared 1 ", "appeared 2 ", "changed 1 unknown-2", "changed 2 unknown-1",
                      "left 1 unknown-2", "left 2 unknown-1"});
}
GST_END_TEST;

GST_START_TEST(two_faces_of_a_frame_do_not_get_one_name) {
  if (test::skip_with_facetrack("the ids are others")) return;
  const Setup setup;
  Bench bench(setup.element(), kInfo);
  const Buffer out = bench.pass(shots_of({{0, 8}, {1, 2}}, 0));
  test::expect_equal(decided(out).at(0), kNameTaken);
  test::expect_equal(decided(out).at(1), kAda);
  test::expect_equal(decided(bench, shots_of({{0, 8}}, kInterval)), kAda);
}
GST_END_TEST;

GST_START_TEST(bad_views_leave_a_track_undecided) {
  if (test::skip_with_facetrack("the ids are others")) return;
  const Setup setup;
  Bench bench(setup.element("min-shots=2"), kInfo);
  test::expect_equal(decided(bench, shots_of({{0, 1}}, 0)), kFewShots);
  test::expect_equal(decided(bench, shots_of({{0, 1}}, kInterval)), kAda);
  for (int i = 2; i < 6; ++i) {
    Buffer frame = shots_of({{1, 120}}, i * kInterval);
    GstFaceMeta* face = test::faces_of(frame.get()).at(0);
    GstFaceQuality quality = GST_FACE_QUALITY_INIT;
    quality.size = 9;
    gst_face_meta_set_quality(face, &quality);
    test::expect_equal(decided(bench, std::move(frame)), "- 0 2");
  }
  g_object_set(bench.element(), "margin", 1.0, nullptr);
  test::expect_equal(decided(bench, shots_of({{2, 1}}, GST_SECOND)), kFewShots);
  test::expect_equal(decided(bench, shots_of({{2, 1}}, GST_SECOND + kInterval)), "- 0 8");
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facematch");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, names_the_nearest_person_and_the_runner_up);
  tcase_add_test(tests, posts_all_that_is_known_of_a_face);
  tcase_add_test(tests, posts_what_is_asked_for);
  tcase_add_test(tests, measures_by_the_metric_asked_for);
  tcase_add_test(tests, notices_within_a_second_what_others_change);
  tcase_add_test(tests, goes_on_with_a_warning_when_the_gallery_breaks);
  tcase_add_test(tests, goes_on_with_a_warning_when_a_gallery_of_another_model_takes_its_place);
  tcase_add_test(tests, a_gallery_of_another_model_than_faceembeds_is_an_error_before_any_face);
  tcase_add_test(tests, a_gallery_made_with_another_template_runs_with_its_own_embedder);
  tcase_add_test(tests, an_encrypted_gallery_is_opened_with_its_key_file);
  tcase_add_test(tests, takes_the_threshold_from_the_gallery_whatever_lies_in_the_search_path);
  tcase_add_test(tests, an_empty_gallery_names_nobody);
  tcase_add_test(tests, a_gallery_of_another_model_ends_in_an_error_with_both_names);
  tcase_add_test(tests, a_model_without_known_threshold_asks_for_one);
  tcase_add_test(tests, more_people_and_a_lower_rate_make_it_stricter);
  tcase_add_test(tests, a_model_without_a_curve_is_guessed_safely_and_said_once);
  tcase_add_test(tests, an_index_that_finds_too_few_is_said_once);
  tcase_add_test(tests, does_not_start_without_a_gallery);
  tcase_add_test(tests, a_stream_that_counts_in_bytes_has_no_times);
  tcase_add_test(tests, a_track_keeps_its_name_in_every_frame);
  tcase_add_test(tests, a_stranger_has_a_number_and_gets_it_again);
  tcase_add_test(tests, two_faces_of_a_frame_do_not_get_one_name);
  tcase_add_test(tests, bad_views_leave_a_track_undecided);
  return test::run_suite(suite);
}
