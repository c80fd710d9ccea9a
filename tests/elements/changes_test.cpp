// SPDX-License-Identifier: LGPL-2.1-or-later

// Which events facematch post-messages=changes tells.

#include "changes.h"

#include <gst/face/face.h>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

constexpr gint64 kNoTrack = GST_FACE_TRACK_NONE;
constexpr gint64 kNobody = GST_FACE_PERSON_NONE;
constexpr GstClockTime kFrame = GST_SECOND / 25;

facerec::TrackVerdict recognised(gint64 person) {
  facerec::TrackVerdict verdict;
  verdict.accepted = true;
  verdict.state = facerec::TrackState::Recognised;
  verdict.label = "person " + std::to_string(person);
  verdict.nearest = {{person, verdict.label, 0.1}};
  return verdict;
}

facerec::TrackVerdict unknown(const std::string& label = "unknown") {
  facerec::TrackVerdict verdict;
  verdict.state = facerec::TrackState::Unknown;
  verdict.label = label;
  return verdict;
}

/// The events of a face, with spaces between.
std::string events(facerec::Changes& changes, gint64 track, const facerec::TrackVerdict& verdict,
                   GstClockTime time = 0) {
  std::string all;
  for (const char* event : changes.events_of(track, verdict, time)) {
    all += (all.empty() ? "" : " ") + std::string(event);
  }
  return all;
}

/// Whether a face without a track is news.
bool is_news(facerec::Changes& changes, gint64 person, GstClockTime time) {
  const auto verdict = person == kNobody ? unknown() : recognised(person);
  return events(changes, kNoTrack, verdict, time) == "appeared";
}

}  // namespace

GST_START_TEST(a_person_without_track_is_news_once) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 0));
  for (int i = 1; i < 100; ++i) fail_if(is_news(changes, 7, i * kFrame));
}
GST_END_TEST;

GST_START_TEST(another_person_in_the_same_frame_is_news) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 0));
  fail_unless(is_news(changes, 8, 0));
  fail_if(is_news(changes, 7, kFrame));
  fail_if(is_news(changes, 8, kFrame));
}
GST_END_TEST;

GST_START_TEST(unknown_people_count_as_one) {
  facerec::Changes changes;
  fail_unless(is_news(changes, kNobody, 0));
  fail_if(is_news(changes, kNobody, 0));
}
GST_END_TEST;

GST_START_TEST(whoever_was_not_seen_for_more_than_a_second_is_news) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 0));
  fail_if(is_news(changes, 7, GST_SECOND));
  fail_unless(is_news(changes, 7, 2 * GST_SECOND + 1));
}
GST_END_TEST;

GST_START_TEST(time_that_jumps_back_begins_anew) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 10 * GST_SECOND));
  fail_unless(is_news(changes, 7, 8 * GST_SECOND));
}
GST_END_TEST;

GST_START_TEST(played_backwards_a_person_is_news_once) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 10 * GST_SECOND));
  for (int i = 1; i < 100; ++i) {
    fail_if(is_news(changes, 7, 10 * GST_SECOND - i * kFrame));
  }
  fail_unless(is_news(changes, 8, 6 * GST_SECOND));
  fail_unless(is_news(changes, 7, 4 * GST_SECOND));
}
GST_END_TEST;

GST_START_TEST(a_frame_without_time_counts_as_of_the_time_before) {
  facerec::Changes changes;
  fail_unless(is_news(changes, 7, 5 * GST_SECOND));
  fail_if(is_news(changes, 7, GST_CLOCK_TIME_NONE));
}
GST_END_TEST;

GST_START_TEST(a_track_appears_and_is_recognised_or_changes) {
  facerec::Changes changes;
  test::expect_equal(events(changes, 1, {}), "appeared");
  test::expect_equal(events(changes, 1, {}), "");
  test::expect_equal(events(changes, 1, unknown("unknown-1")), "changed");
  test::expect_equal(events(changes, 1, recognised(7)), "recognised");
  test::expect_equal(events(changes, 1, recognised(7)), "");
  test::expect_equal(events(changes, 1, recognised(8)), "changed");
  test::expect_equal(events(changes, 1, {}), "changed");
  test::expect_equal(events(changes, 1, recognised(8)), "recognised");
  test::expect_equal(events(changes, 2, recognised(8)), "appeared recognised");
  test::expect_equal(events(changes, 3, unknown("unknown-2")), "appeared changed");
  changes.forget(2);
  test::expect_equal(events(changes, 2, recognised(8)), "appeared recognised");
}
GST_END_TEST;

int main(int argc, char** argv) {
  gst_check_init(&argc, &argv);
  Suite* suite = suite_create("changes");
  TCase* tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, a_person_without_track_is_news_once);
  tcase_add_test(tests, another_person_in_the_same_frame_is_news);
  tcase_add_test(tests, unknown_people_count_as_one);
  tcase_add_test(tests, whoever_was_not_seen_for_more_than_a_second_is_news);
  tcase_add_test(tests, time_that_jumps_back_begins_anew);
  tcase_add_test(tests, played_backwards_a_person_is_news_once);
  tcase_add_test(tests, a_frame_without_time_counts_as_of_the_time_before);
  tcase_add_test(tests, a_track_appears_and_is_recognised_or_changes);
  return test::run_suite(suite);
}
