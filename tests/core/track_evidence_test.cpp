// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/track_evidence.h"

#include <gtest/gtest.h>

#include "track_fixtures.h"

using namespace facerec;

namespace {

/// Cosine similarity of `shots` shots together, whose own is this and which have no more in common.
double together(double cosine, int shots) {
  return cosine * shots /
         std::sqrt(cosine * cosine * shots * shots + (1 - cosine * cosine) * shots);
}

Embedding longer(Embedding embedding, float factor) {
  for (float& value : embedding.values) value *= factor;
  embedding.unit_length = false;
  return embedding;
}

TEST(TrackEvidence, WithoutShotsShowsNobody) {
  TrackEvidence evidence;
  const auto people = people_along({0, 1});
  EXPECT_EQ(evidence.shots(), 0);
  EXPECT_TRUE(evidence.nearest(people, 3).empty());
  EXPECT_FALSE(evidence.compare(*people, 1));
  EXPECT_FALSE(evidence.mean(Metric::Cosine));
}

TEST(TrackEvidence, ShowsTheNearestPeopleFirst) {
  TrackEvidence evidence;
  evidence.add(view(1, 0.8, 2), 1, 0);
  const auto people = evidence.nearest(people_along({0, 1, 2, 3}), 2);
  ASSERT_EQ(people.size(), 2u);
  EXPECT_EQ(people[0].name, "p1");
  EXPECT_NEAR(people[0].distance, 0.2, 1e-5);
  EXPECT_EQ(people[1].name, "p2");
  EXPECT_NEAR(people[1].distance, 0.4, 1e-5);
}

TEST(TrackEvidence, ManyShotsShowMoreThanTheBestOfThem) {
  TrackEvidence evidence;
  const auto people = people_along({0, 1});
  for (int shots = 1; shots <= 4; ++shots) {
    evidence.add(view(0, 0.5, 10 + shots), 1, 0);
    const auto nearest = evidence.nearest(people, 1);
    ASSERT_EQ(nearest.size(), 1u);
    EXPECT_NEAR(nearest[0].distance, 1 - together(0.5, shots), 1e-5) << shots;
  }
}

TEST(TrackEvidence, ABadShotTakesLittleAway) {
  const auto people = people_along({0, 1});
  TrackEvidence evidence;
  evidence.add(view(0, 0.8, 10), 1, 0);
  evidence.add(view(0, 0.3, 11), 0.01, 0);
  EXPECT_NEAR(evidence.nearest(people, 1)[0].distance, 0.2, 0.01);
  evidence.add(view(0, 0.05, 12), 1, 0);
  EXPECT_NEAR(evidence.nearest(people, 1)[0].distance, 0.2, 0.01)
      << "nor does a good view that does not resemble the person";
}

TEST(TrackEvidence, IsTheSameInEuclideanL2) {
  for (const int shots : {1, 3}) {
    TrackEvidence evidence;
    for (int i = 0; i < shots; ++i) evidence.add(longer(view(0, 0.5, 10 + i), 7), 1, 0);
    const auto nearest = evidence.nearest(people_along({0, 1}, Metric::EuclideanL2), 2);
    EXPECT_NEAR(nearest[0].distance, std::sqrt(2 * (1 - together(0.5, shots))), 1e-5);
  }
}

TEST(TrackEvidence, KeepsTheLengthInEuclidean) {
  const auto people = people_along({0, 1}, Metric::Euclidean, "f00d", 3);
  TrackEvidence evidence;
  evidence.add(longer(view(0, 1, 10), 2), 1, 0);
  EXPECT_NEAR(evidence.nearest(people, 2)[0].distance, 1, 1e-5);
  evidence.add(longer(view(0, 1, 10), 4), 1, 0);
  EXPECT_NEAR(evidence.nearest(people, 2)[0].distance, 0, 1e-5);
  EXPECT_NEAR(evidence.mean(Metric::Euclidean)->values[0], 3, 1e-5);
  EXPECT_NEAR(evidence.mean(Metric::Cosine)->values[0], 1, 1e-5);
}

TEST(TrackEvidence, ForgetsTheShotsOfAnotherModel) {
  TrackEvidence evidence;
  evidence.add(view(0, 1, 10), 1, 0);
  evidence.nearest(people_along({0, 1}), 3);
  const auto others = people_along({4, 5}, Metric::Cosine, "beef");
  for (int twice = 0; twice < 2; ++twice) {
    error_of(ErrorCode::Mismatch, [&] { evidence.nearest(others, 3); });
  }
  evidence.add(view(5, 1, 10, "beef"), 1, 1);
  const auto nearest = evidence.nearest(others, 1);
  ASSERT_EQ(nearest.size(), 1u);
  EXPECT_EQ(nearest[0].name, "p5");
  EXPECT_NEAR(nearest[0].distance, 0, 1e-5);
}

TEST(TrackEvidence, AnEmbeddingOfZerosShowsNothing) {
  const auto people = people_along({0, 1});
  const Embedding zeros{"test", "f00d", std::vector<float>(dimension), true};
  TrackEvidence evidence;
  evidence.add(zeros, 1, 0);
  EXPECT_TRUE(evidence.nearest(people, 3).empty());
  EXPECT_FALSE(evidence.compare(*people, 1));
  EXPECT_EQ(evidence.mean(Metric::Euclidean)->values, zeros.values);
  evidence.add(view(0, 0.8, 10), 1, 0);
  EXPECT_NEAR(evidence.nearest(people, 3)[0].distance, 0.2, 1e-5);
}

TEST(TrackEvidence, AnEmptyGalleryHasNobody) {
  TrackEvidence evidence;
  evidence.add(view(0, 1, 10), 1, 0);
  EXPECT_TRUE(evidence.nearest(people_along({}), 3).empty());
}

TEST(TrackEvidence, SeesWhoCameToTheGallery) {
  TrackEvidence evidence;
  evidence.add(view(2, 0.9, 10), 1, 0);
  EXPECT_GT(evidence.nearest(people_along({0, 1}), 1)[0].distance, 0.9);
  EXPECT_NEAR(evidence.nearest(people_along({0, 1, 2}), 1)[0].distance, 0.1, 1e-5);
}

TEST(TrackEvidence, FollowsAGalleryThatChangesALittle) {
  const TemporaryFolder folder;
  Gallery gallery(folder / "people.db", Gallery::Mode::Create);
  const auto enroll = [&](int axis) {
    gallery.enroll("p" + std::to_string(axis), make_template(view(axis, 1, 0).values));
  };
  for (const int axis : {1, 2, 3, 4}) enroll(axis);
  auto matcher = Matcher::follow(nullptr, gallery, Metric::Cosine);
  TrackEvidence evidence;
  evidence.add(view(5, 0.9, 1), 1, 0);
  const auto names = [&] {
    matcher = Matcher::follow(matcher, gallery, Metric::Cosine);
    std::vector<std::string> found;
    for (const Candidate& person : evidence.nearest(matcher, 2)) found.push_back(person.name);
    return found;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"p1", "p2"}));
  enroll(5);
  EXPECT_EQ(names(), (std::vector<std::string>{"p5", "p1"}));
  gallery.remove("p1");
  EXPECT_EQ(names(), (std::vector<std::string>{"p5", "p2"}));
  gallery.remove("p5");
  gallery.remove("p2");
  EXPECT_EQ(names(), (std::vector<std::string>{"p3", "p4"}));
}

TEST(TrackEvidence, ComparesWithOnePerson) {
  const auto people = people_along({0, 1});
  TrackEvidence evidence;
  evidence.add(view(0, 0.8, 1), 1, 0);
  for (const Candidate& person : evidence.nearest(people, 2)) {
    EXPECT_EQ(evidence.compare(*people, person.person_id)->distance, person.distance);
  }
  EXPECT_FALSE(evidence.compare(*people, 99));
}

TEST(TrackEvidence, FindsOutThatTheTrackWentOverToSomebodyElse) {
  const auto people = people_along({0, 1});
  TrackEvidence evidence;
  for (int i = 0; i < 20; ++i) evidence.add(view(0, 0.8, 10), 1, i);
  for (int i = 20; i < 36; ++i) evidence.add(view(1, 0.8, 10), 1, i);
  EXPECT_EQ(evidence.shots(), 36);
  const auto nearest = evidence.nearest(people, 2);
  EXPECT_EQ(nearest[0].name, "p1");
  EXPECT_NEAR(nearest[1].distance, 1, 1e-5) << "nothing is left of the other";
}

TEST(TrackEvidence, KeepsTheBestAndOldOnesCountLess) {
  TrackEvidence evidence;
  evidence.add(view(0, 1, 10), 1, 0);
  for (int i = 0; i < 40; ++i) evidence.add(view(1, 1, 10), 0.01, 1);
  EXPECT_GT(evidence.mean(Metric::Cosine)->values[0], 0.9);
  evidence.add(view(1, 1, 10), 1, 31);
  EXPECT_GT(evidence.mean(Metric::Cosine)->values[1], 0.8);
}

TEST(TrackEvidence, TimesMayRunBackwards) {
  const auto people = people_along({0, 1});
  TrackEvidence evidence;
  evidence.add(view(0, 0.5, 10), 1, 1000);
  evidence.add(view(0, 0.5, 11), 1, 1000 - 30);
  evidence.add(view(0, 0.5, 12), 1, 0);
  const double distance = evidence.nearest(people, 1)[0].distance;
  EXPECT_GT(distance, 1 - together(0.5, 3));
  EXPECT_NEAR(distance, 0.5, 1e-5) << "by the last one, the others are far away in time";
}

}  // namespace
