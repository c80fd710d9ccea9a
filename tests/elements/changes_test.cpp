// SPDX-License-Identifier: LGPL-2.1-or-later

// Which faces are news for facematch post-messages=changes.

#include "changes.h"

#include <gst/face/face.h>

#include "support.h"

// last: it defines the word fail
#include <gst/check/gstcheck.h>

namespace {

constexpr gint64 kNoTrack = GST_FACE_TRACK_NONE;
constexpr gint64 kNobody = GST_FACE_PERSON_NONE;
constexpr GstClockTime kFrame = GST_SECOND / 25;

}  // namespace

GST_START_TEST(a_person_without_track_is_news_once) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 0));
  for (int i = 1; i < 100; ++i) fail_if(changes.is_news(kNoTrack, 7, i * kFrame));
}
GST_END_TEST;

GST_START_TEST(another_person_in_the_same_frame_is_news) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 0));
  fail_unless(changes.is_news(kNoTrack, 8, 0));
  fail_if(changes.is_news(kNoTrack, 7, kFrame));
  fail_if(changes.is_news(kNoTrack, 8, kFrame));
}
GST_END_TEST;

GST_START_TEST(unknown_people_count_as_one) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, kNobody, 0));
  fail_if(changes.is_news(kNoTrack, kNobody, 0));
}
GST_END_TEST;

GST_START_TEST(whoever_was_not_seen_for_more_than_a_second_is_news) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 0));
  fail_if(changes.is_news(kNoTrack, 7, GST_SECOND));
  fail_unless(changes.is_news(kNoTrack, 7, 2 * GST_SECOND + 1));
}
GST_END_TEST;

GST_START_TEST(a_track_is_news_when_its_person_changes) {
  facerec::Changes changes;
  fail_unless(changes.is_news(1, kNobody, 0));
  fail_if(changes.is_news(1, kNobody, kFrame));
  fail_unless(changes.is_news(1, 7, 2 * kFrame));
  fail_if(changes.is_news(1, 7, 3 * kFrame));
  fail_unless(changes.is_news(2, 7, 3 * kFrame));
}
GST_END_TEST;

GST_START_TEST(time_that_jumps_back_begins_anew) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 10 * GST_SECOND));
  fail_unless(changes.is_news(kNoTrack, 7, 8 * GST_SECOND));
}
GST_END_TEST;

GST_START_TEST(played_backwards_a_person_is_news_once) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 10 * GST_SECOND));
  for (int i = 1; i < 100; ++i) {
    fail_if(changes.is_news(kNoTrack, 7, 10 * GST_SECOND - i * kFrame));
  }
  fail_unless(changes.is_news(kNoTrack, 8, 6 * GST_SECOND));
  fail_unless(changes.is_news(kNoTrack, 7, 4 * GST_SECOND));
}
GST_END_TEST;

GST_START_TEST(a_frame_without_time_counts_as_of_the_time_before) {
  facerec::Changes changes;
  fail_unless(changes.is_news(kNoTrack, 7, 5 * GST_SECOND));
  fail_if(changes.is_news(kNoTrack, 7, GST_CLOCK_TIME_NONE));
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
  tcase_add_test(tests, a_track_is_news_when_its_person_changes);
  tcase_add_test(tests, time_that_jumps_back_begins_anew);
  tcase_add_test(tests, played_backwards_a_person_is_news_once);
  tcase_add_test(tests, a_frame_without_time_counts_as_of_the_time_before);
  return test::run_suite(suite);
}
