// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/matcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>
#include <sstream>

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

/// A matcher that follows a gallery, beside one that reads everything anew.
class FollowingTest : public MatcherTest {
 protected:
  std::vector<float> values() {
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> result(16);
    for (float& value : result) value = normal(random_);
    return result;
  }

  /// What the matcher knows of some probes, and of everybody.
  static std::string describe(const Matcher& matcher, std::vector<std::vector<float>> probes) {
    std::ostringstream text;
    text << matcher.person_count() << ' ' << matcher.template_count();
    for (const GallerySize::Several& group : matcher.size().several) {
      text << " (" << group.people << ' ' << group.templates << ' ' << group.spread << ')';
    }
    for (const auto& values : probes) {
      for (const Candidate& person : matcher.nearest(probe(values), 4)) {
        text << ' ' << person.person_id << ' ' << person.name << ' ' << person.distance;
      }
    }
    return text.str();
  }

  std::mt19937 random_{3};
};

TEST_F(FollowingTest, KnowsAfterEveryChangeWhatAFreshOneKnows) {
  std::shared_ptr<const Matcher> following;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "P" + std::to_string(random_() % 40);
    if (random_() % 3 == 0) {
      try {
        gallery.remove(name);
      } catch (const Error&) {
        // Nobody is called so.
      }
    } else {
      gallery.enroll(name, make_template(values()));
    }
    if (random_() % 4 == 0) continue;  // several changes at once
    following = Matcher::follow(following, gallery, Metric::Cosine);
    const std::vector<std::vector<float>> probes{values(), values()};
    ASSERT_EQ(describe(*following, probes), describe(Matcher(gallery, Metric::Cosine), probes));
  }
}

TEST_F(FollowingTest, StaysWhereNothingHasChanged) {
  gallery.enroll("Ada", make_template({1, 0}));
  const auto first = Matcher::follow(nullptr, gallery, Metric::Cosine);
  EXPECT_EQ(Matcher::follow(first, gallery, Metric::Cosine), first);
  std::vector<double> distances(200);
  std::iota(distances.begin(), distances.end(), 1);
  const auto curve = Calibration::from_impostors(distances);
  gallery.calibrate(Metric::Cosine, {0.01, 0.4, curve});
  const auto second = Matcher::follow(first, gallery, Metric::Cosine);
  EXPECT_FALSE(first->calibration());
  EXPECT_TRUE(second->calibration());
  EXPECT_EQ(second->changed_since(*first)->size(), 0U);
}

TEST_F(FollowingTest, TellsWhoHasChanged) {
  const auto ada = gallery.enroll("Ada", make_template({1, 0}));
  const auto first = Matcher::follow(nullptr, gallery, Metric::Cosine);
  const auto grace = gallery.enroll("Grace", make_template({0, 1}));
  const auto second = Matcher::follow(first, gallery, Metric::Cosine);
  gallery.remove("Ada");
  const auto third = Matcher::follow(second, gallery, Metric::Cosine);
  EXPECT_EQ(second->changed_since(*first), std::vector{grace});
  EXPECT_EQ(third->changed_since(*second), std::vector{ada});
  EXPECT_EQ(third->changed_since(*first), (std::vector{grace, ada}));
  EXPECT_FALSE(first->changed_since(*second));
  EXPECT_FALSE(Matcher(gallery, Metric::Cosine).changed_since(*first)) << "it was read anew";
  EXPECT_EQ(first->nearest(probe({1, 0}), 1).at(0).name, "Ada") << "an earlier one stays";
}

TEST_F(FollowingTest, ReadsAnotherGalleryAnew) {
  const auto file = folder / "own.db", copy = folder / "copy.db";
  const auto enroll = [](const std::filesystem::path& file, const std::string& name) {
    Gallery(file, Gallery::Mode::Create).enroll(name, make_template({0, 1}));
  };
  const auto follow = [&](const std::shared_ptr<const Matcher>& earlier) {
    return Matcher::follow(earlier, Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
  };
  enroll(file, "Ada");
  std::filesystem::copy_file(file, copy);
  enroll(file, "Grace");
  enroll(copy, "Mary");
  const auto first = follow(nullptr);
  // Both have the same number of changes; the last ones differ.
  std::filesystem::rename(copy, file);
  const auto second = follow(first);
  ASSERT_EQ(second->person_count(), 2);
  EXPECT_EQ(second->nearest(probe({0, 1}), 2).at(1).name, "Mary");
  EXPECT_FALSE(second->changed_since(*first));
}

TEST_F(FollowingTest, ReadsAnewWhereTooMuchHasChangedOrTheModelHas) {
  gallery.enroll("Ada", make_template({1, 0}));
  const auto first = Matcher::follow(nullptr, gallery, Metric::Cosine);
  for (int i = 0; i < 300; ++i) gallery.enroll("P" + std::to_string(i), make_template({0, 1}));
  const auto second = Matcher::follow(first, gallery, Metric::Cosine);
  EXPECT_FALSE(second->changed_since(*first));
  EXPECT_EQ(second->person_count(), 301);
  for (const Person& person : gallery.people()) gallery.remove(person.name);
  gallery.enroll("Ada", make_template({1, 0, 0}, "other", "beef"));
  EXPECT_EQ(Matcher::follow(second, gallery, Metric::Cosine)->model().name, "other");
}
