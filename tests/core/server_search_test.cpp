// SPDX-License-Identifier: LGPL-2.1-or-later

// On a PostgreSQL server that the test starts; most is skipped where that has no pgvector.

#include "match/server_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "frame_times.h"
#include "gallery_fixtures.h"
#include "match/awaited_shots.h"
#include "match/near_people.h"
#include "match/track_decision.h"
#include "postgresql_server.h"
#include "temporary_folder.h"

using namespace facerec;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Mode = Gallery::Mode;

namespace {

constexpr int dimension = 32;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Null where there is none.
PostgresqlServer* server() {
  static const std::unique_ptr<PostgresqlServer> one =
      PostgresqlServer::programs().empty() ? nullptr : std::make_unique<PostgresqlServer>();
  return one.get();
}

std::string fresh_gallery() {
  static int count = 0;
  return "people_" + std::to_string(++count);
}

bool has_pgvector(const PostgresqlServer& server) {
  return server.sql("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'") != "0";
}

class ServerSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!server()) GTEST_SKIP() << "PostgreSQL is not installed (postgresql)";
    if (!has_pgvector(*server())) GTEST_SKIP() << "PostgreSQL has no pgvector";
    name = server()->uri(gallery);
  }

  std::vector<float> draw() { return random_values(random, dimension); }
  /// Another view of somebody.
  std::vector<float> near(const std::vector<float>& values, float spread) {
    std::vector<float> result = draw();
    for (int i = 0; i < dimension; ++i) result[i] = values[i] + spread * result[i];
    return result;
  }
  static Embedding embedding(const std::vector<float>& values) {
    return {"test", "f00d", values, false};
  }

  void enroll(const std::string& person, const std::vector<float>& values) const {
    Gallery(name, Mode::Create).enroll(person, make_template(values));
  }

  /// People of one to three templates each; returns a view of each.
  std::vector<std::vector<float>> enroll_people(int count) {
    std::vector<Enrolment> people;
    std::vector<std::vector<float>> views;
    for (int i = 0; i < count; ++i) {
      views.push_back(draw());
      people.push_back({"P" + std::to_string(i), {}});
      for (int k = 0; k <= i % 3; ++k) {
        people.back().templates.push_back(make_template(near(views.back(), 0.4F)));
      }
    }
    ModelFacts facts{test_profile(dimension), "test"};
    facts.profile.thresholds["cosine"] = {0.4, "measured"};
    Gallery(name, Mode::Create).enroll(people, &facts);
    return views;
  }

  ServerSearch::Report collect() {
    return [this](const std::string& problem) {
      const std::lock_guard lock(mutex);
      reports.push_back(problem);
    };
  }
  std::vector<std::string> reported() {
    const std::lock_guard lock(mutex);
    return reports;
  }
  /// Until the search knows of so many people, a second at most.
  static void wait_for_people(const ServerSearch& search, int count) {
    const auto begin = Clock::now();
    while (search.known()->matcher->person_count() != count && seconds_since(begin) < 1) {
      std::this_thread::sleep_for(5ms);
    }
    EXPECT_EQ(search.known()->matcher->person_count(), count);
  }
  void wait_for_reports(std::size_t count) {
    for (int i = 0; i < 1500 && reported().size() < count; ++i) std::this_thread::sleep_for(10ms);
    ASSERT_EQ(reported().size(), count);
  }

  /// Tracks of a stream whose gallery is on the server. Each call for a frame is timed.
  struct Stream {
    explicit Stream(ServerSearch& search) : shots(search) {}

    std::vector<TrackVerdict> pass(const std::vector<TrackedFace>& faces) {
      const auto begin = Clock::now();
      const AwaitedShots::Answered answered = shots.exchange(faces);
      times.add(seconds_since(begin));
      any_new = std::any_of(answered.faces.begin(), answered.faces.end(),
                            [](const TrackedFace& face) { return face.embedding != nullptr; });
      return decisions.decide(answered.faces, answered.matcher, nullptr, options, time);
    }
    TrackVerdict pass(std::int64_t track, const Embedding* shot = nullptr) {
      return pass({{track, shot, quality}}).front();
    }
    /// Passes frames of a track, the shot with the first of them, until `is_right` or too late.
    template <typename IsRight>
    TrackVerdict wait(std::int64_t track, const Embedding* shot, const IsRight& is_right,
                      double most = 10) {
      const auto begin = Clock::now();
      TrackVerdict verdict = pass(track, shot);
      while (!is_right(verdict)) {
        if (seconds_since(begin) > most) {
          ADD_FAILURE() << to_string(verdict.state) << " " << to_string(verdict.reason) << " "
                        << verdict.label << " after " << most << " s";
          break;
        }
        std::this_thread::sleep_for(5ms);
        verdict = pass(track);
      }
      return verdict;
    }

    AwaitedShots shots;
    TrackDecisions decisions;
    TrackDecisionOptions options;
    Quality quality;
    double time = 0;
    FrameTimes times;      ///< that frames took to exchange their shots
    bool any_new = false;  ///< whether the last frame had an answered shot
  };

  std::mt19937 random{5};
  const std::string gallery = fresh_gallery();
  std::string name;
  std::mutex mutex;
  std::vector<std::string> reports;
};

bool is_recognised(const TrackVerdict& verdict) {
  return verdict.state == TrackState::Recognised;
}

}  // namespace

TEST(ServerSearchWithoutOne, IsAnErrorThatNamesWhatHas) {
  const TemporaryFolder folder;
  std::vector<std::string> galleries{folder / "empty.db", folder / "people.db"};
  Gallery(galleries[0], Mode::Create);
  Gallery(galleries[1], Mode::Create).enroll("Ada", make_template({1, 0}));
  if (server() && !has_pgvector(*server())) {
    galleries.push_back(server()->uri(fresh_gallery()));
    Gallery(galleries.back(), Mode::Create).enroll("Ada", make_template({1, 0}));
  }
  for (const std::string& gallery : galleries) {
    const auto text =
        error_of(ErrorCode::Settings, [&] { ServerSearch(gallery, Metric::Cosine, {}); });
    EXPECT_NE(text.find("pgvector"), std::string::npos) << text;
  }
}

TEST_F(ServerSearchTest, VerdictsAreThoseOfTheGalleryInMemory) {
  const auto views = enroll_people(150);
  const auto matcher =
      std::make_shared<const Matcher>(Gallery(name, Mode::ReadOnly), Metric::Cosine);
  ServerSearch search(name, Metric::Cosine, collect());
  Stream stream(search);
  TrackDecisions in_memory;
  int recognised = 0, unknown = 0;
  for (int track = 0; track < 24; ++track) {
    const std::vector<float> face = track % 3 == 2 ? draw() : views[track * 5];
    for (int shot = 0; shot < 4; ++shot) {
      const Embedding taken = embedding(near(face, 0.5F));
      stream.time = track + 0.1 * shot;
      const auto expected =
          in_memory.decide({{track, &taken, {}}}, matcher, nullptr, {}, stream.time).front();
      const auto verdict = stream.wait(
          track, &taken, [&](const TrackVerdict& now) { return now.shots == expected.shots; });
      EXPECT_EQ(verdict.state, expected.state);
      EXPECT_EQ(verdict.reason, expected.reason);
      EXPECT_EQ(verdict.label, expected.label);
      EXPECT_DOUBLE_EQ(verdict.threshold, expected.threshold);
      ASSERT_EQ(verdict.nearest.size(), expected.nearest.size());
      for (std::size_t i = 0; i < expected.nearest.size(); ++i) {
        EXPECT_EQ(verdict.nearest[i].name, expected.nearest[i].name);
        EXPECT_NEAR(verdict.nearest[i].distance, expected.nearest[i].distance, 1e-6);
      }
      recognised += is_recognised(verdict);
      unknown += verdict.state == TrackState::Unknown;
    }
  }
  EXPECT_GT(recognised, 20);
  EXPECT_GT(unknown, 2);
  EXPECT_LT(search.known()->matcher->template_count(), matcher->template_count());
  EXPECT_TRUE(reported().empty());
}

TEST_F(ServerSearchTest, OneLookFindsTheSamePeople) {
  const auto views = enroll_people(150);
  const Gallery gallery(name, Mode::ReadOnly);
  const Matcher all(gallery, Metric::EuclideanL2);
  std::vector<Embedding> probes;
  std::vector<const Embedding*> asked;
  for (int i = 0; i < 10; ++i) probes.push_back(embedding(near(views[i], 0.4F)));
  for (const Embedding& probe : probes) asked.push_back(&probe);
  const Matcher found = matcher_near(gallery, Metric::EuclideanL2, asked, 10);
  EXPECT_EQ(found.person_count(), 150);
  EXPECT_LT(found.template_count(), all.template_count());
  DecisionOptions by_chord;
  by_chord.metric = Metric::EuclideanL2;
  EXPECT_DOUBLE_EQ(Decision(by_chord, found, nullptr).threshold(),
                   Decision(by_chord, all, nullptr).threshold());
  for (const Embedding& probe : probes) {
    const auto near = found.nearest(probe, 3), expected = all.nearest(probe, 3);
    ASSERT_EQ(near.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(near[i].name, expected[i].name);
  }
}

TEST_F(ServerSearchTest, OfManyPeopleItKnowsTheNumberAndAboutTheThreshold) {
  enroll_people(3000);
  const Matcher matcher(Gallery(name, Mode::ReadOnly), Metric::Cosine);
  ServerSearch search(name, Metric::Cosine, {});
  const auto known = search.known()->matcher;
  EXPECT_EQ(known->person_count(), 3000);
  EXPECT_EQ(known->template_count(), 0);
  const double threshold = Decision({}, *known, nullptr).threshold();
  const double expected = Decision({}, matcher, nullptr).threshold();
  EXPECT_NEAR(threshold, expected, 0.01 * expected);
}

TEST_F(ServerSearchTest, WhatOthersChangeIsSeenWithinASecond) {
  const auto views = enroll_people(50);
  ServerSearch search(name, Metric::Cosine, collect());
  Stream stream(search);
  const auto face = draw();
  const Embedding shot = embedding(near(face, 0.2F));
  stream.wait(1, &shot, [](const TrackVerdict& verdict) { return verdict.shots == 1; });
  const auto is_ada = [](const TrackVerdict& verdict) { return verdict.label == "Ada"; };

  enroll("Ada", face);
  stream.wait(1, nullptr, is_ada, 1);
  wait_for_people(search, 51);
  Gallery(name, Mode::ReadWrite).remove("Ada");
  stream.wait(
      1, nullptr, [&](const TrackVerdict& verdict) { return !is_ada(verdict); }, 1);
  wait_for_people(search, 50);

  // So many that they are not read one by one: whom the tracks show is asked anew.
  std::vector<Enrolment> crowd;
  for (int i = 0; i < 1000; ++i) {
    crowd.push_back({"Q" + std::to_string(i), {make_template(draw())}});
  }
  crowd[500] = {"Ada", {make_template(face)}};
  Gallery(name, Mode::ReadWrite).enroll(crowd);
  stream.wait(1, nullptr, is_ada, 2);
  wait_for_people(search, 1050);
  EXPECT_LT(search.known()->matcher->template_count(), 600);
  EXPECT_TRUE(reported().empty());
}

TEST_F(ServerSearchTest, AServerThatIsAwayDelaysNobodyAndIsFoundAgain) {
  const auto views = enroll_people(50);
  ServerSearch search(name, Metric::Cosine, collect());
  Stream stream(search);
  const Embedding first = embedding(near(views[7], 0.2F)), second = embedding(near(views[8], 0.2F));
  EXPECT_EQ(stream.wait(1, &first, is_recognised).label, "P7");

  server()->kill();
  TrackVerdict verdict = stream.pass(2, &second);
  for (const auto begin = Clock::now(); seconds_since(begin) < 3;) {
    EXPECT_EQ(verdict.state, TrackState::Undecided);
    EXPECT_EQ(verdict.reason, Reason::Searching);
    EXPECT_EQ(stream.pass(1).label, "P7") << "a name that was given stays";
    std::this_thread::sleep_for(10ms);
    verdict = stream.pass(2);
  }
  ASSERT_EQ(reported().size(), 1u);
  EXPECT_NE(reported()[0].find("'" + name), std::string::npos) << reported()[0];

  server()->start();
  EXPECT_EQ(stream.wait(2, nullptr, is_recognised).label, "P8");
  wait_for_reports(2);
  EXPECT_EQ(reported()[1], "");
  EXPECT_LT(stream.times.longest(), 0.005);
}

TEST_F(ServerSearchTest, AServerThatHangsDelaysNobodyAndStopsPromptly) {
  const auto views = enroll_people(50);
  auto search = std::make_unique<ServerSearch>(name, Metric::Cosine, collect());
  Stream stream(*search);
  auto lock =
      server()->connection("BEGIN; LOCK TABLE " + gallery + ".template IN ACCESS EXCLUSIVE MODE");
  const Embedding shot = embedding(near(views[7], 0.2F));
  stream.pass(1, &shot);
  for (const auto begin = Clock::now(); seconds_since(begin) < 5;) {
    EXPECT_EQ(stream.pass(1).reason, Reason::Searching);
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(reported().size(), 1u);
  lock.reset();
  EXPECT_EQ(stream.wait(1, nullptr, is_recognised).label, "P7");
  wait_for_reports(2);
  EXPECT_LT(stream.times.longest(), 0.005);

  lock =
      server()->connection("BEGIN; LOCK TABLE " + gallery + ".template IN ACCESS EXCLUSIVE MODE");
  stream.pass(2, &shot);
  std::this_thread::sleep_for(200ms);
  const auto begin = Clock::now();
  search.reset();
  EXPECT_LT(seconds_since(begin), 1);
}

TEST_F(ServerSearchTest, AFaceWithoutATrackIsKnownByAnEarlierOne) {
  const auto views = enroll_people(50);
  ServerSearch search(name, Metric::Cosine, {});
  Stream stream(search);
  const auto pass = [&](const std::vector<float>& values) {
    const Embedding taken = embedding(values);
    return stream.pass(-1, &taken);
  };
  for (int i = 0; i < 300 && !is_recognised(pass(near(views[7], 0.1F))); ++i) {
    EXPECT_EQ(pass(near(views[7], 0.1F)).reason, Reason::Searching);
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_EQ(pass(near(views[7], 0.1F)).label, "P7");
  EXPECT_EQ(pass(views[8]).reason, Reason::Searching) << "nobody who was looked for";
}

TEST_F(ServerSearchTest, PeopleOfTracksThatEndedAreForgotten) {
  const auto views = enroll_people(200);
  ServerSearch search(name, Metric::Cosine, {});
  Stream stream(search);
  for (int i = 0; i < 100; ++i) {
    const Embedding shot = embedding(views[2 * i]);
    stream.wait(i, &shot, [](const TrackVerdict& verdict) { return verdict.shots == 1; });
    stream.decisions.end(i);
    stream.shots.forget(i);
  }
  EXPECT_LT(search.known()->matcher->template_count(), 100);
}

TEST_F(ServerSearchTest, AGalleryThatIsRefusedIsAnErrorThenAReport) {
  const auto views = enroll_people(5);
  const auto check = [](const Matcher& matcher) {
    require_same_model({"test", "f00d"}, matcher.model(), matcher.gallery());
  };
  ServerSearch search(name, Metric::Cosine, collect(), check);
  Gallery writer(name, Mode::ReadWrite);
  for (const Person& person : writer.people()) writer.remove(person.name);
  writer.enroll("Ada", make_template(draw(), "other", "beef"));
  wait_for_reports(1);
  EXPECT_NE(reported()[0].find("'other'"), std::string::npos) << reported()[0];
  error_of(ErrorCode::Mismatch, [&] { ServerSearch(name, Metric::Cosine, {}, check); });
  writer.remove("Ada");
  writer.enroll("Ada", make_template(draw()));
  wait_for_reports(2);
  EXPECT_EQ(reported()[1], "");
}
