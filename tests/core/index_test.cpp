// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_indexer.h"
#include "match/gallery_watch.h"
#include "match/index_file.h"
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

class IndexTest : public testing::Test {
 protected:
  void SetUp() override {
    if (index_kinds().empty()) GTEST_SKIP() << "built without hnswlib";
    enroll(3000);
  }

  void enroll(int count) {
    std::vector<Enrolment> people;
    for (int i = 0; i < count; ++i) {
      people.push_back({"P" + std::to_string(enrolled++), {make_template(unit_vector(random))}});
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

  /// The share of 300 probes' nearest two people that are those which comparing with all finds.
  double recall(const Matcher& matcher) {
    const Matcher exact(Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
    int found = 0;
    for (int i = 0; i < 300; ++i) {
      const Embedding embedding = probe();
      const auto wanted = exact.nearest(embedding, 2);
      const auto near = matcher.nearest(embedding, 2);
      EXPECT_EQ(near.size(), 2U);
      for (const Candidate& person : wanted) {
        found += std::any_of(near.begin(), near.end(), [&](const Candidate& other) {
          return other.person_id == person.person_id && other.distance == person.distance;
        });
      }
    }
    return found / 600.0;
  }

  static std::shared_ptr<const Matcher> indexed(const std::shared_ptr<const Matcher>& matcher,
                                                double min_recall = 0.99) {
    return matcher->with_index(matcher->build_index("hnsw", never), "hnsw", min_recall);
  }

  TemporaryFolder folder;
  const std::filesystem::path file = folder / "people.db";
  std::mt19937 random{5};
  int enrolled = 0;
};

TEST_F(IndexTest, AnUnknownKindListsTheKnownOnes) {
  const auto text = error_of(ErrorCode::Settings, [] { make_index("nosuch", 4, 10); });
  EXPECT_NE(text.find("auto, exact, hnsw"), std::string::npos) << text;
}

TEST_F(IndexTest, FindsWhatIsAskedForAndMeasuresIt) {
  const auto matcher = indexed(follow(nullptr));
  EXPECT_EQ(matcher->search().index, "hnsw");
  EXPECT_GE(matcher->search().recall, 0.99);
  EXPECT_EQ(matcher->search().templates, 3000);
  EXPECT_GE(recall(*matcher), 0.98);
}

TEST_F(IndexTest, SaysSoWhereItFindsTooFew) {
  const auto matcher = follow(nullptr);
  auto values = unit_vector(random);
  const std::shared_ptr<Index> poor = make_index("hnsw", dimension, 10'000);
  for (int label = 0; label < 10; ++label) poor->add(label, values.data());
  const auto result = matcher->with_index(poor, "hnsw", 0.99);
  EXPECT_EQ(result->search().index, "exact");
  EXPECT_NE(result->search().caution.find(file.string()), std::string::npos);
  EXPECT_EQ(recall(*result), 1);
}

TEST_F(IndexTest, PeopleWhoAreNearlyTheSameAreFound) {
  std::vector<Enrolment> people;
  for (int cluster = 0; cluster < 40; ++cluster) {
    const auto centre = unit_vector(random);
    for (int i = 0; i < 30; ++i) {
      auto values = centre;
      const auto noise = unit_vector(random);
      for (int axis = 0; axis < dimension; ++axis) values[axis] += 0.01F * noise[axis];
      people.push_back(
          {"C" + std::to_string(cluster) + "-" + std::to_string(i), {make_template(values)}});
    }
  }
  Gallery(file, Gallery::Mode::ReadWrite).enroll(people);
  const auto matcher = indexed(follow(nullptr));
  const bool says_so = matcher->search().index == "exact" && !matcher->search().caution.empty();
  EXPECT_TRUE(matcher->search().recall >= 0.99 || says_so);
  EXPECT_GE(recall(*matcher), 0.98);
}

TEST_F(IndexTest, AFewAreComparedWithoutAWord) {
  Gallery few(folder / "few.db", Gallery::Mode::Create);
  few.enroll("Ada", make_template(unit_vector(random)));
  const auto result = indexed(Matcher::follow(nullptr, few, Metric::Cosine));
  EXPECT_EQ(result->search().index, "exact");
  EXPECT_EQ(result->search().caution, "");
  EXPECT_EQ(result->nearest(probe(), 2).size(), 1U);
}

TEST_F(IndexTest, FollowsPeopleWhoComeAndGo) {
  auto matcher = indexed(follow(nullptr));
  for (int i = 0; i < 30; ++i) {
    enroll(20);
    remove("P" + std::to_string(i * 7));
    matcher = follow(matcher);
    ASSERT_EQ(matcher->search().index, "hnsw");
    const Embedding gone = probe();
    EXPECT_EQ(matcher->nearest(gone, 5).size(), 5U);
  }
  EXPECT_EQ(matcher->template_count(), 3570);
  EXPECT_GE(recall(*matcher), 0.97);
  const auto again = matcher->measured_again(0.99);
  EXPECT_EQ(again->search().templates, 3570);
  EXPECT_GE(recall(*again), 0.98);
}

TEST_F(IndexTest, CatchesUpWithWhatChangedWhileItWasBuilt) {
  const auto before = follow(nullptr);
  const auto index = before->build_index("hnsw", never);
  enroll(50);
  remove("P1");
  const auto after = follow(before);
  const auto matcher = after->searched_like(*before->with_index(index, "hnsw", 0.9));
  ASSERT_TRUE(matcher);
  EXPECT_GE(recall(*matcher), 0.9);
  const auto anew =
      std::make_shared<const Matcher>(Gallery(file, Gallery::Mode::ReadOnly), Metric::Cosine);
  EXPECT_FALSE(anew->searched_like(*matcher)) << "what has changed is not known";
}

TEST_F(IndexTest, WhatIsSavedIsTheSame) {
  const auto matcher = follow(nullptr);
  const auto index = matcher->build_index("hnsw", never);
  const auto path = index_file(file, "hnsw", Metric::Cosine);
  save_index(path, "hnsw", *matcher, matcher->links_of(*index));
  enroll(30);
  remove("P5");

  const auto anew = follow(nullptr);
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const auto loaded = anew->load_index("hnsw", read_index(path, "hnsw", *anew, gallery), never);
  EXPECT_GE(recall(*anew->with_index(loaded, "hnsw", 0.99)), 0.98);

  enroll(1500);
  const auto larger = follow(nullptr);
  const auto links = read_index(path, "hnsw", *larger, Gallery(file, Gallery::Mode::ReadOnly));
  error_of(ErrorCode::Read, [&] { larger->load_index("hnsw", links, never); });
}

TEST_F(IndexTest, IsNotTrustedWhereItIsOfSomethingElse) {
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

TEST_F(IndexTest, NoDamageIsTrustedOrDoesHarm) {
  const auto matcher = follow(nullptr);
  const auto index = matcher->build_index("hnsw", never);
  const std::string links = matcher->links_of(*index);
  const auto path = folder / "index";
  save_index(path, "hnsw", *matcher, links);
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
    EXPECT_ANY_THROW(read_index(path, "hnsw", *matcher, gallery)) << i;
  }
  // And were the checksum right, nothing is read or written beyond what is there.
  for (int i = 0; i < 150; ++i) {
    std::string damaged = links;
    for (int flips = 0; flips <= i % 8; ++flips)
      damaged[random() % links.size()] ^= 1 << random() % 8;
    if (i % 5 == 0) damaged.resize(random() % links.size());
    try {
      const auto loaded = matcher->load_index("hnsw", damaged, never);
      matcher->with_index(loaded, "hnsw", 0.99)->nearest(probe(), 3);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Read);
    }
  }
}

TEST_F(IndexTest, AWatchGetsOneSavesItAndStartsWithIt) {
  const IndexOptions options{"hnsw", 0.99};
  const auto path = index_file(file, "hnsw", Metric::Cosine);
  for (const bool saved : {false, true}) {
    EXPECT_EQ(std::filesystem::exists(path), saved);
    const auto written =
        saved ? std::filesystem::last_write_time(path) : std::filesystem::file_time_type::max();
    const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, options);
    EXPECT_EQ(watch.matcher()->person_count(), enrolled);
    // Built at a low priority, it takes long beside other programs.
    for (int i = 0; i < 12'000 && watch.matcher()->search().index != "hnsw"; ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(watch.matcher()->search().index, "hnsw");
    if (saved) {
      EXPECT_EQ(std::filesystem::last_write_time(path), written) << "it was built again";
    }
    enroll(1);
    for (int i = 0; i < 1000 && watch.matcher()->person_count() != enrolled; ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_EQ(watch.matcher()->person_count(), enrolled);
    EXPECT_EQ(watch.matcher()->search().index, "hnsw");
  }
}

TEST_F(IndexTest, IsMeasuredAndSavedAgainOnceTheGalleryHasGrown) {
  const auto path = index_file(file, "hnsw", Metric::Cosine);
  const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, {"hnsw", 0.99});
  const auto wait_for = [](const std::function<bool()>& done) {
    for (int i = 0; i < 12'000 && !done(); ++i) std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(done());
  };
  wait_for([&] { return watch.matcher()->search().index == "hnsw"; });
  enroll(400);
  wait_for([&] { return watch.matcher()->search().templates == enrolled; });
  EXPECT_EQ(watch.matcher()->search().index, "hnsw");
  EXPECT_GE(watch.matcher()->search().recall, 0.99);

  const auto anew = follow(nullptr);
  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const auto saved = anew->load_index("hnsw", read_index(path, "hnsw", *anew, gallery), never);
  EXPECT_EQ(anew->links_of(*saved).size(), watch.matcher()->links().size())
      << "what was saved lacks those who came";
}

TEST_F(IndexTest, StoppingDoesNotWaitForOneThatIsBuilt) {
  enroll(60'000);
  const auto begin = std::chrono::steady_clock::now();
  {
    const GalleryWatch watch(file.string(), Metric::Cosine, {}, {}, {"hnsw", 0.99});
    std::this_thread::sleep_for(600ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_FALSE(std::filesystem::exists(index_file(file, "hnsw", Metric::Cosine)));
}

TEST_F(IndexTest, OfAGalleryOnAServerLiesInTheCache) {
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

TEST_F(IndexTest, AutoIsExactForFew) {
  GalleryIndexer indexer(file, {});
  const auto matcher = follow(nullptr);
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(indexer.improved(matcher), matcher);
    std::this_thread::sleep_for(5ms);
  }
}

TEST_F(IndexTest, SearchesWhileAnotherThreadAdds) {
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
