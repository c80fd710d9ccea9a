// SPDX-License-Identifier: LGPL-2.1-or-later

#include "match/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "error.h"

namespace facerec {
namespace {

std::vector<double> normal_distances(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> distance(1.0, 0.1);
  std::vector<double> distances(count);
  std::generate(distances.begin(), distances.end(), [&] { return distance(random); });
  return distances;
}

TEST(Calibration, ThresholdAndRateAreInverse) {
  const Calibration calibration = Calibration::from_impostors(normal_distances(2000, 1));
  for (double rate : {1e-4, 1e-3, 1e-2, 0.05, 0.1, 0.2, 0.5, 0.8})
    EXPECT_NEAR(calibration.false_accept_rate(calibration.threshold(rate)), rate, rate * 1e-6);
}

TEST(Calibration, RateRisesWithDistance) {
  const Calibration calibration = Calibration::from_impostors(normal_distances(500, 2));
  double before = 0;
  for (double distance = 0; distance < 2; distance += 0.01) {
    const double rate = calibration.false_accept_rate(distance);
    EXPECT_GE(rate, before);
    EXPECT_LE(rate, 1);
    before = rate;
  }
}

TEST(Calibration, HoldsOnOtherImpostors) {
  const Calibration calibration = Calibration::from_impostors(normal_distances(2000, 3));
  const std::vector<double> others = normal_distances(200000, 4);
  for (double aim : {1e-2, 1e-3}) {
    const double threshold = calibration.threshold(aim);
    const double rate = std::count_if(others.begin(), others.end(),
                                      [&](double distance) { return distance <= threshold; }) /
                        static_cast<double>(others.size());
    EXPECT_LT(rate, aim * 1.5) << "strangers are accepted more often than was asked";
    EXPECT_GT(rate, aim / 5);
  }
}

TEST(Calibration, TellsTheTailOfALargeSample) {
  // As far beyond the sample as a gallery of a thousand people asks: exp(-10 x), that is to say
  // distances below 1 with a rate of exp(-10 (1 - distance)).
  std::mt19937 random(6);
  std::exponential_distribution<double> below(10);
  std::vector<double> distances(200000);
  for (double& distance : distances) distance = 1 - below(random);
  const Calibration calibration = Calibration::from_impostors(std::move(distances));
  for (double rate : {1e-4, 1e-5, 1e-6})
    EXPECT_NEAR(calibration.threshold(rate), 1 + std::log(rate) / 10, 0.08) << rate;
}

// What a sample says of its nearest tenth does not hold for its nearest millionth where the
// distances are normal, as those of networks nearly are.
TEST(Calibration, DoesNotAcceptMoreWhereTheTailIsNormal) {
  const Calibration calibration = Calibration::from_impostors(normal_distances(1000000, 7));
  EXPECT_NEAR(calibration.threshold(1e-5), 1 - 0.1 * 4.265, 0.01);
  EXPECT_NEAR(calibration.threshold(1e-6), 1 - 0.1 * 4.753, 0.015);
}

// As many people more as may be enrolled after the calibration: 25,000 after 150.
TEST(Calibration, DoesNotAcceptMoreFarBeyondASmallSample) {
  constexpr double asked = 4e-8;
  double accepted = 0;
  constexpr int samples = 20;
  for (unsigned seed = 0; seed < samples; ++seed) {
    const Calibration calibration = Calibration::from_impostors(normal_distances(11175, 20 + seed));
    const double deviations = (1 - calibration.threshold(asked)) / 0.1;
    accepted += std::erfc(deviations / std::sqrt(2)) / 2 / samples;
  }
  EXPECT_LT(accepted, 3 * asked) << "600 times by a tail that ends where the sample seems to";
  EXPECT_GT(accepted, asked / 1000) << "nobody is recognised";
}

TEST(Calibration, SaysWhenTheSampleCannotTell) {
  EXPECT_THROW(Calibration::from_impostors(normal_distances(50, 5)), Error);
  EXPECT_THROW(Calibration::from_impostors(std::vector<double>(500, 0.7)), Error);
}

TEST(Calibration, SurvivesItsJson) {
  const Calibration made = Calibration::from_impostors(normal_distances(500, 6));
  const Calibration read = calibration_from_json(to_json(made));
  for (double distance = 0; distance < 2; distance += 0.01)
    EXPECT_EQ(read.false_accept_rate(distance), made.false_accept_rate(distance));
}

TEST(Calibration, WhatIsNoCurveIsRefused) {
  for (const char* text : {
           "",
           "[]",
           "{}",
           R"({"knots":[],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[["a",0.1]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1e999,0.1]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[null,0.1]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1,0]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1,2]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1,0.1],[1,0.2]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1,0.2],[2,0.1]],"scale":1,"shape":0,"pairs":200})",
           R"({"knots":[[1,0.1]],"scale":0,"shape":0,"pairs":200})",
           R"({"knots":[[1,0.1]],"scale":-1,"shape":0,"pairs":200})",
           R"({"knots":[[1,0.1]],"scale":1,"shape":5,"pairs":200})",
           R"({"knots":[[1,0.1]],"scale":1,"shape":0,"pairs":0})",
       }) {
    try {
      calibration_from_json(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::Read) << text;
    }
  }
}

}  // namespace
}  // namespace facerec
