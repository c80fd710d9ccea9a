// SPDX-License-Identifier: LGPL-2.1-or-later

// What a gallery on a server costs: enrolling many people at once, reading them all, and its own
// search where it has one. On a PostgreSQL server of its own unless a gallery is named, which must
// be new.
//
//     store_search [TEMPLATES [URI]]

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

#include "match/matcher.h"
#include "measured_gallery.h"

using namespace facerec;

namespace {

constexpr int dimension = 128, templates_each = 4, probes = 200, people_wanted = 10;

double timed(const std::function<void()>& run) {
  const auto begin = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Photos of one person near each other, as those of a network are.
class Photos {
 public:
  std::vector<float> around(const std::vector<float>& centre, float spread) {
    std::vector<float> values(dimension);
    float length = 0;
    for (int i = 0; i < dimension; ++i) {
      values[i] = (centre.empty() ? 0 : centre[i]) + spread * normal_(random_);
      length += values[i] * values[i];
    }
    for (float& value : values) value /= std::sqrt(length);
    return values;
  }

 private:
  std::mt19937 random_{1};
  std::normal_distribution<float> normal_;
};

}  // namespace

int main(int argc, char** argv) {
  const int templates = argc > 1 ? std::atoi(argv[1]) : 100'000;
  std::unique_ptr<PostgresqlServer> server;
  const std::string name = measured_gallery(argc, argv, server);
  if (name.empty()) return 77;
  Photos photos;
  std::vector<Enrolment> people(templates / templates_each);
  std::vector<Embedding> asked;
  for (std::size_t i = 0; i < people.size(); ++i) {
    people[i].name = "P" + std::to_string(i);
    const auto centre = photos.around({}, 1);
    const auto photo = [&] {
      return Embedding{"synthetic", "f00d", photos.around(centre, 0.05F), true};
    };
    people[i].templates.resize(templates_each);
    for (Template& entry : people[i].templates) entry.embedding = photo();
    if (i % (people.size() / probes + 1) == 0) asked.push_back(photo());
  }
  std::printf("enrolling %d templates of %zu people: %.1f s\n", templates, people.size(),
              timed([&] { Gallery(name, Gallery::Mode::Create).enroll(people); }));

  std::unique_ptr<Matcher> matcher;
  std::printf("reading them: %.2f s\n", timed([&] {
                matcher = std::make_unique<Matcher>(Gallery(name, Gallery::Mode::ReadOnly),
                                                    Metric::Cosine);
              }));

  const auto store = open_store(name, {});
  std::vector<double> milliseconds;
  int same = 0;
  for (const Embedding& probe : asked) {
    std::optional<std::vector<StoredNeighbour>> found;
    milliseconds.push_back(
        1000 * timed([&] { found = store->nearest(probe.values, "cosine", people_wanted); }));
    if (!found) {
      std::puts("it has no search of its own");
      return 0;
    }
    same +=
        !found->empty() && found->front().person_id == matcher->nearest(probe, 1).at(0).person_id;
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf(
      "its own search for %d people: p50 %.1f ms, p99 %.1f ms; the nearest person in %d of "
      "%zu\n",
      people_wanted, milliseconds[milliseconds.size() / 2],
      milliseconds[milliseconds.size() * 99 / 100], same, asked.size());
  return 0;
}
