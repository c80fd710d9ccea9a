// SPDX-License-Identifier: LGPL-2.1-or-later

// facematch index=server with a gallery on a PostgreSQL server that is started here.

#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

#include "../core/frame_times.h"
#include "../core/postgresql_server.h"
#include "match/gallery.h"
#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

using test::Bench;
using test::Buffer;

namespace {

using Clock = std::chrono::steady_clock;

const GstVideoInfo kInfo = test::video_info(GST_VIDEO_FORMAT_GRAY8, 64, 48);
const GstFaceBox kBox{1, 2, 30, 40};
constexpr GstClockTime kInterval = GST_SECOND / 100;

std::vector<float> at_angle(double degrees) {
  return {static_cast<float>(std::cos(degrees * G_PI / 180)),
          static_cast<float>(std::sin(degrees * G_PI / 180))};
}

void enroll(const std::string& gallery, const std::string& name, double degrees) {
  facerec::Template entry;
  entry.embedding = {"testmodel", "testmodel-fingerprint", at_angle(degrees), true};
  facerec::Gallery(gallery, facerec::Gallery::Mode::Create).enroll(name, entry);
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A stream of frames of one face each, 100 a second.
class Stream {
 public:
  explicit Stream(const std::string& gallery)
      : bench_("facematch index=server threshold=0.05 gallery=\"" + gallery + "\"", kInfo) {}

  /// "LABEL REASON" of the track's face, with an embedding where an angle is given.
  std::string pass(gint64 track, std::optional<double> degrees = std::nullopt) {
    Buffer frame = test::blank_frame(kInfo, frames_++ * kInterval);
    GstFaceMeta* face = gst_buffer_add_face_meta(frame.get(), 1, &kBox, 0.5F);
    gst_face_meta_set_track_id(face, track);
    if (degrees) {
      GstFaceEmbedding* embedding = gst_face_embedding_new("testmodel", "testmodel-fingerprint",
                                                           at_angle(*degrees).data(), 2);
      gst_face_meta_set_embedding(face, embedding);
      gst_face_embedding_unref(embedding);
    }
    const auto begin = Clock::now();
    const Buffer out = bench_.pass(std::move(frame));
    times_.add(seconds_since(begin));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const GstFaceIdentity* identity = gst_face_meta_get_identity(test::faces_of(out.get()).at(0));
    fail_if(identity == nullptr);
    const gchar* label = gst_face_identity_get_label(identity);
    return std::string(label != nullptr ? label : "-") + " " +
           std::to_string(gst_face_identity_get_reason(identity));
  }

  /// Passes frames for so many seconds, or until `done`; what the last one said.
  std::string pass_for(double seconds, gint64 track, const std::string& done = "") {
    const auto begin = Clock::now();
    std::string said = pass(track);
    while (said != done && seconds_since(begin) < seconds) said = pass(track);
    return said;
  }

  double longest_frame() const { return times_.longest(); }

  std::vector<test::Message> warnings() { return bench_.messages(GST_MESSAGE_WARNING); }

 private:
  Bench bench_;
  guint64 frames_ = 0;
  FrameTimes times_;
};

/// Null, and the case counts as skipped, where there is none with a search of its own.
std::unique_ptr<PostgresqlServer> server() {
  if (PostgresqlServer::programs().empty()) {
    test::skip("PostgreSQL is not installed (postgresql)");
    return nullptr;
  }
  auto server = std::make_unique<PostgresqlServer>();
  if (server->sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") == "0") {
    test::skip("PostgreSQL has no pgvector");
    return nullptr;
  }
  return server;
}

const std::string kAda = "Ada " + std::to_string(GST_FACE_REASON_NONE);
const std::string kBo = "Bo " + std::to_string(GST_FACE_REASON_NONE);
const std::string kSearching = "- " + std::to_string(GST_FACE_REASON_SEARCHING);

}  // namespace

GST_START_TEST(a_gallery_without_a_search_of_its_own_is_an_error) {
  const test::Folder folder;
  const std::string gallery = folder / "people.db";
  enroll(gallery, "Ada", 0);
  for (const char* element : {"facematch", "facerec detector=haar"}) {
    const test::Message last =
        test::run("videotestsrc ! video/x-raw,width=64,height=48 ! " + std::string(element) +
                  " index=server gallery=" + gallery + " ! fakesink");
    test::expect_problem(last.get(), GST_MESSAGE_ERROR, GST_RESOURCE_ERROR,
                         GST_RESOURCE_ERROR_SETTINGS, {"people.db", "index=server", "pgvector"});
  }
}
GST_END_TEST;

GST_START_TEST(no_frame_waits_for_the_server) {
  const auto postgresql = server();
  if (!postgresql) return;
  const std::string gallery = postgresql->uri("people");
  enroll(gallery, "Ada", 0);
  enroll(gallery, "Bo", 90);
  Stream stream(gallery);

  test::expect_equal(stream.pass(1, 2), kSearching);
  test::expect_equal(stream.pass_for(5, 1, kAda), kAda);
  fail_unless(stream.warnings().empty());

  postgresql->kill();
  test::expect_equal(stream.pass(2, 91), kSearching);
  test::expect_equal(stream.pass_for(4, 2), kSearching);
  test::expect_equal(stream.pass(1), kAda);
  const auto warnings = stream.warnings();
  fail_unless_equals_int(warnings.size(), 1);
  test::expect_problem(warnings[0].get(), GST_MESSAGE_WARNING, GST_RESOURCE_ERROR,
                       GST_RESOURCE_ERROR_READ, {"postgresql://", "undecided"});

  postgresql->start();
  test::expect_equal(stream.pass_for(10, 2, kBo), kBo);
  fail_unless(stream.warnings().empty());

  // A server that hangs.
  auto lock = postgresql->connection("BEGIN; LOCK TABLE people.template IN ACCESS EXCLUSIVE MODE");
  test::expect_equal(stream.pass(3, 1), kSearching);
  test::expect_equal(stream.pass_for(3, 3), kSearching);
  lock.reset();
  test::expect_equal(stream.pass_for(10, 3, kAda), kAda);
  fail_unless(stream.longest_frame() < 0.005, "%f s", stream.longest_frame());
}
GST_END_TEST;

GST_START_TEST(notices_within_a_second_what_others_change) {
  const auto postgresql = server();
  if (!postgresql) return;
  const std::string gallery = postgresql->uri("people");
  enroll(gallery, "Ada", 0);
  Stream stream(gallery);
  stream.pass(1, 90);
  stream.pass_for(1, 1);
  enroll(gallery, "Bo", 90);
  test::expect_equal(stream.pass_for(1, 1, kBo), kBo);
  facerec::Gallery(gallery, facerec::Gallery::Mode::ReadWrite).remove("Bo");
  fail_if(stream.pass_for(1, 1) == kBo);
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("facematch_server");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_gallery_without_a_search_of_its_own_is_an_error);
  tcase_add_test(tests, no_frame_waits_for_the_server);
  tcase_add_test(tests, notices_within_a_second_what_others_change);
  return test::run_suite(suite);
}
