// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "canned_server.h"
#include "store/http.h"

/// "opensearch", or "elasticsearch" where FACEREC_TEST_SEARCH says so.
inline std::string search_kind() {
  const char* kind = std::getenv("FACEREC_TEST_SEARCH");
  return kind ? kind : "opensearch";
}

inline std::string search_script() {
  const char* root = std::getenv("FACEREC_SOURCE_ROOT");
  return std::string(root ? root : ".") + "/tests/servers/search.sh";
}

/// Whether nodes can be had; fetches what they need.
inline bool have_search_nodes() {
  static const bool have =
      std::system(("'" + search_script() + "' fetch " + search_kind()).c_str()) == 0;
  return have;
}

/// A server that the tests may fill.
class SearchServer {
 public:
  /// `prefix` as in a gallery's URI, "opensearch+http://127.0.0.1:9200".
  explicit SearchServer(std::string prefix) : prefix_(std::move(prefix)) {}
  virtual ~SearchServer() = default;
  SearchServer(const SearchServer&) = delete;
  SearchServer& operator=(const SearchServer&) = delete;

  std::string uri(const std::string& index) const { return prefix_ + "/" + index; }

  /// The answer to a request of its REST interface, which has to succeed.
  nlohmann::json ask(const char* method, const std::string& path,
                     const nlohmann::json& body = {}) const {
    facerec::Http http({"test", base(), {}, {}, {}, {}, nullptr});
    const auto answer = http.send({method, path, body.is_null() ? "" : body.dump(),
                                   "application/json", std::chrono::seconds(20)});
    EXPECT_LT(answer.status, 300) << method << " " << path << ": " << answer.body;
    return nlohmann::json::parse(answer.body, nullptr, false);
  }

 protected:
  std::string base() const { return prefix_.substr(prefix_.find('+') + 1); }

 private:
  const std::string prefix_;
};

/// A node on loopback; its data live as long as the folder.
class SearchNode : public SearchServer {
 public:
  SearchNode(std::string folder, std::vector<std::string> settings, int port = free_port())
      : SearchServer(search_kind() + "+http://127.0.0.1:" + std::to_string(port)),
        folder_(std::move(folder)),
        settings_(std::move(settings)),
        port_(port) {
    start();
  }
  ~SearchNode() override { kill(); }
  SearchNode(const SearchNode&) = delete;
  SearchNode& operator=(const SearchNode&) = delete;

  void start() {
    std::vector<std::string> words{
        search_script(),       "node",
        search_kind(),         folder_,
        std::to_string(port_), "transport.port=" + std::to_string(transport_port_)};
    words.insert(words.end(), settings_.begin(), settings_.end());
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int log = open((folder_ + ".log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      dup2(log, STDOUT_FILENO);
      dup2(log, STDERR_FILENO);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execv(arguments[0], arguments.data());
      _exit(127);
    }
  }
  /// As kill -9 does.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  int transport_port() const { return transport_port_; }
  /// Waits until the cluster has so many nodes and is of that colour at least.
  bool is_ready(int nodes = 1, const std::string& status = "yellow") const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (std::chrono::steady_clock::now() < deadline) {
      try {
        facerec::Http http({"test", base(), {}, {}, {}, {}, nullptr});
        const auto answer =
            http.send({"GET",
                       "/_cluster/health?timeout=2s&wait_for_nodes=" + std::to_string(nodes) +
                           "&wait_for_status=" + status,
                       {},
                       "application/json",
                       std::chrono::seconds(4)});
        if (answer.status == 200) return true;
      } catch (const std::exception&) {
        // not yet
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    return false;
  }

 private:
  const std::string folder_;
  const std::vector<std::string> settings_;
  const int port_;
  const int transport_port_ = free_port();
  pid_t pid_ = 0;
};
