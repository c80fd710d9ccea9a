// SPDX-License-Identifier: LGPL-2.1-or-later

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <thread>

#include "canned_server.h"
#include "gallery_fixtures.h"
#include "store/gallery_store.h"
#include "store/search_state.h"
#include "store/search_uri.h"
#include "temporary_folder.h"

using namespace facerec;
using namespace std::chrono_literals;

namespace {

std::string uri_of(int port) {
  return "opensearch+http://Ada:secret@127.0.0.1:" + std::to_string(port) + "/people";
}

/// The text of the Error of `code` that opening a gallery there throws.
std::string opening(const std::string& uri, ErrorCode code, StoreMode mode = StoreMode::ReadOnly,
                    const std::atomic<bool>* stop = nullptr) {
  const std::string text = error_of(code, [&] { open_store(uri, {mode, 400ms, stop}); });
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text;
}

std::string opening(const CannedServer::Respond& respond, ErrorCode code,
                    StoreMode mode = StoreMode::ReadOnly) {
  CannedServer server(respond);
  return opening(uri_of(server.port()), code, mode);
}

void expect_in(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << text;
}

std::string error_body(const std::string& type, const std::string& reason) {
  return R"({"error":{"type":")" + type + R"(","reason":")" + reason + R"("},"status":0})";
}

}  // namespace

TEST(SearchUriTest, SaysWhereTheGalleryIs) {
  const SearchUri uri = parse_search_uri(
      "opensearch+https://ada%40home:s%2Fe@Db.example:9201/my_people-2?shards=3&replicas=0&"
      "ca=%2Fetc%2Fmy%20ca.pem");
  EXPECT_FALSE(uri.elasticsearch);
  EXPECT_EQ(uri.base, "https://Db.example:9201");
  EXPECT_EQ(uri.user, "ada@home");
  EXPECT_EQ(uri.password, "s/e");
  EXPECT_EQ(uri.index, "my_people-2");
  EXPECT_EQ(uri.shards, 3);
  EXPECT_EQ(uri.replicas, 0);
  EXPECT_EQ(uri.ca_file, "/etc/my ca.pem");

  const SearchUri plain = parse_search_uri("elasticsearch+http://[::1]/people");
  EXPECT_TRUE(plain.elasticsearch);
  EXPECT_EQ(plain.base, "http://[::1]:9200");
  EXPECT_TRUE(plain.user.empty());
  EXPECT_FALSE(plain.shards);
  EXPECT_EQ(parse_search_uri("OpenSearch+HTTP://host/people").base, "http://host:9200");
}

TEST(SearchUriTest, RefusesWhatMeansNoGallery) {
  for (const char* rest : {"",
                           "host",
                           "host/",
                           "host/People",
                           "host/a/b",
                           "host/_all",
                           "host/-a",
                           "host/a,b",
                           "host/a*",
                           "host/..",
                           "host/people?shards=0",
                           "host/people?shards=two",
                           "host/people?replicas=-1",
                           "host/people?shards=1x",
                           "host/people?ca=",
                           "host/people?x=1",
                           "host/people?shards",
                           "host/people#x",
                           "host:99999/people",
                           "ho st/people",
                           "/people"}) {
    const std::string text = error_of(
        ErrorCode::Settings, [&] { open_store(std::string("opensearch+http://") + rest, {}); });
    EXPECT_NE(text.find("names no gallery"), std::string::npos) << rest << ": " << text;
    error_of(ErrorCode::Settings, [&] { open_pulse(std::string("opensearch+http://") + rest); });
  }
  expect_in(error_of(ErrorCode::Settings,
                     [] { open_store("opensearch+http://ada:secret@host/People", {}); }),
            {"'opensearch+http://ada@host/People'", "lower-case"});
}

TEST(SearchAnswerTest, NobodyListens) {
  expect_in(opening(uri_of(free_port()), ErrorCode::Busy),
            {"cannot be reached", "127.0.0.1", "Ada@127.0.0.1"});
  opening("opensearch+http://nowhere.invalid/people", ErrorCode::Busy);
}

TEST(SearchAnswerTest, RefusedCredentials) {
  expect_in(
      opening(CannedServer::always(401, error_body("security_exception", "who?")), ErrorCode::Read),
      {"401", "USER:PASSWORD@", ".netrc", "FACEREC_API_KEY"});
  expect_in(opening(CannedServer::always(403, error_body("security_exception", "no permissions")),
                    ErrorCode::Read),
            {"403", "no permissions", "FACEREC_API_KEY"});
  expect_in(opening(CannedServer::always(401, "Unauthorized"), ErrorCode::Read), {"401"});
}

TEST(SearchAnswerTest, NoSuchIndex) {
  expect_in(opening(CannedServer::always(404, error_body("index_not_found_exception", "none")),
                    ErrorCode::NotFound),
            {"does not exist", "`facerec enroll`"});
  CannedServer server(CannedServer::always(404, error_body("index_not_found_exception", "none")));
  EXPECT_FALSE(gallery_exists(uri_of(server.port())));
}

TEST(SearchAnswerTest, TooMuchToDo) {
  for (const int status : {429, 502, 503, 504}) {
    expect_in(opening(CannedServer::always(status, error_body("es_rejected", "queue is full")),
                      ErrorCode::Busy),
              {std::to_string(status), "try again"});
  }
}

TEST(SearchAnswerTest, FullDisk) {
  const std::string reason = "disk usage exceeded flood-stage watermark";
  for (const int status : {403, 429}) {
    const auto respond = [&](int socket, const std::string& request) {
      if (request.rfind("GET", 0) == 0) {
        CannedServer::answer(socket, 404, error_body("index_not_found_exception", "none"));
      } else {
        CannedServer::answer(socket, status, error_body("cluster_block_exception", reason));
      }
    };
    const auto with_root = [&](int socket, const std::string& request) {
      if (request.rfind("GET / ", 0) == 0) {
        CannedServer::answer(socket, 200, R"({"version":{"distribution":"opensearch"}})");
      } else {
        respond(socket, request);
      }
    };
    expect_in(opening(with_root, ErrorCode::Write, StoreMode::Create), {reason, "disk"});
  }
}

TEST(SearchAnswerTest, WhatIsNoSuchServer) {
  for (const char* body : {"<html>hello</html>", "", "{", "[1]", "12", "null", "{\"found\":"}) {
    expect_in(opening(CannedServer::always(200, body), ErrorCode::Read),
              {"does not answer as an OpenSearch or Elasticsearch server"});
  }
  expect_in(opening(CannedServer::always(400, error_body("parse_exception", "bad thing")),
                    ErrorCode::Read),
            {"bad thing", "400"});
  opening(CannedServer::always(200, R"({"found":true,"_source":{}})"), ErrorCode::Read);
  opening(CannedServer::always(200, R"({"_seq_no":1,"_primary_term":"x","_source":{}})"),
          ErrorCode::Read);
}

TEST(SearchAnswerTest, RedirectsAreNotFollowed) {
  CannedServer other(CannedServer::always(200, "{}"));
  const std::string target =
      "Location: http://127.0.0.1:" + std::to_string(other.port()) + "/people\r\n";
  expect_in(opening(CannedServer::always(302, "{}", target), ErrorCode::Read), {"302"});
  EXPECT_TRUE(other.requests().empty());
}

TEST(SearchAnswerTest, ABodyThatStops) {
  const auto half = [](int socket, const std::string&) {
    CannedServer::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"found\"");
  };
  expect_in(opening(half, ErrorCode::Busy), {"cannot be reached"});
  const auto nothing = [](int, const std::string&) {};
  opening(nothing, ErrorCode::Busy);
  std::atomic<bool> done = false;
  const auto pause = [&](int socket, const std::string&) {
    CannedServer::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
    while (!done) std::this_thread::sleep_for(10ms);
  };
  CannedServer server(pause);
  const auto begin = std::chrono::steady_clock::now();
  expect_in(opening(uri_of(server.port()), ErrorCode::Busy), {"in time"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  done = true;
}

TEST(SearchAnswerTest, ABodyWithoutEnd) {
  const auto endless = [](int socket, const std::string&) {
    CannedServer::write_all(socket, "HTTP/1.1 200 OK\r\n\r\n");
    while (CannedServer::write_all(socket, std::string(1 << 20, ' '))) {
    }
  };
  CannedServer server(endless);
  const std::string text = error_of(ErrorCode::Read, [&] {
    open_store(uri_of(server.port()), {StoreMode::ReadOnly, 60s, nullptr});
  });
  expect_in(text, {"no end"});
}

TEST(SearchAnswerTest, StopsWhereItIsTold) {
  std::atomic<bool> stop = false;
  std::atomic<bool> done = false;
  CannedServer server([&](int, const std::string&) {
    while (!done) std::this_thread::sleep_for(10ms);
  });
  std::thread stopper([&] {
    std::this_thread::sleep_for(100ms);
    stop = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  const std::string text = error_of(ErrorCode::Busy, [&] {
    open_store(uri_of(server.port()), {StoreMode::ReadOnly, 60s, &stop});
  });
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  expect_in(text, {"stopped"});
  stopper.join();
  done = true;
}

TEST(SearchAnswerTest, CredentialsAreSent) {
  CannedServer server(CannedServer::always(401, "{}"));
  opening(uri_of(server.port()), ErrorCode::Read);
  ASSERT_FALSE(server.requests().empty());
  expect_in(server.requests().back(), {"GET /people/_doc/state", "Basic QWRhOnNlY3JldA=="});
  setenv("FACEREC_API_KEY", "a2V5", 1);
  opening(uri_of(server.port()), ErrorCode::Read);
  unsetenv("FACEREC_API_KEY");
  expect_in(server.requests().back(), {"Authorization: ApiKey a2V5"});
  EXPECT_EQ(server.requests().back().find("Basic"), std::string::npos);
}

TEST(SearchAnswerTest, CertificateThatNobodyVouchesFor) {
  const TemporaryFolder folder;
  const std::string key = (folder / "key.pem").string(), ca = (folder / "ca.pem").string();
  const std::string make =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
      "/CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
      key + " -out " + ca + " >/dev/null 2>&1";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "there is no openssl here";
  const std::string port = std::to_string(free_port());
  const pid_t server = fork();
  if (server == 0) {
    execlp("openssl", "openssl", "s_server", "-quiet", "-www", "-accept", port.c_str(), "-key",
           key.c_str(), "-cert", ca.c_str(), nullptr);
    _exit(127);
  }
  const std::string uri = "opensearch+https://localhost:" + port + "/people";
  std::string text;
  for (int i = 0; i < 100; ++i) {
    try {
      open_store(uri, {StoreMode::ReadOnly, 2s, nullptr});
    } catch (const Error& error) {
      text = error.what();
      if (error.code() != ErrorCode::Busy) break;
    }
    std::this_thread::sleep_for(50ms);
  }
  expect_in(text, {"is not trusted", "ca=FILE"});
  expect_in(opening(uri + "?ca=" + ca, ErrorCode::Read), {"does not answer as an OpenSearch"});
  expect_in(opening(uri + "?ca=" + (folder / "none").string(), ErrorCode::Settings), {"ca=FILE"});
  opening("opensearch+http://localhost:" + port + "/people", ErrorCode::Busy);
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}

TEST(SearchPulseTest, KeepsItsValueWhileTheServerIsAway) {
  SearchState state;
  state.change = 4;
  state.mark = -17;
  state.next_change = 5;
  std::atomic<int> status = 200;
  CannedServer server([&](int socket, const std::string&) {
    const nlohmann::json body{
        {"found", true}, {"_seq_no", 1}, {"_primary_term", 1}, {"_source", to_json(state)}};
    CannedServer::answer(socket, status, status == 200 ? body.dump() : "{}");
  });
  const auto pulse = open_pulse(uri_of(server.port()));
  const std::string before = pulse->now();
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(pulse->now(), before);
  status = 503;
  EXPECT_EQ(pulse->now(), before);
  status = 200;
  state.mark = 18;
  EXPECT_NE(pulse->now(), before);
}

TEST(SearchStateTest, IsReadAsItWasWritten) {
  SearchState state;
  state.change = 7;
  state.mark = std::numeric_limits<std::int64_t>::min();
  state.next_change = 9;
  state.people = 3;
  state.model = StoredModel{{"sface", "f00d"}, 128, true, "/models/sface", "{}"};
  state.calibrations["cosine"] = {0.001, 0.1234567890123456789, "{}"};
  state.abandoned = {2, 8};
  state.lease = {"me", 8, 1700000000000};
  const auto document = nlohmann::json::parse(to_json(state).dump());
  EXPECT_EQ(to_json(search_state_of(document, "g")), to_json(state));
}

TEST(SearchStateTest, DamageIsRefused) {
  SearchState state;
  state.model = StoredModel{{"sface", "f00d"}, 128, true, "", ""};
  state.calibrations["cosine"] = {0.001, 0.5, "{}"};
  const nlohmann::json whole = to_json(state);
  const std::vector<nlohmann::json> wrong{nullptr, "x",    -1,         1.5,
                                          true,    {1, 2}, {{"x", 1}}, 18446744073709551615u};
  for (const auto& [name, value] : whole.items()) {
    for (const auto& other : wrong) {
      nlohmann::json damaged = whole;
      damaged[name] = other;
      try {
        search_state_of(damaged, "g");
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Read) << name << ": " << other;
      }
    }
    if (name == "kind") continue;
    nlohmann::json damaged = whole;
    damaged.erase(name);
    error_of(ErrorCode::Read, [&] { search_state_of(damaged, "g"); });
  }
  nlohmann::json newer = whole;
  newer["format"] = 2;
  expect_in(error_of(ErrorCode::Read, [&] { search_state_of(newer, "g"); }),
            {"format 2", "newer version"});
  expect_in(error_of(ErrorCode::Read,
                     [&] {
                       search_state_of({{"title", "book"}}, "g");
                     }),
            {"something else"});
}

TEST(SearchStateTest, BytesAsText) {
  for (const std::string& bytes : {std::string(), std::string("\0", 1), std::string("ab"),
                                   std::string("\xff\x00\xfe", 3), std::string(1000, 'x')}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  for (const char* wrong : {"a", "abc", "a===", "====", "!!!!", "abcde"}) {
    EXPECT_TRUE(from_base64(wrong).empty()) << wrong;
  }
}
