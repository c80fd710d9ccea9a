// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/template_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "match/vector_math.h"

using facerec::TemplateVectors;

namespace {

std::mt19937& generator() {
  static std::mt19937 random(7);
  return random;
}

std::vector<float> random_values(int count, float scale = 1) {
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(generator());
  return values;
}

double squared(const std::vector<float>& a, const float* b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return sum;
}

/// As nearest(), one by one; `rows` with their owners.
std::vector<std::pair<double, int>> expected(
    const std::vector<std::pair<std::vector<float>, int>>& rows, const float* probe,
    std::size_t most) {
  std::map<int, double> of_owner;
  for (const auto& [values, owner] : rows) {
    const double distance = squared(values, probe);
    const auto [entry, is_new] = of_owner.try_emplace(owner, distance);
    if (!is_new) entry->second = std::min(entry->second, distance);
  }
  std::vector<std::pair<double, int>> sorted;
  for (const auto& [owner, distance] : of_owner) sorted.emplace_back(distance, owner);
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() > most) sorted.resize(most);
  return sorted;
}

TEST(VectorMath, AreTheSameInAllInstructions) {
  alignas(64) static float block[77 * facerec::block_lanes];
  alignas(64) static float products[facerec::most_probes * facerec::block_lanes];
  const auto values = random_values(77 * facerec::block_lanes);
  const auto probes = random_values(77 * facerec::most_probes);
  std::copy(values.begin(), values.end(), block);
  for (const facerec::VectorMath* kernel : facerec::vector_math_of_processor()) {
    double distance = 0;
    for (int i = 0; i < 77; ++i) distance += std::pow(double{probes[i]} - probes[77 + i], 2);
    EXPECT_NEAR(kernel->squared_distance(probes.data(), &probes[77], 77), distance, 1e-3);
    for (const bool several : {false, true}) {
      (several ? kernel->products : kernel->products_of_one)(block, 77, probes.data(), products);
      for (int p = 0; p < (several ? kernel->probes : 1); ++p) {
        for (int lane = 0; lane < facerec::block_lanes; ++lane) {
          double sum = 0;
          for (int i = 0; i < 77; ++i) {
            sum += double{block[i * facerec::block_lanes + lane]} * probes[p * 77 + i];
          }
          EXPECT_NEAR(products[p * facerec::block_lanes + lane], sum, 1e-4) << kernel->name;
        }
      }
    }
  }
}

TEST(VectorMath, MultipliesBytesExactly) {
  std::vector<std::int8_t> bytes(2 * 300);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::int8_t>(i < 40 ? -128 : i * i * 37 % 256 - 128);
  }
  for (const facerec::VectorMath* kernel : facerec::vector_math_of_processor()) {
    for (const int dimension : {0, 1, 31, 64, 128, 300}) {
      int sum = 0;
      for (int i = 0; i < dimension; ++i) sum += int{bytes[i]} * bytes[i + dimension];
      EXPECT_EQ(kernel->product_of_bytes(bytes.data(), &bytes[dimension], dimension), sum)
          << kernel->name;
      const std::vector<std::int16_t> words(bytes.begin(), bytes.begin() + dimension);
      EXPECT_EQ(kernel->product_of_words(words.data(), &bytes[dimension], dimension), sum)
          << kernel->name;
    }
  }
}

TEST(TemplateVectors, NobodyIsNearInAnEmptySet) {
  EXPECT_TRUE(TemplateVectors().nearest({}, 3).empty());
  const auto found = TemplateVectors(2).nearest({1, 0}, 3);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].empty());
}

TEST(TemplateVectors, FindsWhatALoopFindsInAnyLengthAndNumber) {
  for (const auto& [dimension, count, scale] :
       {std::tuple{1, 40, 1.F}, {5, 1, 1.F}, {3, 17, 1e-12F}, {64, 1030, 1e6F}, {128, 3000, 1.F}}) {
    TemplateVectors vectors(dimension);
    std::vector<std::pair<std::vector<float>, int>> rows;
    for (int i = 0; i < count; ++i) {
      rows.emplace_back(random_values(dimension, scale), i * 7 % (count / 3 + 1));
      EXPECT_EQ(vectors.add(rows.back().first.data(), rows.back().second), i);
    }
    EXPECT_EQ(vectors.count(), count);
    const auto probes = random_values(dimension * 23, scale);
    for (const std::size_t most : {std::size_t{1}, std::size_t{4}, std::size_t{5000}}) {
      const auto found = vectors.nearest(probes, most);
      ASSERT_EQ(found.size(), 23U);
      for (std::size_t p = 0; p < found.size(); ++p) {
        const auto wanted = expected(rows, &probes[p * dimension], most);
        ASSERT_EQ(found[p].size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          EXPECT_EQ(found[p][i].owner, wanted[i].second);
          EXPECT_NEAR(found[p][i].squared, wanted[i].first, 1e-6 * wanted[i].first);
        }
      }
    }
  }
}

TEST(TemplateVectors, TellsVectorsApartThatRoundingDoesNot) {
  constexpr int dimension = 128;
  const auto middle = random_values(dimension, 100);
  TemplateVectors vectors(dimension);
  for (int i = 20; i > 0; --i) {  // ever nearer, by less than the products' rounding
    auto values = middle;
    values[0] += static_cast<float>(i) * 1e-3F;
    vectors.add(values.data(), i);
  }
  const auto found = vectors.nearest(middle, 20).at(0);
  ASSERT_EQ(found.size(), 20U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(found[i].owner, i + 1);
    EXPECT_NEAR(std::sqrt(found[i].squared), (i + 1) * 1e-3, 1e-5);
  }
}

TEST(TemplateVectors, EqualOnesAreOrderedByOwner) {
  TemplateVectors vectors(2);
  const float values[] = {1, 0};
  for (const int owner : {9, 4, 6}) vectors.add(values, owner);
  const auto found = vectors.nearest({1, 0}, 2).at(0);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].owner, 4);
  EXPECT_EQ(found[1].owner, 6);
  EXPECT_EQ(found[0].squared, 0);
}

TEST(TemplateVectors, WhatIsNotFiniteIsNeverNear) {
  TemplateVectors vectors(2);
  const float nan[] = {NAN, 0}, endless[] = {0, INFINITY}, large[] = {1e30F, 0}, right[] = {3, 4};
  vectors.add(nan, 0);
  vectors.add(endless, 1);
  vectors.add(large, 2);  // its square is more than a float holds
  EXPECT_TRUE(vectors.nearest({0, 0}, 5).at(0).empty());
  const int row = vectors.add(right, 3);
  const auto found = vectors.nearest({0, 0}, 5).at(0);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].owner, 3);
  EXPECT_EQ(found[0].squared, 25);
  EXPECT_TRUE(std::isnan(vectors.squared_distance(row, 0)));
  EXPECT_TRUE(std::isnan(vectors.squared_distance(0, row)));
  EXPECT_EQ(vectors.squared_distance(row, row), 0);
}

TEST(TemplateVectors, ARowThatWasRemovedIsGivenToAnother) {
  TemplateVectors vectors(2);
  const float values[] = {1, 0}, others[] = {0, 1};
  for (int i = 0; i < 3; ++i) vectors.add(values, i);
  vectors.remove(1);
  EXPECT_EQ(vectors.count(), 2);
  EXPECT_EQ(vectors.nearest({1, 0}, 5).at(0).size(), 2U);
  EXPECT_EQ(vectors.add(others, 8), 1);
  EXPECT_EQ(vectors.count(), 3);
  EXPECT_EQ(vectors.nearest({0, 1}, 1).at(0).at(0).owner, 8);
}

TEST(TemplateVectors, ACopyChangesAlone) {
  constexpr int count = 2500;
  TemplateVectors first(4);
  std::vector<std::vector<float>> rows;
  for (int i = 0; i < count; ++i) {
    rows.push_back(random_values(4));
    first.add(rows.back().data(), i);
  }
  TemplateVectors second = first;
  second.remove(1200);
  second.add(rows[0].data(), count);
  first.remove(5);
  EXPECT_EQ(first.nearest(rows[1200], 1).at(0).at(0).owner, 1200);
  EXPECT_NE(second.nearest(rows[1200], 1).at(0).at(0).owner, 1200);
  EXPECT_EQ(second.nearest(rows[5], 1).at(0).at(0).owner, 5);
  EXPECT_EQ(second.nearest(rows[0], 2).at(0).at(1).owner, count);
  EXPECT_GT(first.nearest(rows[0], 2).at(0).at(1).squared, 0);
}

}  // namespace
