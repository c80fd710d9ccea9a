// SPDX-License-Identifier: LGPL-2.1-or-later

// What a gallery on a server costs a process that looks for its people: all of them in memory, or
// the server's own search (facematch index=server). On a PostgreSQL server of its own, which needs
// pgvector, unless a gallery is named, which must be new.
//
//     server_search [TEMPLATES [URI]]

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <thread>
#include <vector>

#include "match/server_search.h"
#include "measured_gallery.h"

using namespace facerec;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int dimension = 128, templates_each = 4, probes = 200, kept = 16;

/// A photo of a person: near the others of that person, as those of a network are.
Embedding photo(int person, int number) {
  std::mt19937 of_person(person), of_photo(person * 1000 + number);
  std::normal_distribution<float> normal;
  std::vector<float> values(dimension);
  double length = 0;
  for (float& value : values) {
    value = normal(of_person) + 0.5F * normal(of_photo);
    length += value * value;
  }
  for (float& value : values) value /= static_cast<float>(std::sqrt(length));
  return {"synthetic", "f00d", values, true};
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double resident_mib() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident * sysconf(_SC_PAGESIZE)) / (1 << 20);
}

/// In a process of its own, whose memory is that of the run alone.
void apart(const std::function<void()>& run) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    try {
      run();
    } catch (const std::exception& error) {
      std::printf("%s\n", error.what());
    }
    std::fflush(stdout);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
}

void enroll(const std::string& name, int people) {
  std::vector<Enrolment> all(people);
  for (int i = 0; i < people; ++i) {
    all[i].name = "P" + std::to_string(i);
    all[i].templates.resize(templates_each);
    for (int k = 0; k < templates_each; ++k) all[i].templates[k].embedding = photo(i, k);
  }
  Gallery(name, Gallery::Mode::Create).enroll(all);
}

void print(const char* what, double seconds, double before, std::vector<double> milliseconds,
           int right) {
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf(
      "%s: begins in %.2f s; %.1f MiB, of which %.1f for it; an answer takes %.1f ms (p50), %.1f "
      "ms (p99); %d of %zu people are found\n",
      what, seconds, resident_mib(), resident_mib() - before, milliseconds[milliseconds.size() / 2],
      milliseconds[milliseconds.size() * 99 / 100], right, milliseconds.size());
}

void in_memory(const std::string& name, int people) {
  const double before = resident_mib();
  auto begin = Clock::now();
  const Matcher matcher(Gallery(name, Gallery::Mode::ReadOnly), Metric::Cosine);
  const double seconds = seconds_since(begin);
  std::vector<double> milliseconds;
  int right = 0;
  for (int i = 0; i < probes; ++i) {
    const int person = static_cast<int>(i * static_cast<long>(people) / probes);
    const Embedding probe = photo(person, templates_each);
    begin = Clock::now();
    right += matcher.nearest(probe, 3).at(0).name == "P" + std::to_string(person);
    milliseconds.push_back(1000 * seconds_since(begin));
  }
  print("in memory", seconds, before, milliseconds, right);
}

void on_server(const std::string& name, int people) {
  const double before = resident_mib();
  auto begin = Clock::now();
  ServerSearch search(name, Metric::Cosine, {});
  const double seconds = seconds_since(begin);
  std::vector<double> milliseconds;
  std::vector<ServerSearch::Probe> asked;
  int right = 0;
  for (int i = 0; i < probes; ++i) {
    const int person = static_cast<int>(i * static_cast<long>(people) / probes);
    asked.insert(asked.begin(), std::make_shared<const Embedding>(photo(person, templates_each)));
    if (asked.size() > kept) asked.pop_back();
    begin = Clock::now();
    search.look_for(asked);
    while (search.known()->answered.count(asked.front()) == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    milliseconds.push_back(1000 * seconds_since(begin));
    const auto near = search.known()->matcher->nearest(*asked.front(), 3);
    right += !near.empty() && near[0].name == "P" + std::to_string(person);
  }
  print("on the server", seconds, before, milliseconds, right);
}

}  // namespace

int main(int argc, char** argv) {
  const int templates = argc > 1 ? std::atoi(argv[1]) : 100'000;
  std::unique_ptr<PostgresqlServer> server;
  const std::string name = measured_gallery(argc, argv, server);
  if (name.empty()) return 77;
  const int people = templates / templates_each;
  const auto begin = Clock::now();
  apart([&] { enroll(name, people); });
  std::printf("enrolling %d templates of %d people: %.1f s\n", templates, people,
              seconds_since(begin));
  apart([&] { in_memory(name, people); });
  apart([&] { on_server(name, people); });
  return 0;
}
