// SPDX-License-Identifier: LGPL-2.1-or-later

// On a server that the test starts; skipped where PostgreSQL is not installed.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "gallery_fixtures.h"
#include "match/gallery_watch.h"
#include "match/matcher.h"
#include "postgresql_server.h"
#include "store/gallery_name.h"
#include "store_contract.h"

using namespace facerec;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Mode = Gallery::Mode;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Null where there is none.
PostgresqlServer* server() {
  static const auto one = []() -> std::unique_ptr<PostgresqlServer> {
    if (!PostgresqlServer::programs().empty()) return std::make_unique<PostgresqlServer>();
    std::cout << "PostgreSQL is not installed (postgresql), so nothing is tested with it.\n";
    return nullptr;
  }();
  return one.get();
}

std::string fresh_gallery() {
  static int count = 0;
  return "People_" + std::to_string(++count);
}

class PostgresqlUnderTest final : public StoreUnderTest {
 public:
  std::string fresh_name() override { return server()->uri(fresh_gallery()); }

  std::shared_ptr<void> lock(const std::string& uri) override {
    const auto begin = uri.find("gallery=") + 8;
    return server()->connection("BEGIN; LOCK TABLE \"" +
                                uri.substr(begin, uri.find('&', begin) - begin) +
                                "\".change IN EXCLUSIVE MODE");
  }
};

class PostgresqlTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!server()) GTEST_SKIP();
    name = server()->uri(gallery);
  }

  void enroll(const std::string& person, const std::vector<float>& values) const {
    Gallery(name, Mode::Create).enroll(person, make_template(values));
  }

  /// In the gallery's schema.
  void sql(const std::string& statements) const {
    server()->sql("SET search_path = \"" + gallery + "\", public; " + statements);
  }

  static double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  }

  const std::string gallery = fresh_gallery();
  std::string name;
};

/// A program that listens and says nothing.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, 4) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no port to listen at");
    }
    uri_ = "postgresql://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x";
  }
  ~SilentServer() { close(fd_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  const std::string& uri() const { return uri_; }
  void stop_listening() { shutdown(fd_, SHUT_RDWR); }

 private:
  int fd_;
  std::string uri_;
};

}  // namespace

StoreUnderTest* store_under_test() {
  static PostgresqlUnderTest store;
  return server() ? &store : nullptr;
}

TEST_F(PostgresqlTest, PasswordsCount) {
  const std::string schema = '"' + gallery + '"';
  server()->sql("CREATE ROLE ada LOGIN PASSWORD 'se cret?'; CREATE SCHEMA " + schema +
                " AUTHORIZATION ada");
  for (const char* password : {"se%20cret%3F", "se cret?"}) {
    Gallery right(server()->uri("ada:" + std::string(password), gallery), Mode::Create);
    right.enroll("Ada", make_template({1, 2}));
    EXPECT_EQ(right.people().size(), 1u);
    EXPECT_FALSE(contains(right.name(), "cret")) << right.name();
  }
  for (const char* user : {"ada:wrong1", "nobody:wrong1", "ada:wrong1?", "ada"}) {
    const auto text =
        error_of(ErrorCode::Read, [&] { Gallery(server()->uri(user, gallery), Mode::ReadOnly); });
    EXPECT_TRUE(contains(text, ".pgpass")) << text;
    EXPECT_FALSE(contains(text, "wrong1")) << text;
    EXPECT_FALSE(contains(text, "\n")) << text;
  }
  const auto text = error_of(ErrorCode::Read, [&] {
    Gallery(server()->uri("ada", gallery) + "&password=wrong1", Mode::ReadOnly);
  });
  EXPECT_FALSE(contains(text, "wrong1")) << text;

  const TemporaryFolder folder;
  const std::string file = folder / "pgpass";
  std::ofstream(file) << "127.0.0.1:*:*:ada:se cret?\n";
  chmod(file.c_str(), 0600);
  setenv("PGPASSFILE", file.c_str(), 1);
  EXPECT_EQ(Gallery(server()->uri("ada", gallery), Mode::ReadOnly).people().size(), 1u);
  unsetenv("PGPASSFILE");
}

TEST_F(PostgresqlTest, WhatIsMissingIsSaid) {
  auto text = error_of(ErrorCode::NotFound, [&] {
    Gallery("postgresql://facerec@/none?host=" + name.substr(name.find("host=") + 5), Mode::Create);
  });
  EXPECT_TRUE(contains(text, "createdb")) << text;

  std::string uri;
  {
    const SilentServer other;
    uri = other.uri();
  }
  text = error_of(ErrorCode::Busy, [&] { Gallery(uri, Mode::ReadOnly); });
  EXPECT_TRUE(contains(text, uri) && contains(text, "refused")) << text;

  for (const char* parameters : {"?gallery=", "?gallery=a-b", "?gallery=1a", "?gallery=pg_a",
                                 "?gallery=a%62", "?gallery=ä", "?nonsense=1"}) {
    text = error_of(ErrorCode::Settings, [&] {
      Gallery(std::string("postgresql://u:secret@/x") + parameters, Mode::ReadOnly);
    });
    EXPECT_FALSE(contains(text, "secret")) << text;
  }
  text = error_of(ErrorCode::Settings,
                  [&] { Gallery("postgresql://u:secret/x@h/d", Mode::ReadOnly); });
  EXPECT_FALSE(contains(text, "secret")) << text;
}

TEST_F(PostgresqlTest, AnUntrustedConnectionIsRefused) {
  const auto text = error_of(ErrorCode::Read, [&] {
    Gallery(server()->uri("facerec:x", gallery) + "&sslmode=require", Mode::ReadOnly);
  });
  EXPECT_TRUE(contains(text, "sslrootcert")) << text;
}

TEST_F(PostgresqlTest, WhoMayOnlyReadReads) {
  enroll("Ada", {1, 2});
  sql("CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA \"" + gallery +
      "\" TO reader;");
  const std::string uri = server()->uri("reader:r", gallery);
  auto text = error_of(ErrorCode::Read, [&] { Gallery(uri, Mode::ReadOnly); });
  EXPECT_TRUE(contains(text, "GRANT")) << text;
  sql("GRANT SELECT ON ALL TABLES IN SCHEMA \"" + gallery + "\" TO reader");
  Gallery reader(uri, Mode::ReadWrite);
  EXPECT_EQ(reader.templates().size(), 1u);
  text = error_of(ErrorCode::Write, [&] { reader.enroll("Bo", make_template({1, 2})); });
  EXPECT_EQ(reader.people().size(), 1u);
  error_of(ErrorCode::Write, [&] { reader.remove("Ada"); });
  error_of(ErrorCode::Write, [&] { Gallery(server()->uri("reader:r", "other"), Mode::Create); });
  EXPECT_FALSE(gallery_exists(server()->uri("other")));

  const std::string cautious = name + "&options=-c%20default_transaction_read_only%3Don";
  error_of(ErrorCode::Write, [&] {
    Gallery(cautious, Mode::ReadWrite).enroll("Bo", make_template({1, 2}));
  });
}

TEST_F(PostgresqlTest, WhatIsNoGalleryIsRefusedAndLeftAlone) {
  server()->sql("CREATE SCHEMA cats CREATE TABLE cat (name text)");
  for (const Mode mode : {Mode::ReadOnly, Mode::ReadWrite, Mode::Create}) {
    const auto text = error_of(ErrorCode::Read, [&] { Gallery(server()->uri("cats"), mode); });
    EXPECT_TRUE(contains(text, "'cats'")) << text;
  }
  EXPECT_EQ(
      server()->sql("SELECT count(*) FROM pg_class WHERE relnamespace = 'cats'::regnamespace"),
      "1");
  enroll("Ada", {1, 2});
  sql("UPDATE format SET version = 99");
  const auto text = error_of(ErrorCode::Read, [&] { Gallery(name, Mode::Create); });
  EXPECT_TRUE(contains(text, "99")) << text;
}

TEST_F(PostgresqlTest, DamageIsSaid) {
  enroll("Ada", {1, 2});
  for (const char* damage : {
           "UPDATE template SET embedding = '{1,2,3}'::real[]",
           "UPDATE person SET name = E'two\\nlines'",
           "UPDATE person SET name = ''",
           "UPDATE model SET fingerprint = ''",
           "DELETE FROM model",
           "UPDATE model SET dimension = -2",
           "ALTER TABLE template DROP COLUMN time",
           "ALTER TABLE person ALTER COLUMN name TYPE bytea USING name::bytea",
           "ALTER TABLE template ALTER COLUMN embedding TYPE text USING embedding::text",
           "ALTER TABLE template ALTER COLUMN time DROP NOT NULL; UPDATE template SET time = NULL",
           "DROP TABLE change",
           "DELETE FROM format",
       }) {
    const std::string copy = fresh_gallery();
    const std::string uri = server()->uri(copy);
    Gallery(uri, Mode::Create).enroll("Ada", make_template({1, 2}));
    server()->sql("SET search_path = \"" + copy + "\", public; " + damage);
    const auto text = error_of(ErrorCode::Read, [&] {
      const Gallery damaged(uri, Mode::ReadOnly);
      damaged.people();
      damaged.templates();
      damaged.model();
    });
    EXPECT_TRUE(contains(text, "damaged") || contains(text, "format")) << damage << ": " << text;
  }
}

TEST_F(PostgresqlTest, GalleriesOfADatabaseAreTheirOwn) {
  enroll("Ada", {1, 2});
  const std::string other = server()->uri(fresh_gallery());
  const auto pulse = open_pulse(name);
  for (int i = 0; i < 200 && pulse->now() == "0"; ++i) std::this_thread::sleep_for(10ms);
  const auto before = pulse->now();
  Gallery(other, Mode::Create).enroll("Bo", make_template({1, 2, 3}, "other", "beef"));
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().at(0).name, "Ada");
  EXPECT_EQ(Gallery(other, Mode::ReadOnly).people().at(0).name, "Bo");
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(pulse->now(), before);
  EXPECT_NE(server()->sql("SELECT count(*) FROM pg_stat_activity"
                          " WHERE application_name = 'gst-facerec'"),
            "0");
}

TEST_F(PostgresqlTest, ASilentServerIsWaitedForAndNoLonger) {
  const SilentServer silent;
  auto begin = Clock::now();
  const auto text =
      error_of(ErrorCode::Busy, [&] { Gallery(silent.uri(), Mode::ReadOnly, 500ms); });
  EXPECT_TRUE(contains(text, "0.5 s")) << text;
  EXPECT_LT(seconds_since(begin), 2);

  begin = Clock::now();
  { EXPECT_EQ(open_pulse(silent.uri())->now(), "0"); }
  EXPECT_LT(seconds_since(begin), 1);

  std::atomic<bool> stop = false;
  std::thread stopping([&] {
    std::this_thread::sleep_for(200ms);
    stop = true;
  });
  begin = Clock::now();
  error_of(ErrorCode::Busy, [&] { Gallery(silent.uri(), Mode::ReadOnly, 60s, &stop); });
  EXPECT_LT(seconds_since(begin), 2);
  stopping.join();
}

TEST_F(PostgresqlTest, AServerThatStopsAnsweringIsWaitedForAndNoLonger) {
  enroll("Ada", {1, 2});
  Gallery hung(name, Mode::ReadWrite, 500ms);
  const pid_t backend = std::stoi(
      server()->sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'gst-facerec'"
                    " AND query LIKE '%" +
                    gallery + "%' ORDER BY backend_start DESC LIMIT 1"));
  ASSERT_EQ(kill(backend, SIGSTOP), 0);
  const auto begin = Clock::now();
  error_of(ErrorCode::Busy, [&] { hung.people(); });
  EXPECT_LT(seconds_since(begin), 2);
  kill(backend, SIGCONT);
  error_of(ErrorCode::Busy, [&] { hung.people(); });
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 1u);
}

TEST_F(PostgresqlTest, ALostConnectionIsSaidAndANewOneWorks) {
  enroll("Ada", {1, 2});
  Gallery open(name, Mode::ReadWrite);
  server()->sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
      " WHERE application_name = 'gst-facerec'");
  std::this_thread::sleep_for(100ms);
  const auto text = error_of(ErrorCode::Busy, [&] { open.enroll("Bo", make_template({1, 2})); });
  EXPECT_TRUE(contains(text, "connection")) << text;
  error_of(ErrorCode::Busy, [&] { open.people(); });
  EXPECT_EQ(Gallery(name, Mode::ReadOnly).people().size(), 1u);
}

TEST_F(PostgresqlTest, ACommitWithoutAnAnswerIsSaidToBeInDoubt) {
  enroll("Ada", {1, 2});
  sql("CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED"
      " FOR EACH ROW EXECUTE FUNCTION \"" +
      gallery + "\".die()");
  Gallery writer(name, Mode::ReadWrite);
  const auto text = error_of(ErrorCode::Busy, [&] { writer.enroll("Bo", make_template({1, 2})); });
  EXPECT_TRUE(contains(text, "whether the change was kept")) << text;
}

TEST_F(PostgresqlTest, AnEnrolmentThatIsCutShortLeavesNothing) {
  enroll("Ada", {1, 2});
  std::vector<Enrolment> people;
  for (int i = 0; i < 20000; ++i) {
    people.push_back({"P" + std::to_string(i), {make_template({float(i), 1})}});
  }
  std::atomic<bool> stop = false;
  Gallery writer(name, Mode::ReadWrite, 5s, &stop);
  std::thread stopping([&] {
    std::this_thread::sleep_for(100ms);
    stop = true;
  });
  error_of(ErrorCode::Busy, [&] { writer.enroll(people); });
  stopping.join();
  Gallery reader(name, Mode::ReadWrite);
  EXPECT_EQ(reader.people().size(), 1u);
  reader.enroll("Bo", make_template({1, 2}));
  EXPECT_EQ(reader.people().size(), 2u);
}

TEST_F(PostgresqlTest, WhatWasEnrolledOutlivesAServerThatIsKilled) {
  enroll("Ada", {1, 2});
  const GalleryWatch watch(name, Metric::Cosine, {});
  std::set<std::string> kept;
  int in_doubt = 0;
  std::atomic<int> written = 0;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    std::unique_ptr<Gallery> gallery;
    for (int i = 0; !done; ++i) {
      const std::string person = "P" + std::to_string(i);
      try {
        if (!gallery) gallery = std::make_unique<Gallery>(name, Mode::ReadWrite, 1s);
        gallery->enroll(person, make_template({float(i), 1}));
        kept.insert(person);
        ++written;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Busy) << error.what();
        ++in_doubt;
        gallery.reset();
        std::this_thread::sleep_for(50ms);
      }
    }
  });
  const auto wait_for = [&](int count) {
    for (int i = 0; i < 2000 && written < count; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_GE(written, count);
  };
  for (int round = 0; round < 2; ++round) {
    wait_for(written + 20);
    server()->kill();
    const auto people = watch.matcher()->person_count();
    EXPECT_GT(people, 0);
    std::this_thread::sleep_for(500ms);
    EXPECT_GE(watch.matcher()->person_count(), people);
    server()->start();
  }
  wait_for(written + 20);
  done = true;
  writer.join();
  EXPECT_GT(in_doubt, 0);

  std::set<std::string> found;
  for (const Person& person : Gallery(name, Mode::ReadOnly).people()) found.insert(person.name);
  for (const std::string& person : kept) EXPECT_EQ(found.count(person), 1u) << person;
  EXPECT_LE(found.size(), kept.size() + in_doubt + 1);
  const auto begin = Clock::now();
  while (watch.matcher()->person_count() != static_cast<int>(found.size())) {
    ASSERT_LT(seconds_since(begin), 10) << watch.matcher()->person_count();
    std::this_thread::sleep_for(10ms);
  }
}

TEST_F(PostgresqlTest, ItsOwnSearchFindsTheNearestPeople) {
  std::mt19937 random(7);
  constexpr auto patience = 30s;  // the index of so many takes seconds beside other programs
  const auto draw = [&] { return random_values(random, 16); };
  const auto compare = [&](int templates) {
    std::vector<Enrolment> people;
    for (int i = 0; i < templates; ++i) {
      people.push_back({"P" + std::to_string(i % (templates / 2)), {make_template(draw())}});
    }
    Gallery(name, Mode::Create, patience).enroll(people);
    const auto store = open_store(name, {StoreMode::ReadOnly, patience});
    const Matcher matcher(Gallery(name, Mode::ReadOnly, patience), Metric::Cosine);
    int same = 0, all = 0;
    for (int i = 0; i < 20; ++i) {
      const auto probe = draw();
      const auto found = store->nearest(probe, "cosine", 10);
      const auto expected = matcher.nearest({"test", "f00d", probe, false}, 10);
      EXPECT_EQ(found->size(), expected.size());
      for (std::size_t k = 0; k < found->size(); ++k, ++all) {
        if (found->at(k).person_id != expected[k].person_id) continue;
        ++same;
        EXPECT_NEAR(found->at(k).distance, expected[k].distance, 1e-5);
      }
    }
    return double(same) / all;
  };
  enroll("Ada", draw());
  const auto store = open_store(name, {StoreMode::ReadOnly, patience});
  if (!store->nearest(draw(), "cosine", 10)) GTEST_SKIP() << "the server has no pgvector";
  EXPECT_FALSE(store->nearest(draw(), "euclidean", 10));
  EXPECT_TRUE(store->nearest(draw(), "cosine", 0)->empty());
  error_of(ErrorCode::Mismatch, [&] { store->nearest({1, 2}, "cosine", 10); });
  EXPECT_EQ(compare(500), 1);
  EXPECT_GT(compare(12000), 0.9) << "by an index";
  EXPECT_EQ(server()->sql("SELECT count(*) FROM pg_indexes WHERE schemaname = '" + gallery +
                          "' AND indexname = 'template_nearest'"),
            "1");
  Gallery writer(name, Mode::ReadWrite, patience);
  for (const Person& person : writer.people()) {
    if (person.id % 100 == 0) writer.remove(person.name);
  }
  EXPECT_EQ(store->nearest(draw(), "cosine", 2000)->size(), 2000u);
}

TEST(PostgresqlName, NoPasswordIsShown) {
  for (const auto& [uri, shown] : std::vector<std::pair<std::string, std::string>>{
           {"postgresql://u:p@h/d", "postgresql://u@h/d"},
           {"postgresql://u:p?#x@h/d?a=b", "postgresql://u@h/d?a=b"},
           {"postgresql://u:p/x@h/d?a=b", "postgresql://u@h/d?a=b"},
           {"postgresql://h/d?password=x&a=b", "postgresql://h/d?a=b"},
           {"postgresql://h/d?a=b&password=x", "postgresql://h/d?a=b"},
           {"postgresql://h/d?password=x", "postgresql://h/d"},
           {"postgresql://h:1/d?a=u@v", "postgresql://h:1/d?a=u@v"}}) {
    EXPECT_EQ(without_password(uri), shown);
  }
}
