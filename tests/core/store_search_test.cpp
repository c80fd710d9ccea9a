// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <random>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_watch.h"
#include "match/metric.h"
#include "match/server_search.h"
#include "search_node.h"
#include "store/search_change.h"
#include "store_contract.h"
#include "temporary_folder.h"

using namespace facerec;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

std::vector<std::string> names_of(const Gallery& gallery) {
  std::vector<std::string> names;
  for (const Person& person : gallery.people()) names.push_back(person.name);
  return names;
}

/// Waits until `holds`; whether it did within that time.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = 120s) {
  const auto deadline = Clock::now() + patience;
  while (!holds()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

/// What a watch of a gallery reports.
class Reports {
 public:
  GalleryWatch::Report collect() {
    return [this](const std::string& problem) {
      const std::lock_guard lock(mutex_);
      all_.push_back(problem);
    };
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> all_;
};

/// One server for all tests: the one that FACEREC_TEST_OPENSEARCH names, as SearchServer takes it,
/// or a node that is started. Null where there is none.
SearchServer* shared_server() {
  static TemporaryFolder folder;
  static const std::unique_ptr<SearchServer> server = []() -> std::unique_ptr<SearchServer> {
    if (const char* prefix = std::getenv("FACEREC_TEST_OPENSEARCH")) {
      return std::make_unique<SearchServer>(prefix);
    }
    if (!have_search_nodes()) return nullptr;
    auto node = std::make_unique<SearchNode>(
        (folder / "node").string(), std::vector<std::string>{"discovery.type=single-node"});
    if (!node->is_ready()) throw std::runtime_error("the server does not come up");
    return node;
  }();
  return server.get();
}

/// Of an index that is not there yet.
std::string fresh_index() {
  static int count = 0;
  static const auto begin = std::chrono::system_clock::now().time_since_epoch() / 1ms;
  return "facerec-test-" + std::to_string(begin) + "-" + std::to_string(++count);
}

const Calibration& some_curve() {
  static const Calibration curve({{0.6, 0.1}, {0.9, 1}}, {0.1, 0}, 200);
  return curve;
}

class SearchUnderTest final : public StoreUnderTest {
 public:
  std::string fresh_name() override { return shared_server()->uri(fresh_index()) + "?replicas=0"; }

  std::shared_ptr<void> lock(const std::string& gallery) override {
    struct Lock {
      SearchClient client;
      SearchChange change;
      explicit Lock(const std::string& uri)
          : client(parse_search_uri(uri), uri, 2s, nullptr), change(client, nullptr) {}
    };
    return std::make_shared<Lock>(gallery);
  }
};

}  // namespace

StoreUnderTest* store_under_test() {
  static SearchUnderTest store;
  return shared_server() ? &store : nullptr;
}

class StoreSearchTest : public testing::Test {
 protected:
  void SetUp() override {
    server = shared_server();
    if (!server) GTEST_SKIP() << "no server";
    index = fresh_index();
    uri = server->uri(index) + "?replicas=0";
  }

  Gallery open(Gallery::Mode mode = Gallery::Mode::ReadWrite,
               std::chrono::milliseconds patience = 5s) const {
    return Gallery(uri, mode, patience);
  }
  Gallery made() const { return open(Gallery::Mode::Create); }

  nlohmann::json state() const { return server->ask("GET", "/" + index + "/_source/state"); }
  void refresh() const { server->ask("POST", "/" + index + "/_refresh"); }
  int count(const nlohmann::json& query) const {
    refresh();
    return server->ask("POST", "/" + index + "/_search?size=0",
                       {{"query", query}})["hits"]["total"]["value"];
  }
  /// The id of the document of one template, of a gallery that has no other.
  std::string template_document() const {
    refresh();
    return server->ask("POST", "/" + index + "/_search",
                       {{"query", {{"term", {{"kind", "template"}}}}}})["hits"]["hits"][0]["_id"];
  }

  SearchServer* server = nullptr;
  std::string index, uri;
};

TEST_F(StoreSearchTest, RemovesAndForgets) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 2}));
  gallery.enroll("Bo", {make_template({3, 4}), make_template({5, 6})});
  gallery.calibrate(Metric::Cosine, {0.001, 0.25, some_curve()});
  EXPECT_TRUE(gallery.calibration(Metric::Cosine));
  error_of(ErrorCode::NotFound, [&] { gallery.remove("Nobody"); });
  gallery.remove(" Bo ");
  EXPECT_EQ(names_of(gallery), std::vector<std::string>{"Ada"});
  EXPECT_EQ(gallery.templates().size(), 1u);
  EXPECT_EQ(count({{"term", {{"person", 2}}}}), 0) << "documents stay";
  EXPECT_TRUE(gallery.calibration(Metric::Cosine));
  gallery.remove("Ada");
  EXPECT_EQ(gallery.model().name, "");
  EXPECT_FALSE(gallery.calibration(Metric::Cosine));
  EXPECT_EQ(gallery.enroll("Bo", make_template({1, 2, 3}, "other", "beef")), 3);
  EXPECT_EQ(gallery.model().name, "other");
}

TEST_F(StoreSearchTest, StaysAtOneMoment) {
  Gallery writer = made();
  writer.enroll({{"Ada", {make_template({1, 2})}}, {"Bo", {make_template({3, 4})}}});
  const Gallery reader = open(Gallery::Mode::ReadOnly);
  reader.at_one_moment([&] {
    const GalleryPosition position = reader.position();
    writer.remove("Ada");
    writer.enroll("Cy", make_template({5, 6}));
    EXPECT_EQ(names_of(reader), (std::vector<std::string>{"Ada", "Bo"}));
    EXPECT_EQ(reader.templates().size(), 2u);
    EXPECT_EQ(reader.name_of(1), "Ada");
    EXPECT_EQ(reader.position(), position);
  });
  EXPECT_EQ(names_of(reader), (std::vector<std::string>{"Bo", "Cy"}));
}

TEST_F(StoreSearchTest, WritersTakeTurns) {
  made();
  constexpr int writers = 4, each = 8;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      Gallery gallery = open(Gallery::Mode::Create, 60s);
      for (int i = 0; i < each; ++i) {
        gallery.enroll("P" + std::to_string(writer) + "-" + std::to_string(i),
                       make_template({float(writer), float(i)}));
        gallery.enroll("Everybody", make_template({1, float(i)}));
        if (i % 4 == 3) gallery.remove("P" + std::to_string(writer) + "-" + std::to_string(i));
      }
    });
  }
  std::atomic<bool> done = false;
  std::thread watcher([&] {
    const Gallery reader = open(Gallery::Mode::ReadOnly);
    while (!done) {
      reader.at_one_moment([&] {
        std::size_t templates = 0;
        for (const Person& person : reader.people()) templates += person.template_count;
        EXPECT_EQ(reader.templates().size(), templates);
      });
    }
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  watcher.join();
  const Gallery gallery = open();
  EXPECT_EQ(gallery.people().size(), 1u + writers * (each - each / 4));
  EXPECT_EQ(gallery.templates().size(), std::size_t(writers * each + writers * (each - each / 4)));
  EXPECT_EQ(gallery.position().sequence > 0, true);
}

TEST_F(StoreSearchTest, ManyPages) {
  std::vector<Enrolment> people;
  for (int i = 0; i < 11'000; ++i) {
    people.push_back({"P" + std::to_string(i), {make_template({float(i), 1})}});
  }
  Gallery gallery = made();
  const auto begin = Clock::now();
  gallery.enroll(people);
  const GalleryPosition position = gallery.position();
  const auto enrolled = Clock::now();
  EXPECT_EQ(gallery.templates().size(), people.size());
  EXPECT_EQ(gallery.templates().back().embedding.values[0], 10'999);
  const auto read = Clock::now();
  RecordProperty("enroll_ms", std::to_string((enrolled - begin) / 1ms));
  RecordProperty("read_twice_ms", std::to_string((read - enrolled) / 1ms));
  gallery.enroll("Ada", make_template({1, 2}));
  EXPECT_EQ(gallery.changed_since(position), std::vector<std::int64_t>{11'001});
  EXPECT_FALSE(gallery.changed_since({0, 0}));
}

TEST_F(StoreSearchTest, FindsTheNearest) {
  std::mt19937 random(7);
  std::vector<Enrolment> people;
  for (int i = 0; i < 500; ++i) {
    people.push_back({"P" + std::to_string(i), {}});
    for (int k = 0; k < 1 + i % 3; ++k) {
      people.back().templates.push_back(make_template(random_values(random, 32)));
    }
  }
  // Somebody who has more templates near than are asked for at first.
  people.push_back({"Crowd", {}});
  for (int k = 0; k < 60; ++k) {
    auto values = random_values(random, 32);
    for (float& value : values) value = 1 + value * 0.01f;
    people.back().templates.push_back(make_template(values));
  }
  Gallery(uri, Gallery::Mode::Create).enroll(people);
  const auto store = open_store(uri, {});
  int missed = 0;
  for (const Metric metric : {Metric::Cosine, Metric::EuclideanL2}) {
    for (int query = 0; query < 10; ++query) {
      const std::vector<float> probe =
          query ? random_values(random, 32) : std::vector<float>(32, 1.f);
      std::vector<std::pair<double, std::int64_t>> wanted;
      for (std::size_t i = 0; i < people.size(); ++i) {
        double nearest = 1e9;
        for (const Template& entry : people[i].templates) {
          nearest = std::min(nearest, distance(probe, entry.embedding.values, metric));
        }
        wanted.emplace_back(nearest, i + 1);
      }
      std::sort(wanted.begin(), wanted.end());
      const auto found = store->nearest(probe, to_string(metric), 5);
      ASSERT_TRUE(found);
      ASSERT_EQ(found->size(), 5u);
      for (int i = 0; i < 5; ++i) {
        const auto [person, distance] = (*found)[i];
        missed += person != wanted[i].second;
        const auto known =
            std::find_if(wanted.begin(), wanted.end(),
                         [&, id = person](const auto& one) { return one.second == id; });
        ASSERT_NE(known, wanted.end());
        EXPECT_NEAR(distance, known->first, 1e-12);
      }
    }
  }
  EXPECT_LE(missed, 5) << "of 100; the server's search is not exact";
  RecordProperty("missed", std::to_string(missed));
  EXPECT_FALSE(store->nearest(std::vector<float>(32, 1.f), "euclidean", 5)) << "not by direction";
  EXPECT_FALSE(store->nearest(std::vector<float>(32, 0.f), "cosine", 5));
  EXPECT_FALSE(store->nearest({1, 2}, "cosine", 5));
  Gallery(uri, Gallery::Mode::ReadWrite).remove("Crowd");
  const auto found = store->nearest(std::vector<float>(32, 1.f), "cosine", 600);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->size(), 500u);
}

TEST_F(StoreSearchTest, WatchFollows) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 0}));
  Reports reports;
  const GalleryWatch watch(uri, Metric::Cosine, reports.collect());
  EXPECT_EQ(watch.matcher()->person_count(), 1);
  gallery.enroll("Bo", make_template({0, 1}));
  const auto begin = Clock::now();
  EXPECT_TRUE(eventually([&] { return watch.matcher()->person_count() == 2; }));
  EXPECT_LT(Clock::now() - begin, 1s);
  gallery.remove("Ada");
  EXPECT_TRUE(eventually([&] { return watch.matcher()->person_count() == 1; }));
  server->ask("DELETE", "/" + index);
  EXPECT_TRUE(eventually([&] { return reports.all().size() == 1; }));
  EXPECT_NE(reports.all().at(0).find("does not exist"), std::string::npos);
  EXPECT_EQ(watch.matcher()->person_count(), 1);
  made().enroll("Cy", make_template({0, 1}));
  EXPECT_TRUE(eventually([&] { return reports.all().size() == 2; }));
  EXPECT_TRUE(eventually([&] {
    const auto found = watch.matcher()->nearest({"test", "f00d", {1, 0}, false}, 1);
    return !found.empty() && found[0].name == "Cy";
  }));
}

TEST_F(StoreSearchTest, IsSearchedWithoutItsPeopleInMemory) {
  Gallery gallery = made();
  Reports reports;
  ServerSearch search(uri, Metric::Cosine, reports.collect());
  const auto probe = std::make_shared<const Embedding>(Embedding{"test", "f00d", {1, 0}, false});
  search.look_for({probe});
  EXPECT_TRUE(eventually([&] { return search.known()->answered.count(probe) == 1; }));
  EXPECT_TRUE(search.known()->matcher->nearest(*probe, 1).empty()) << "nobody is enrolled";
  std::vector<Enrolment> people;
  for (int i = 0; i < 400; ++i) {
    people.push_back({"P" + std::to_string(i), {make_template({float(i), 1000})}});
  }
  gallery.enroll(people);
  const auto is_nearest = [&](const std::string& name) {
    const auto found = search.known()->matcher->nearest(*probe, 1);
    return !found.empty() && found[0].name == name;
  };
  EXPECT_TRUE(eventually([&] { return is_nearest("P399"); }));
  EXPECT_EQ(search.known()->matcher->person_count(), 400);
  EXPECT_LT(search.known()->matcher->template_count(), 20);
  gallery.enroll("Ada", make_template({1, 0}));
  EXPECT_TRUE(eventually([&] { return is_nearest("Ada"); }));
  gallery.remove("Ada");
  EXPECT_TRUE(eventually([&] { return is_nearest("P399"); }));
  EXPECT_TRUE(reports.all().empty());
  error_of(ErrorCode::Settings, [&] { ServerSearch(uri, Metric::Euclidean, {}); });
}

TEST_F(StoreSearchTest, DamageIsRefused) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 2}));
  const std::string document = "/" + index + "/_doc/" + template_document();
  const nlohmann::json whole = server->ask("GET", document)["_source"];
  const auto refused = [&](const char* field, const nlohmann::json& value) {
    nlohmann::json damaged = whole;
    damaged[field] = value;
    server->ask("PUT", document + "?refresh=true", damaged);
    return error_of(ErrorCode::Read, [&] { gallery.templates(); });
  };
  EXPECT_NE(refused("values", "AAAA").find("template 1 has 3 bytes"), std::string::npos);
  EXPECT_NE(refused("values", 7).find("damaged"), std::string::npos);
  EXPECT_NE(refused("values", "AACAfwAAgH8=").find("not finite"), std::string::npos);
  EXPECT_NE(refused("source", nullptr).find("'source'"), std::string::npos);
  EXPECT_NE(refused("time", 1.5).find("'time'"), std::string::npos);
  EXPECT_NE(refused("roll", "left").find("'roll'"), std::string::npos);
  EXPECT_NE(refused("person", 12).find("of nobody"), std::string::npos);
  error_of(ErrorCode::Read, [&] { gallery.people(); });
  server->ask("PUT", document + "-copy?refresh=true", whole);
  server->ask("PUT", document + "?refresh=true", whole);
  EXPECT_NE(error_of(ErrorCode::Read, [&] { gallery.templates(); }).find("twice"),
            std::string::npos);
  server->ask("DELETE", document + "-copy?refresh=true");
  EXPECT_EQ(gallery.templates().size(), 1u);
  server->ask("DELETE", document + "?refresh=true");
  EXPECT_NE(error_of(ErrorCode::Read, [&] { gallery.templates(); }).find("of 1 templates 0"),
            std::string::npos);
}

TEST_F(StoreSearchTest, AnotherIndexIsNoGallery) {
  server->ask("PUT", "/" + index + "/_doc/1?refresh=true", {{"title", "book"}});
  for (const auto mode : {Gallery::Mode::ReadOnly, Gallery::Mode::Create}) {
    EXPECT_NE(error_of(ErrorCode::Read, [&] { open(mode); }).find("something else"),
              std::string::npos);
  }
  server->ask("PUT", "/" + index + "/_doc/state", {{"title", "book"}});
  error_of(ErrorCode::Read, [&] { open(); });
}

TEST_F(StoreSearchTest, AFullDiskIsSaid) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 2}));
  const std::string setting = "index.blocks.read_only_allow_delete";
  server->ask("PUT", "/" + index + "/_settings", {{setting, true}});
  EXPECT_NE(error_of(ErrorCode::Write,
                     [&] {
                       gallery.enroll("Bo", make_template({1, 2}));
                     })
                .find("disk"),
            std::string::npos);
  EXPECT_EQ(names_of(gallery), std::vector<std::string>{"Ada"});
  server->ask("PUT", "/" + index + "/_settings", {{setting, nullptr}});
  gallery.enroll("Bo", make_template({1, 2}));
  EXPECT_EQ(gallery.people().size(), 2u);
}

TEST_F(StoreSearchTest, AWriterThatDiesLeavesNothing) {
  made().enroll("Ada", make_template({1, 2}));
  const pid_t writer = fork();
  if (writer == 0) {
    std::mt19937 random(1);
    std::vector<Enrolment> people;
    for (int i = 0; i < 20'000; ++i) {
      people.push_back({"P" + std::to_string(i), {make_template({float(i), 2})}});
    }
    Gallery(uri, Gallery::Mode::ReadWrite).enroll(people);
    _exit(0);
  }
  const nlohmann::json unseen{{"range", {{"change", {{"gt", 1}}}}}};
  ASSERT_TRUE(eventually([&] { return count(unseen) > 0; }));
  kill(writer, SIGKILL);
  int status = 0;
  waitpid(writer, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it was faster";
  EXPECT_GT(count(unseen), 0);

  const Gallery reader = open(Gallery::Mode::ReadOnly);
  EXPECT_EQ(names_of(reader), std::vector<std::string>{"Ada"});
  EXPECT_EQ(reader.templates().size(), 1u);
  EXPECT_EQ(open_store(uri, {})->nearest({1, 2}, "cosine", 10)->size(), 1u);
  const nlohmann::json dead = state()["lease"]["change"];
  EXPECT_NE(error_of(ErrorCode::Busy,
                     [&] {
                       open(Gallery::Mode::ReadWrite, 500ms).enroll("Bo", make_template({1, 2}));
                     })
                .find("another program"),
            std::string::npos);

  const auto begin = Clock::now();
  Gallery next = open(Gallery::Mode::ReadWrite, 60s);
  next.enroll("P7", make_template({3, 4}));
  RecordProperty("took_over_ms", std::to_string((Clock::now() - begin) / 1ms));
  EXPECT_EQ(names_of(reader), (std::vector<std::string>{"Ada", "P7"}));
  EXPECT_EQ(count({{"term", {{"change", dead}}}}), 0);

  // What it had sent may come late.
  server->ask("PUT", "/" + index + "/_doc/late?refresh=true",
              {{"kind", "person"}, {"id", 50}, {"person", 50}, {"change", dead}, {"name", "Late"}});
  EXPECT_EQ(names_of(reader), (std::vector<std::string>{"Ada", "P7"}));
  next.enroll("Cy", make_template({3, 4}));
  EXPECT_EQ(reader.people().size(), 3u);
}

TEST_F(StoreSearchTest, AWriterThatWasTakenForDeadChangesNothing) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 2}));
  nlohmann::json held = state();
  held["lease"] = {{"holder", "somebody"}, {"change", held["next_change"]}, {"until", 1}};
  held["next_change"] = held["next_change"].get<int>() + 1;
  server->ask("PUT", "/" + index + "/_doc/state", held);
  gallery.enroll("Bo", make_template({1, 2}));
  EXPECT_EQ(state()["abandoned"].size(), 1u);
  // A lease of a clock that is far ahead of this one.
  held = state();
  held["lease"] = {{"holder", "ahead"}, {"change", held["next_change"]}, {"until", 1ull << 60}};
  held["next_change"] = held["next_change"].get<int>() + 1;
  server->ask("PUT", "/" + index + "/_doc/state", held);
  error_of(ErrorCode::Busy, [&] {
    open(Gallery::Mode::ReadWrite, 300ms).enroll("Cy", make_template({1, 2}));
  });
  open(Gallery::Mode::ReadWrite, 30s).enroll("Cy", make_template({1, 2}));
  EXPECT_EQ(names_of(gallery), (std::vector<std::string>{"Ada", "Bo", "Cy"}));
}

TEST_F(StoreSearchTest, ARemovalThatWasCutShortIsSeenWhole) {
  Gallery gallery = made();
  gallery.enroll("Ada", make_template({1, 2}));
  gallery.enroll("Bo", make_template({3, 4}));
  nlohmann::json cut = state();
  cut["removing"] = 1;
  cut["people"] = 1;
  cut["templates"] = 1;
  cut["change"] = cut["next_change"];
  cut["next_change"] = cut["next_change"].get<int>() + 1;
  server->ask("PUT", "/" + index + "/_doc/state", cut);
  EXPECT_EQ(names_of(gallery), std::vector<std::string>{"Bo"});
  EXPECT_EQ(gallery.templates().size(), 1u);
  EXPECT_EQ(gallery.name_of(1), std::nullopt);
  EXPECT_EQ(gallery.enroll("Ada", make_template({1, 2})), 3);
  EXPECT_EQ(gallery.people().size(), 2u);
  EXPECT_EQ(count({{"term", {{"person", 1}}}}), 0);
}

TEST(StoreSearchClusterTest, AKilledServerLosesNothing) {
  if (!have_search_nodes()) GTEST_SKIP() << "no server";
  const TemporaryFolder folder;
  SearchNode node((folder / "node").string(), {"discovery.type=single-node"});
  ASSERT_TRUE(node.is_ready());
  const std::string uri = node.uri("people") + "?replicas=0";
  Gallery(uri, Gallery::Mode::Create).enroll("Ada", make_template({1, 0}));
  Reports reports;
  const GalleryWatch watch(uri, Metric::Cosine, reports.collect());
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> stopping = false;
  std::thread writer([&] {
    for (int i = 0; !stopping; ++i) {
      const std::string name = "P" + std::to_string(acknowledged);
      try {
        Gallery(uri, Gallery::Mode::ReadWrite, 2s).enroll(name, make_template({float(i), 1}));
        ++acknowledged;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Busy) << error.what();
        std::this_thread::sleep_for(50ms);
      }
    }
  });
  EXPECT_TRUE(eventually([&] { return acknowledged >= 20; }));
  node.kill();
  const int before = acknowledged;
  std::this_thread::sleep_for(2s);
  EXPECT_GE(watch.matcher()->person_count(), 1) << "its people stay";
  const auto begin = Clock::now();
  node.start();
  EXPECT_TRUE(node.is_ready());
  testing::Test::RecordProperty("restart_ms", std::to_string((Clock::now() - begin) / 1ms));
  EXPECT_TRUE(eventually([&] { return acknowledged >= before + 5; }));
  stopping = true;
  writer.join();

  const Gallery gallery(uri, Gallery::Mode::ReadOnly, 5s);
  const auto names = names_of(gallery);
  for (int i = 0; i < acknowledged; ++i) {
    EXPECT_EQ(std::count(names.begin(), names.end(), "P" + std::to_string(i)), 1) << i;
  }
  EXPECT_TRUE(eventually(
      [&] { return watch.matcher()->person_count() == static_cast<int>(names.size()); }));
  EXPECT_TRUE(eventually([&] {
    const auto all = reports.all();
    return all.empty() || all.back().empty();
  }));
}

TEST(StoreSearchClusterTest, ANodeThatIsKilledLosesNothing) {
  if (!have_search_nodes()) GTEST_SKIP() << "no server";
  const TemporaryFolder folder;
  SearchNode one((folder / "one").string(), {"node.name=one", "cluster.initial_master_nodes=one"});
  SearchNode two((folder / "two").string(),
                 {"node.name=two", "node.roles=data",
                  "discovery.seed_hosts=127.0.0.1:" + std::to_string(one.transport_port())});
  ASSERT_TRUE(one.is_ready(2));
  const std::string uri = one.uri("people") + "?replicas=1&shards=4";
  {
    Gallery gallery(uri, Gallery::Mode::Create, 10s);
    for (int i = 0; i < 20; ++i) {
      gallery.enroll("P" + std::to_string(i), make_template({float(i), 1}));
    }
  }
  ASSERT_TRUE(one.is_ready(2, "green"));
  EXPECT_EQ(Gallery(two.uri("people"), Gallery::Mode::ReadOnly).people().size(), 20u);
  std::atomic<int> acknowledged = 0;
  std::atomic<bool> stopping = false;
  std::thread writer([&] {
    while (!stopping) {
      try {
        Gallery(uri, Gallery::Mode::ReadWrite, 2s)
            .enroll("Q" + std::to_string(acknowledged), make_template({1, 2}));
        ++acknowledged;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Busy) << error.what();
        std::this_thread::sleep_for(50ms);
      }
    }
  });
  EXPECT_TRUE(eventually([&] { return acknowledged >= 5; }));
  two.kill();
  const int before = acknowledged;
  const auto begin = Clock::now();
  EXPECT_TRUE(eventually([&] { return acknowledged >= before + 5; }));
  testing::Test::RecordProperty("without_node_ms", std::to_string((Clock::now() - begin) / 1ms));
  stopping = true;
  writer.join();
  const auto names = names_of(Gallery(uri, Gallery::Mode::ReadOnly, 5s));
  EXPECT_GE(names.size(), 20u + acknowledged);
  for (int i = 0; i < acknowledged; ++i) {
    EXPECT_EQ(std::count(names.begin(), names.end(), "Q" + std::to_string(i)), 1) << i;
  }
}
