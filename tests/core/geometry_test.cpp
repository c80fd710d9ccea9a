// SPDX-License-Identifier: LGPL-2.1-or-later

#include "geometry.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace facerec;

namespace {

const std::vector<cv::Point2f> face{{30, 40}, {70, 38}, {52, 60}, {36, 82}, {66, 80}};

std::vector<cv::Point2f> mapped(const Affine& transform, std::vector<cv::Point2f> points) {
  for (cv::Point2f& point : points) point = apply(transform, point);
  return points;
}

double squared_error(const Affine& transform, const std::vector<cv::Point2f>& to) {
  double sum = 0;
  for (std::size_t i = 0; i < face.size(); ++i) {
    const cv::Point2f error = apply(transform, face[i]) - to[i];
    sum += error.dot(error);
  }
  return sum;
}

Affine turn(double degrees, double scale, double x, double y) {
  const double angle = degrees * CV_PI / 180;
  return Affine(cv::Matx23d(scale * std::cos(angle), -scale * std::sin(angle), x,
                            scale * std::sin(angle), scale * std::cos(angle), y));
}

}  // namespace

TEST(Roll, IsTheAngleBetweenTheEyesAndIsUndoneByTurning) {
  EXPECT_TRUE(std::isnan(roll_of({})));
  const cv::Point2f middle(50, 60);
  for (const double degrees : {-170., -30., 0., 45.}) {
    Landmarks landmarks{LandmarkScheme::Eyes, mapped(turn(degrees, 2, 7, 3), {{30, 40}, {70, 40}})};
    const float roll = roll_of(landmarks);
    EXPECT_NEAR(roll, degrees, 1e-3);
    const Affine upright = after_turning(turn(0, 1, 0, 0), middle, roll);
    landmarks.points = mapped(upright, landmarks.points);
    EXPECT_NEAR(roll_of(landmarks), 0, 1e-3);
    EXPECT_LT(cv::norm(apply(upright, middle) - middle), 1e-4);
  }
}

TEST(Similarity, IsFoundExactlyWhereThereIsOne) {
  for (const double degrees : {0., 30., -75., 180.}) {
    const Affine truth = turn(degrees, 0.37, 12, -5);
    const auto found = estimate_similarity(face, mapped(truth, face));
    ASSERT_TRUE(found);
    EXPECT_LT(cv::norm(*found - truth), 1e-4) << degrees;
  }
}

TEST(Similarity, HasTheLeastSquaredError) {
  std::vector<cv::Point2f> to = mapped(turn(20, 1.3, 4, 9), face);
  for (std::size_t i = 0; i < to.size(); ++i)
    to[i] += cv::Point2f(i % 2 ? 3.f : -2.f, i % 3 ? 1.f : -4.f);
  const auto best = estimate_similarity(face, to);
  ASSERT_TRUE(best);
  const double least = squared_error(*best, to);
  EXPECT_GT(least, 1);
  for (const double step : {-0.01, 0.01}) {
    for (int parameter = 0; parameter < 4; ++parameter) {
      Affine other = *best;  // a b x / -b a y
      const auto change = static_cast<float>(parameter < 2 ? step : step * 20);
      if (parameter == 0) other(0, 0) += change, other(1, 1) += change;
      if (parameter == 1) other(0, 1) -= change, other(1, 0) += change;
      if (parameter == 2) other(0, 2) += change;
      if (parameter == 3) other(1, 2) += change;
      EXPECT_GT(squared_error(other, to), least);
    }
  }
}

TEST(Similarity, NeverMirrors) {
  std::vector<cv::Point2f> mirrored = face;
  for (cv::Point2f& point : mirrored) point.x = -point.x;
  const auto found = estimate_similarity(face, mirrored);
  ASSERT_TRUE(found);
  EXPECT_GT((*found)(0, 0) * (*found)(1, 1) - (*found)(0, 1) * (*found)(1, 0), 0);
}

TEST(Similarity, IsEmptyWherePointsCoincideOrAreNotFinite) {
  const std::vector<cv::Point2f> same(5, {3, 4});
  EXPECT_FALSE(estimate_similarity(same, face));
  EXPECT_FALSE(estimate_similarity(face, same));
  std::vector<cv::Point2f> broken = face;
  broken[2].x = NAN;
  EXPECT_FALSE(estimate_similarity(broken, face));
  EXPECT_FALSE(estimate_similarity(face, broken));
  broken[2].x = INFINITY;
  EXPECT_FALSE(estimate_similarity(broken, face));
}

TEST(Affine, InverseTakesPointsBack) {
  const Affine transform = turn(33, 2.5, 100, -40);
  const cv::Point2f back = apply(invert(transform), apply(transform, {12, 34}));
  EXPECT_NEAR(back.x, 12, 1e-3);
  EXPECT_NEAR(back.y, 34, 1e-3);
}

TEST(Landmarks, ReduceToFiveAndToEyes) {
  Landmarks landmarks{LandmarkScheme::SixtyEight, {}};
  for (int i = 0; i < 68; ++i) landmarks.points.emplace_back(i, 2 * i);
  const auto five = five_points(landmarks);
  ASSERT_TRUE(five);
  EXPECT_EQ((*five)[0], cv::Point2f(38.5f, 77));
  EXPECT_EQ((*five)[1], cv::Point2f(44.5f, 89));
  EXPECT_EQ((*five)[2], cv::Point2f(30, 60));
  EXPECT_EQ((*five)[3], cv::Point2f(48, 96));
  EXPECT_EQ((*five)[4], cv::Point2f(54, 108));
  EXPECT_EQ((*eye_centres(landmarks))[1], (*five)[1]);

  EXPECT_EQ((*five_points({LandmarkScheme::Five, face}))[4], face[4]);
  EXPECT_EQ((*eye_centres({LandmarkScheme::Five, face}))[0], face[0]);
  EXPECT_FALSE(five_points({LandmarkScheme::Eyes, {{1, 2}, {3, 4}}}));
  EXPECT_EQ((*eye_centres({LandmarkScheme::Eyes, {{1, 2}, {3, 4}}}))[1], cv::Point2f(3, 4));
  EXPECT_FALSE(eye_centres({}));
  EXPECT_FALSE(eye_centres({LandmarkScheme::Five, {{1, 2}}}));
}

TEST(Clip, KeepsWhatLiesInTheFrame) {
  EXPECT_EQ(clip({-5, -5, 20, 30}, {100, 50}), cv::Rect2f(0, 0, 15, 25));
  EXPECT_EQ(clip({90, 40, 20, 30}, {100, 50}), cv::Rect2f(90, 40, 10, 10));
  EXPECT_EQ(clip({10, 10, 5, 5}, {100, 50}), cv::Rect2f(10, 10, 5, 5));
}

TEST(Clip, EndsAtTheFramesEdgeInAnyPrecision) {
  cv::RNG random(5);
  for (int i = 0; i < 2000; ++i) {
    const cv::Size frame(random.uniform(1, 5000), random.uniform(1, 5000));
    const cv::Rect2f box(random.uniform(0.F, static_cast<float>(frame.width)),
                         random.uniform(0.F, static_cast<float>(frame.height)), 6000, 6000);
    const cv::Rect2d clipped = clip(box, frame);
    EXPECT_LE(clipped.x + clipped.width, frame.width);
    EXPECT_LE(clipped.y + clipped.height, frame.height);
    EXPECT_NEAR(clipped.br().x, frame.width, 1e-2);
  }
}

TEST(Clip, IsEmptyWhereNothingRemains) {
  for (const cv::Rect2f& box :
       {cv::Rect2f(200, 10, 5, 5), cv::Rect2f(-10, 0, 10, 10), cv::Rect2f(1, 1, 0, 5),
        cv::Rect2f(9, 9, -3, 5), cv::Rect2f(NAN, 0, 5, 5), cv::Rect2f(0, 0, INFINITY, 5)}) {
    EXPECT_EQ(clip(box, {100, 50}).area(), 0) << box;
  }
}

TEST(Overlap, IsIntersectionOverUnion) {
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {5, 0, 10, 10}), 1.f / 3);
  EXPECT_FLOAT_EQ(overlap({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_EQ(overlap({0, 0, 10, 10}, {20, 0, 10, 10}), 0);
  EXPECT_EQ(overlap({}, {}), 0);
}
