// SPDX-License-Identifier: LGPL-2.1-or-later

// Thresholds that are set on folds 1 to 3 of Labeled Faces in the Wild for a false accept rate, and
// the rate that they give on folds 4 and 5, whose people are others.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "lfw_photos.h"
#include "match/calibration.h"
#include "match/metric.h"

using namespace facerec;

namespace {

/// One person's embeddings.
using Person = std::vector<std::vector<float>>;
using Indices = std::pair<std::size_t, std::size_t>;

std::vector<Person> people_of(const std::vector<LabelledPair>& pairs,
                              const cli::Embeddings& embeddings, int first_fold, int last_fold) {
  std::set<std::filesystem::path> photos;
  for (const LabelledPair& pair : pairs) {
    if (pair.fold >= first_fold && pair.fold <= last_fold) photos.insert({pair.a, pair.b});
  }
  std::map<std::filesystem::path, Person> people;
  for (const auto& photo : photos) {
    if (const auto& found = embeddings.at(photo)) {
      people[photo.parent_path()].push_back(found->values);
    }
  }
  std::vector<Person> result;
  for (auto& [name, person] : people) result.push_back(std::move(person));
  return result;
}

/// Calls `visit` with the distance of every two photos of different people, which is what
/// `facerec calibrate` learns from in a gallery, and the people's indices.
template <typename Visit>
void each_impostor(const std::vector<Person>& people, Visit visit) {
  for (std::size_t i = 0; i < people.size(); ++i) {
    for (std::size_t j = i + 1; j < people.size(); ++j) {
      for (const auto& a : people[i]) {
        for (const auto& b : people[j]) visit(distance(a, b, Metric::Cosine), Indices{i, j});
      }
    }
  }
}

struct Interval {
  double low, high;
};

/// 95 % interval of the rate of accepted pairs. Pairs that share a person depend on each other, so
/// it is people who are drawn anew: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap",
/// 1993, percentile method.
Interval interval_over_people(const std::vector<Person>& people,
                              const std::vector<Indices>& accepted) {
  constexpr int draws = 2000;
  std::mt19937 random(1);
  std::uniform_int_distribution<std::size_t> any(0, people.size() - 1);
  std::vector<double> rates;
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<double> times(people.size());
    for (std::size_t i = 0; i < people.size(); ++i) ++times[any(random)];
    double photos = 0, squares = 0, hits = 0;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const double count = times[i] * static_cast<double>(people[i].size());
      photos += count;
      squares += count * count;
    }
    for (const auto& [i, j] : accepted) hits += times[i] * times[j];
    rates.push_back(hits / ((photos * photos - squares) / 2));
  }
  std::sort(rates.begin(), rates.end());
  return {rates[draws / 40], rates[draws - draws / 40 - 1]};
}

TEST(LfwCalibration, ThresholdsOfThreeFoldsHoldOnTheOtherTwo) {
  const std::vector<LabelledPair> pairs = lfw_pairs(all_folds);
  if (pairs.empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
  const cli::Embeddings& embeddings = standard_embeddings();

  std::vector<double> impostors;
  each_impostor(people_of(pairs, embeddings, 1, 3),
                [&](double distance, Indices) { impostors.push_back(distance); });
  const std::size_t learnt_from = impostors.size();
  const Calibration calibration = Calibration::from_impostors(std::move(impostors));

  const std::vector<Person> others = people_of(pairs, embeddings, 4, 5);
  for (const double aim : {1e-2, 1e-3}) {
    const double threshold = calibration.threshold(aim);
    std::vector<Indices> accepted;
    double trials = 0;
    each_impostor(others, [&](double distance, Indices who) {
      ++trials;
      if (distance <= threshold) accepted.push_back(who);
    });
    const Interval all = interval_over_people(others, accepted);
    std::cout << "lfw threshold " << threshold << " for a false accept rate of " << aim << " from "
              << learnt_from << " pairs: " << accepted.size() / trials << " (" << all.low << " to "
              << all.high << ") of " << trials << " other pairs\n";
    EXPECT_LE(all.low, aim);
    EXPECT_GE(all.high, aim);

    int hits = 0, labelled = 0;
    for (const LabelledPair& pair : pairs) {
      if (pair.same || pair.fold < 4) continue;
      const auto& a = embeddings.at(pair.a);
      const auto& b = embeddings.at(pair.b);
      ++labelled;
      hits += a && b && distance(a->values, b->values, Metric::Cosine) <= threshold ? 1 : 0;
    }
    const Proportion rate = proportion(hits, labelled);
    std::cout << "lfw the same on labelled pairs: " << rate.rate << " (" << rate.low << " to "
              << rate.high << ") of " << labelled << '\n';
    EXPECT_LE(rate.low, aim);
    EXPECT_GE(rate.high, aim);
  }
}

}  // namespace
