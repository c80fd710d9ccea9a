// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/matcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gallery_fixtures.h"
#include "temporary_folder.h"

using namespace facerec;

class MatcherTest : public testing::Test {
 protected:
  static Embedding probe(std::vector<float> values) { return {"test", "f00d", values, false}; }

  TemporaryFolder folder;
  Gallery gallery{folder / "people.db", Gallery::Mode::Create};
};

TEST_F(MatcherTest, EmptyGalleryKnowsNobody) {
  EXPECT_TRUE(Matcher(gallery, Metric::Cosine).nearest(probe({1, 0}), 5).empty());
  EXPECT_TRUE(Matcher(Metric::Cosine).nearest(probe({1, 0}), 5).empty()) << "without a gallery";
}

TEST_F(MatcherTest, NearestTemplateStandsForThePerson) {
  const auto far = gallery.enroll("Far", make_template({0, 1}));
  const auto near = gallery.enroll("Near", make_template({-1, 0}));
  gallery.enroll("Near", make_template({2, 0}));
  const auto found = Matcher(gallery, Metric::Cosine).nearest(probe({1, 0}), 5);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "Near");
  EXPECT_EQ(found[0].person_id, near);
  EXPECT_NEAR(found[0].distance, 0, 1e-7);
  EXPECT_EQ(found[1].person_id, far);
  EXPECT_NEAR(found[1].distance, 1, 1e-6);
  EXPECT_EQ(Matcher(gallery, Metric::Cosine).nearest(probe({1, 0}), 1).size(), 1u);
  EXPECT_TRUE(Matcher(gallery, Metric::Cosine).nearest(probe({1, 0}), 0).empty());
}

TEST_F(MatcherTest, MetricDecidesWhoIsNearest) {
  gallery.enroll("Same direction", make_template({100, 0}));
  gallery.enroll("Same place", make_template({1, 1}));
  EXPECT_EQ(Matcher(gallery, Metric::Cosine).nearest(probe({1, 0}), 1).at(0).name,
            "Same direction");
  EXPECT_EQ(Matcher(gallery, Metric::Euclidean).nearest(probe({1, 0}), 1).at(0).name, "Same place");
}

TEST_F(MatcherTest, AgreesWithDistanceForEveryMetric) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 3);
  const auto vector = [&] {
    std::vector<float> values(128);
    for (float& value : values) value = normal(random);
    return values;
  };
  std::map<std::string, std::vector<float>> people;
  for (int i = 0; i < 50; ++i) {
    const std::string name = "P" + std::to_string(i);
    gallery.enroll(name, make_template(people[name] = vector()));
  }
  for (Metric metric : all_metrics()) {
    const Matcher matcher(gallery, metric);
    for (int round = 0; round < 20; ++round) {
      const auto values = vector();
      double last = -1;
      const auto found = matcher.nearest(probe(values), 50);
      ASSERT_EQ(found.size(), 50u);
      for (const Candidate& candidate : found) {
        const double expected = distance(values, people[candidate.name], metric);
        EXPECT_NEAR(candidate.distance, expected, 1e-5 * expected);
        EXPECT_GE(candidate.distance, last);
        last = candidate.distance;
      }
    }
  }
}

TEST_F(MatcherTest, TinyDistancesOfLongVectorsAreExact) {
  gallery.enroll("Ada", make_template({3000, 4000}));
  const auto found = Matcher(gallery, Metric::Euclidean).nearest(probe({3000, 4000.001f}), 1);
  EXPECT_NEAR(found.at(0).distance, 4000.001f - 4000.f, 1e-9);
}

TEST_F(MatcherTest, WhatHasNoDirectionNeverWins) {
  gallery.enroll("Zero", make_template({0, 0}));
  gallery.enroll("Opposite", make_template({-1, 0}));
  const Matcher matcher(gallery, Metric::Cosine);
  const auto found = matcher.nearest(probe({1, 0}), 5);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "Opposite");
  EXPECT_TRUE(matcher.nearest(probe({0, 0}), 5).empty());
  EXPECT_TRUE(matcher.nearest(probe({NAN, 1}), 5).empty());
}

TEST_F(MatcherTest, MeasuresHowMuchAPersonsTemplatesDiffer) {
  gallery.enroll("Ada", make_template({1, 0}));
  gallery.enroll("Grace", make_template({2, 0}));
  gallery.enroll("Grace", make_template({0, 1}));
  gallery.enroll("Grace", make_template({-1, 0}));
  const auto size = [&](Metric metric) { return Matcher(gallery, metric).size(); };
  EXPECT_EQ(size(Metric::Cosine).people, 2);
  ASSERT_EQ(size(Metric::Cosine).several.size(), 1u);
  EXPECT_EQ(size(Metric::Cosine).several[0].templates, 3);
  EXPECT_NEAR(size(Metric::Cosine).several[0].spread, (1 + 1 + 2) / 3., 1e-6);
  EXPECT_NEAR(size(Metric::Euclidean).several[0].spread, (std::sqrt(5) + std::sqrt(2) + 3) / 3,
              1e-6);
}

TEST_F(MatcherTest, RefusesProbesOfAnotherModel) {
  gallery.enroll("Ada", make_template({1, 0}));
  const Matcher matcher(gallery, Metric::Cosine);
  const auto text = error_of(ErrorCode::Mismatch, [&] {
    matcher.nearest({"sface", "beef", {1, 0}, true}, 1);
  });
  EXPECT_NE(text.find("'sface'"), std::string::npos) << text;
  EXPECT_NE(text.find("'test'"), std::string::npos) << text;
  error_of(ErrorCode::Mismatch, [&] { matcher.nearest(probe({1, 0, 0}), 1); });
}
