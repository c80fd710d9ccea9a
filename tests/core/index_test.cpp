// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <numeric>
#include <opencv2/core.hpp>
#include <random>
#include <set>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_indexer.h"
#include "match/gallery_watch.h"
#include "match/index_file.h"
#include "match/track_evidence.h"
#include "temporary_folder.h"

using namespace facerec;
using namespace std::chrono_literals;

namespace {

constexpr int dimension = 32;
const std::atomic<bool> never = false;

std::vector<float> unit_vector(std::mt19937& random) {
  std::vector<float> values = random_values(random, dimension);
  float square = 0;
  for (const float value : values) square += value * value;
  for (float& value : values) value /= std::sqrt(square);
  return values;
}

class IndexFileTest : public testing::Test {
 protected:
  void SetUp() override { enroll(3000); }

  void enroll(int count) {
    std::vector<Enrolment> people;
    for (int i = 0; i < count; ++i) {
      values.push_back(unit_vector(random));
      people.push_back({"P" + std::to_string(enrolled++), {make_template(values.back())}});
    }
    Gallery(file, Gallery::Mode::Create).enroll(people);
  }
  void remove(const std::string& name) const {
    Gallery(file, Gallery::Mode::ReadWrite).remove(name);
  }

  std::shared_ptr<const Matcher> follow(const std::shared_ptr<const Matcher>& earlier) const {
    return Matcher::follow(earlier, Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
  }
  Embedding probe() { return {"test", "f00d", unit_vector(random), false}; }

  /// Where 0.99 are asked for, some more may be missed by luck.
  static constexpr double lucky = 0.98;

  /// Somebody's who was enrolled, strange in that part, 0..1.
  Embedding face(float strange) {
    const auto& own = values[random() % values.size()];
    Embedding embedding = probe();
    for (int axis = 0; axis < dimension; ++axis) {
      float& value = embedding.values[axis];
      value += (1 - strange) * (own[axis] - value);
    }
    return embedding;
  }

  /// The share of 300 strangers' and, within a reach, also of 900 other faces' nearest two people
  /// up to it that are those which comparing with all finds.
  double recall(const Matcher& matcher, double reach = any_distance) {
    const Matcher exact(Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
    int found = 0, all = 0;
    for (int i = 0; i < (reach < any_distance ? 1200 : 300); ++i) {
      const Embedding embedding = i < 300 ? probe() : face(static_cast<float>(i - 300) / 900);
      const auto near = matcher.nearest(embedding, 2, reach);
      EXPECT_EQ(near.size(), 2U);
      for (const Candidate& person : exact.nearest(embedding, 2)) {
        if (person.distance > reach) continue;
        ++all;
        found += std::any_of(near.begin(), near.end(), [&](const Candidate& other) {
          return other.person_id == person.person_id && other.distance == person.distance;
        });
      }
    }
    EXPECT_GT(all, 200);
    return static_cast<double>(found) / all;
  }

  TemporaryFolder folder;
  const std::filesystem::path file = folder / "people.db";
  std::mt19937 random{5};
  std::vector<std::vector<float>> values;  ///< enrolled, in order
  int enrolled = 0;
};

/// Finds who is near, and beyond a cosine distance just anybody.
class ShortSighted : public Index {
 public:
  ShortSighted(const std::vector<std::vector<float>>& vectors, double distance)
      : vectors_(vectors), squared_(2 * distance) {}
  std::vector<int> near(const float* probe, std::size_t effort) const override {
    ++asked;
    std::vector<std::pair<double, int>> all;
    for (std::size_t label = 0; label < vectors_.size(); ++label) {
      double squared = 0;
      for (int i = 0; i < dimension; ++i) {
        const double difference = vectors_[label][i] - probe[i];
        squared += difference * difference;
      }
      all.emplace_back(std::min(squared, squared_), static_cast<int>(label));
    }
    std::sort(all.begin(), all.end());
    std::vector<int> labels;
    for (std::size_t i = 0; i < std::min(effort, all.size()); ++i) labels.push_back(all[i].second);
    return labels;
  }

  bool add(int /*label*/, const float* /*values*/) override { return false; }
  void remove(int /*label*/) override {}
  void fill(const std::vector<int>& /*labels*/,
            const std::function<void(int label, float* values)>& /*copy*/,
            const std::atomic<bool>& /*stop*/) override {}
  std::string links(const std::function<std::int64_t(int label)>& /*id*/) const override {
    return {};
  }
  void load(std::string_view /*links*/, const IndexSource& /*source*/) override {}

  mutable int asked = 0;

 private:
  std::vector<std::vector<float>> vectors_;
  double squared_;
};

/// Of each kind that there is.
class IndexTest : public IndexFileTest, public testing::WithParamInterface<std::string> {
 protected:
  const std::string& kind() const { return GetParam(); }

  std::shared_ptr<const Matcher> indexed(const std::shared_ptr<const Matcher>& matcher) const {
    return matcher->with_index(matcher->build_index(kind(), never), kind(), 0.99);
  }

  std::unique_ptr<Index> filled(const std::vector<std::vector<float>>& vectors,
                                std::size_t capacity) const {
    std::unique_ptr<Index> index = make_index(kind(), dimension, capacity);
    std::vector<int> labels(vectors.size());
    std::iota(labels.begin(), labels.end(), 0);
    index->fill(
        labels,
        [&](int label, float* values) { std::copy_n(vectors[label].data(), dimension, values); },
        never);
    return index;
  }

  std::vector<std::vector<float>> unit_vectors(int count) {
    std::vector<std::vector<float>> vectors(count);
    for (auto& vector : vectors) vector = unit_vector(random);
    return vectors;
  }
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(IndexTest);
INSTANTIATE_TEST_SUITE_P(Kinds, IndexTest, testing::ValuesIn(index_kinds()), [](const auto& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

bool has(const std::vector<int>& labels, int label) {
  return std::count(labels.begin(), labels.end(), label) > 0;
}

TEST_F(IndexFileTest, AnUnknownKindListsTheKnownOnes) {
  const auto text = error_of(ErrorCode::Settings, [] { make_index("nosuch", 4, 10); });
  std::string known = "auto, exact";
  for (const std::string& kind : index_kinds()) known += ", " + kind;
  EXPECT_NE(text.find(known), std::string::npos) << text;
}

TEST_P(IndexTest, FindsWhatIsAskedForAndMeasuresIt) {
  const auto matcher = indexed(follow(nullptr));
  EXPECT_EQ(matcher->search().index, kind());
  EXPECT_EQ(matcher->search().templates, 3000);
  EXPECT_GE(recall(*matcher), lucky);
  ASSERT_FALSE(matcher->search().reaches.empty());
  for (const Reach& step : matcher->search().reaches) {
    EXPECT_EQ(matcher->reach_for(step.distance), step.distance);
    EXPECT_GE(recall(*matcher, step.distance), lucky) << step.distance;
  }
}

TEST_F(IndexFileTest, WithinItsReachAnIndexIsAskedAndElseEverybody) {
  const auto exact = follow(nullptr);
  const auto index = std::make_shared<ShortSighted>(values, 0.3);
  const auto matcher = exact->with_index(index, "short-sighted", 0.99);
  ASSERT_EQ(matcher->search().reaches.size(), 1U);
  const double reach = matcher->search().reaches.front().distance;
  EXPECT_GE(reach, 0.29);
  EXPECT_LT(reach, 0.4);
  EXPECT_GE(recall(*matcher, 0.3), lucky);
  EXPECT_EQ(matcher->search_caution(reach), "");
  EXPECT_EQ(matcher->reach_for(0.1), reach);

  index->asked = 0;
  EXPECT_EQ(recall(*matcher, reach + 0.05), 1) << "everybody was not compared";
  EXPECT_EQ(recall(*matcher), 1);
  EXPECT_EQ(index->asked, 0);
  EXPECT_EQ(matcher->reach_for(reach + 0.05), any_distance);
  const std::string caution = matcher->search_caution(reach + 0.05);
  for (const std::string& said : {file.string(), std::string("min-recall")}) {
    EXPECT_NE(caution.find(said), std::string::npos) << caution;
  }
  EXPECT_EQ(exact->search_caution(any_distance), "");
}

TEST_F(IndexFileTest, ATrackIsLookedUpAnewWhereItsVerdictDependsOnPeopleFartherOff) {
  const auto exact = follow(nullptr);
  const auto matcher =
      exact->with_index(std::make_shared<ShortSighted>(values, 0.3), "short-sighted", 0.99);
  Embedding shot = probe();
  while (exact->nearest(shot, 1)[0].distance < 0.35) shot = probe();
  const std::string wanted = exact->nearest(shot, 1)[0].name;
  TrackEvidence evidence;
  evidence.add(shot, 1, 0);
  EXPECT_NE(evidence.nearest(matcher, 1, 0.2)[0].name, wanted);
  EXPECT_EQ(evidence.nearest(matcher, 1, 1)[0].name, wanted);
  EXPECT_EQ(evidence.nearest(matcher, 1, 0.2)[0].name, wanted) << "what is known was forgotten";
}

TEST_P(IndexTest, HasWhatWasAddedAndNotWhatWasRemoved) {
  auto vectors = unit_vectors(1000);
  const auto index = filled(vectors, 2000);
  EXPECT_TRUE(has(index->near(vectors[7].data(), 64), 7));
  index->remove(7);
  index->remove(7);
  index->remove(5000);
  EXPECT_FALSE(has(index->near(vectors[7].data(), 64), 7));

  auto opposite = vectors[7];
  for (float& value : opposite) value = -value;
  EXPECT_TRUE(index->add(7, opposite.data()));
  EXPECT_TRUE(has(index->near(opposite.data(), 64), 7));
  EXPECT_NE(index->near(vectors[7].data(), 64).front(), 7);
  EXPECT_TRUE(index->add(7, vectors[7].data())) << "in place of one of that label";
  EXPECT_NE(index->near(opposite.data(), 64).front(), 7);
  EXPECT_EQ(index->near(vectors[7].data(), 64).front(), 7);

  const auto newcomer = unit_vector(random);
  EXPECT_TRUE(index->add(1000, newcomer.data()));
  vectors.push_back(newcomer);
  const auto near = index->near(newcomer.data(), 64);
  EXPECT_EQ(near.front(), 1000);
  EXPECT_EQ(std::set<int>(near.begin(), near.end()).size(), near.size());
  if (!index->is_in_order()) return;
  EXPECT_TRUE(std::is_sorted(near.begin(), near.end(), [&](int a, int b) {
    const auto distance = [&](int label) {
      return cv::norm(vectors[label], newcomer, cv::NORM_L2);
    };
    return distance(a) < distance(b) - 0.01;
  }));
}

TEST_P(IndexTest, TakesNoMoreThanItHasRoomFor) {
  const auto index = filled(unit_vectors(300), 2000);
  int label = 300;
  while (label <= 2000 && index->add(label, unit_vector(random).data())) ++label;
  EXPECT_GE(label, 600);
  EXPECT_LE(label, 2000);
}

TEST_P(IndexTest, OfNobodyFindsNobody) {
  const auto index = filled({}, 100);
  EXPECT_TRUE(index->near(unit_vector(random).data(), 64).empty());
  index->remove(3);
  const auto links = index->links([](int label) { return label; });
  const auto same = make_index(kind(), dimension, 100, links, {});
  EXPECT_TRUE(same->near(unit_vector(random).data(), 64).empty());
  error_of(ErrorCode::Read, [&] {
    make_index(kind(), dimension, 100, links + std::string(12, '\0'),
               {[](std::int64_t) { return -1; }, {}});
  });
}

TEST_P(IndexTest, SaysSoWhereItFindsTooFew) {
  const auto matcher = follow(nullptr);
  const std::vector<std::vector<float>> same(10, unit_vector(random));
  const std::shared_ptr<Index> poor = filled(same, 10'000);
  const auto result = matcher->with_index(poor, kind(), 0.99);
  EXPECT_EQ(result->search().index, "exact");
  EXPECT_NE(result->search().caution.find(file.string()), std::string::npos);
  EXPECT_EQ(recall(*result), 1);
}

TEST_P(IndexTest, PeopleWhoAreNearlyTheSameAreFound) {
  std::vector<Enrolment> people;
  for (int cluster = 0; cluster < 40; ++cluster) {
    const auto centre = unit_vector(random);
    for (int i = 0; i < 30; ++i) {
      auto alike = centre;
      const auto noise = unit_vector(random);
      for (int axis = 0; axis < dimension; ++axis) alike[axis] += 0.01F * noise[axis];
      people.push_back(
          {"C" + std::to_string(cluster) + "-" + std::to_string(i), {make_template(alike)}});
      values.push_back(alike);
    }
  }
  Gallery(file, Gallery::Mode::ReadWrite).enroll(people);
  const auto matcher = indexed(follow(nullptr));
  const bool says_so = matcher->search().index == "exact" && !matcher->search().caution.empty();
  EXPECT_EQ(says_so, matcher->search().reaches.empty());
  EXPECT_GE(recall(*matcher), lucky);
  for (const Reach& step : matcher->search().reaches) {
    EXPECT_GE(recall(*matcher, step.distance), lucky) << step.distance;
  }
}

TEST_P(IndexTest, AFewAreComparedWithoutAWord) {
  Gallery few(folder / "few.db", Gallery::Mode::Create);
  few.enroll("Ada", make_template(unit_vector(random)));
  const auto result = indexed(Matcher::follow(nullptr, few, Metric::Cosine));
  EXPECT_EQ(result->search().index, "exact");
  EXPECT_EQ(result->search().caution, "");
  EXPECT_EQ(result->nearest(probe(), 2).size(), 1U);
}

TEST_P(IndexTest, FollowsPeopleWhoComeAndGo) {
  auto matcher = indexed(follow(nullptr));
  for (int i = 0; i < 30; ++i) {
    enroll(20);
    remove("P" + std::to_string(i * 7));
    matcher = follow(matcher);
    ASSERT_EQ(matcher->search().index, kind());
    const Embedding gone = probe();
    EXPECT_EQ(matcher->nearest(gone, 5).size(), 5U);
  }
  EXPECT_EQ(matcher->template_count(), 3570);
  EXPECT_GE(recall(*matcher), lucky);
  const auto again = matcher->measured_again(0.99);
  EXPECT_EQ(again->search().templates, 3570);
  EXPECT_GE(recall(*again), lucky);
}

TEST_P(IndexTest, CatchesUpWithWhatChangedWhileItWasBuilt) {
  const auto before = follow(nullptr);
  const auto index = before->build_index(kind(), never);
  enroll(50);
  remove("P1");
  const auto after = follow(before);
  const auto matcher = after->searched_like(*before->with_index(index, kind(), 0.9));
  ASSERT_TRUE(matcher);
  EXPECT_GE(recall(*matcher), 0.9);
  const auto anew =
      std::make_shared<const Matcher>(Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
  EXPECT_FALSE(anew->searched_like(*matcher)) << "what has changed is not known";
}

TEST_P(IndexTest, WhatIsSavedIsTheSame) {
  const auto matcher = follow(nullptr);
  const auto index = matcher->build_index(kind(), never);
  const auto path = index_file(file, kind(), Metric::Cosine);
  save_index(path, kind(), *matcher, matcher->links_of(*index));
  enroll(30);
  remove("P5");

  const auto anew = follow(nullptr);
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const auto loaded = anew->load_index(kind(), read_index(path, kind(), *anew, gallery), never);
  EXPECT_GE(recall(*anew->with_index(loaded, kind(), 0.99)), lucky);

  enroll(1500);
  const auto larger = follow(nullptr);
  const auto links = read_index(path, kind(), *larger, Gallery(file, Gallery::Mode::ReadOnly));
  error_of(ErrorCode::Read, [&] { larger->load_index(kind(), links, never); });
}

TEST_F(IndexFileTest, IsNotTrustedWhereItIsOfSomethingElse) {
  const auto matcher = follow(nullptr);
  const auto path = folder / "index";
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  error_of(ErrorCode::NotFound, [&] { read_index(path, "hnsw", *matcher, gallery); });
  save_index(path, "hnsw", *matcher, "links");
  EXPECT_EQ(read_index(path, "hnsw", *matcher, gallery), "links");
  error_of(ErrorCode::Read,
           [&] { read_index(path, "hnsw", Matcher(gallery, Metric::Euclidean), gallery); });

  Gallery other(folder / "other.db", Gallery::Mode::Create);
  other.enroll("Ada", make_template(unit_vector(random)));
  error_of(ErrorCode::Read,
           [&] { read_index(path, "hnsw", Matcher(other, Metric::Cosine), other); });

  error_of(ErrorCode::Write, [&] { save_index(folder / "no" / "index", "hnsw", *matcher, ""); });
}

TEST_P(IndexTest, NoDamageIsTrustedOrDoesHarm) {
  const auto matcher = follow(nullptr);
  const auto index = matcher->build_index(kind(), never);
  const std::string links = matcher->links_of(*index);
  const auto path = folder / "index";
  save_index(path, kind(), *matcher, links);
  std::ifstream stream(path, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(stream), {});
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = whole;
    if (i % 2 == 0) {
      damaged.resize(random() % whole.size());
    } else {
      damaged[random() % whole.size()] ^= static_cast<char>(1 + random() % 255);
    }
    std::ofstream(path, std::ios::binary) << damaged;
    EXPECT_ANY_THROW(read_index(path, kind(), *matcher, gallery)) << i;
  }
  // And were the checksum right, nothing is read or written beyond what is there.
  for (int i = 0; i < 150; ++i) {
    std::string damaged = links;
    for (int flips = 0; flips <= i % 8; ++flips)
      damaged[random() % links.size()] ^= 1 << random() % 8;
    if (i % 5 == 0) damaged.resize(random() % links.size());
    try {
      const auto loaded = matcher->load_index(kind(), damaged, never);
      matcher->with_index(loaded, kind(), 0.99)->nearest(probe(), 3);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Read);
    }
  }
}

TEST_P(IndexTest, AWatchGetsOneSavesItAndStartsWithIt) {
  const IndexOptions options{kind(), 0.99};
  const auto path = index_file(file, kind(), Metric::Cosine);
  for (const bool saved : {false, true}) {
    EXPECT_EQ(std::filesystem::exists(path), saved);
    const auto written =
        saved ? std::filesystem::last_write_time(path) : std::filesystem::file_time_type::max();
    const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, options);
    EXPECT_EQ(watch.matcher()->person_count(), enrolled);
    // Built at a low priority, it takes long beside other programs.
    for (int i = 0; i < 12'000 && watch.matcher()->search().index != kind(); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(watch.matcher()->search().index, kind());
    if (saved) {
      EXPECT_EQ(std::filesystem::last_write_time(path), written) << "it was built again";
    }
    enroll(1);
    for (int i = 0; i < 1000 && watch.matcher()->person_count() != enrolled; ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(watch.matcher()->person_count(), enrolled);
    EXPECT_EQ(watch.matcher()->search().index, kind());
  }
}

TEST_P(IndexTest, IsMeasuredAndSavedAgainOnceTheGalleryHasGrown) {
  const auto path = index_file(file, kind(), Metric::Cosine);
  const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, {kind(), 0.99});
  const auto wait_for = [](const std::function<bool()>& done) {
    for (int i = 0; i < 12'000 && !done(); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(done());
  };
  wait_for([&] { return watch.matcher()->search().index == kind(); });
  enroll(400);
  wait_for([&] { return watch.matcher()->search().templates == enrolled; });
  EXPECT_EQ(watch.matcher()->search().index, kind());
  EXPECT_FALSE(watch.matcher()->search().reaches.empty());

  const auto anew = follow(nullptr);
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const auto saved = anew->load_index(kind(), read_index(path, kind(), *anew, gallery), never);
  EXPECT_EQ(anew->links_of(*saved).size(),
            watch.matcher()->links_of(*watch.matcher()->index()).size())
      << "what was saved lacks those who came";
}

TEST_P(IndexTest, StoppingDoesNotWaitForOneThatIsBuilt) {
  enroll(60'000);
  const auto begin = std::chrono::steady_clock::now();
  {
    const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, {kind(), 0.99});
    std::this_thread::sleep_for(600ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_FALSE(std::filesystem::exists(index_file(file, kind(), Metric::Cosine)));
}

TEST_F(IndexFileTest, OfAGalleryOnAServerLiesInTheCache) {
  const char* before = std::getenv("XDG_CACHE_HOME");
  const std::string kept = before ? before : "";
  setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  const auto path = [](const char* uri) { return index_file(uri, "hnsw", Metric::Cosine); };
  const auto cached = path("postgresql://ada:secret@host/people");
  EXPECT_EQ(cached.parent_path(), folder / "gst-facerec");
  EXPECT_EQ(cached, path("postgresql://ada:other@host/people"));
  EXPECT_NE(cached, path("postgresql://ada:secret@host/others"));
  const auto matcher = follow(nullptr);
  save_index(cached, "hnsw", *matcher, "links");
  EXPECT_TRUE(std::filesystem::exists(cached));
  before ? setenv("XDG_CACHE_HOME", kept.c_str(), 1) : unsetenv("XDG_CACHE_HOME");
}

TEST_F(IndexFileTest, AutoIsExactForFew) {
  GalleryIndexer indexer(file, {});
  const auto matcher = follow(nullptr);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(indexer.improved(matcher), matcher);
    std::this_thread::sleep_for(5ms);
  }
}

TEST_P(IndexTest, SearchesWhileAnotherThreadAdds) {
  auto matcher = indexed(follow(nullptr));
  std::atomic<bool> done = false;
  std::thread other([&, earlier = matcher] {
    std::mt19937 own(9);
    while (!done)
      EXPECT_EQ(earlier->nearest({"test", "f00d", unit_vector(own), false}, 3).size(), 3U);
  });
  for (int i = 0; i < 20; ++i) {
    enroll(5);
    remove("P" + std::to_string(i));
    matcher = follow(matcher);
  }
  done = true;
  other.join();
}

}  // namespace
