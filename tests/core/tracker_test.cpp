// SPDX-License-Identifier: LGPL-2.1-or-later

#include "track/tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

namespace facerec {
namespace {

const cv::Size frame{640, 360};

Face face_at(double x, double y, double side, float confidence = 0.9F) {
  Face face;
  face.box = {static_cast<float>(x - side / 2), static_cast<float>(y - side / 2),
              static_cast<float>(side), static_cast<float>(side)};
  face.confidence = confidence;
  face.landmarks.scheme = LandmarkScheme::Eyes;
  face.landmarks.points = {
      {static_cast<float>(x - side / 4 - 0.5), static_cast<float>(y - side / 4 - 0.5)},
      {static_cast<float>(x + side / 4 - 0.5), static_cast<float>(y - side / 4 - 0.5)}};
  return face;
}

/// As a detector sees a face: some hundredths of its side off.
Face seen_at(double x, double y, double side, std::mt19937& random) {
  std::normal_distribution<double> noise(0, 0.02);
  return face_at(x + noise(random) * side, y + noise(random) * side,
                 side * std::exp(noise(random)));
}

std::vector<std::int64_t> ids_of(const std::vector<Sighting>& sightings) {
  std::vector<std::int64_t> ids;
  for (const Sighting& sighting : sightings) ids.push_back(sighting.track);
  return ids;
}

TEST(Assignment, HasTheLeastCostOfAll) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> cost(-2, 1);
  Assignment assignment;
  for (int round = 0; round < 300; ++round) {
    const std::size_t rows = random() % 6;
    const std::size_t columns = random() % 6;
    std::vector<std::vector<double>> costs(rows, std::vector<double>(columns));
    assignment.begin(rows, columns);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column) {
        costs[row][column] = cost(random);
        assignment.allow(row, column, costs[row][column]);
      }
    }
    double found = 0;
    std::set<std::size_t> taken;
    const std::vector<std::size_t>& column_of = assignment.solve();
    ASSERT_EQ(column_of.size(), rows);
    for (std::size_t row = 0; row < rows; ++row) {
      if (column_of[row] == Assignment::none) continue;
      EXPECT_TRUE(taken.insert(column_of[row]).second) << "a column twice";
      EXPECT_LT(costs[row][column_of[row]], 0);
      found += costs[row][column_of[row]];
    }

    // Each order of the columns, some of which stand for none.
    std::vector<std::size_t> order(columns + rows);
    std::iota(order.begin(), order.end(), 0);
    double best = 0;
    do {
      double sum = 0;
      for (std::size_t row = 0; row < rows; ++row) {
        if (order[row] < columns) sum += std::min(0.0, costs[row][order[row]]);
      }
      best = std::min(best, sum);
      std::reverse(order.begin() + static_cast<std::ptrdiff_t>(rows), order.end());
    } while (rows + columns <= 8 && std::next_permutation(order.begin(), order.end()));
    if (rows + columns <= 8) {
      EXPECT_NEAR(found, best, 1e-9);
    }
  }
}

TEST(Tracker, AFaceKeepsItsTrackAtAnyFrameRateForwardsAndBackwards) {
  for (const double rate : {1.0, 5.0, 25.0, 120.0, -25.0}) {
    Tracker tracker;
    std::mt19937 random(1);
    std::vector<Sighting> last;
    for (int i = 0; i < 100; ++i) {
      const double time = 100 + i / rate;
      // A head that sways by its own width every few seconds.
      const double x = 300 + 30 * std::sin(time * 1.5);
      last = tracker.update({seen_at(x, 180, 60, random)}, frame, time, {});
      ASSERT_EQ(last.size(), 1U);
      ASSERT_EQ(last[0].track, 0) << "frame " << i << " at " << rate << " frames a second";
    }
    EXPECT_DOUBLE_EQ(last[0].first_seen, 100);
    EXPECT_DOUBLE_EQ(last[0].last_seen, 100 + 99 / rate);
  }
}

TEST(Tracker, FacesThatCrossKeepTheirTracks) {
  Tracker tracker;
  std::mt19937 random(1);
  for (int i = 0; i <= 100; ++i) {
    const double left = 100 + 4 * i;
    const double right = 500 - 4 * i;
    std::vector<Face> faces{seen_at(left, 180, 60, random)};
    // The one behind is not seen while the other covers it.
    const bool covered = std::abs(right - left) < 45;
    if (!covered) faces.push_back(seen_at(right, 185, 60, random));
    if (i % 2 == 1) std::reverse(faces.begin(), faces.end());
    std::vector<std::int64_t> ids = ids_of(tracker.update(faces, frame, i / 25.0, {}));
    if (i % 2 == 1) std::reverse(ids.begin(), ids.end());
    EXPECT_EQ(ids[0], 0) << i;
    if (!covered) {
      EXPECT_EQ(ids[1], 1) << i;
    }
  }
}

TEST(Tracker, AGapIsBridgedAsLongAsMaxLost) {
  for (const int gap : {1, 10, 25, 26}) {
    Tracker tracker;
    std::mt19937 random(1);
    for (int i = 0; i < 50; ++i)
      tracker.update({seen_at(320, 180, 60, random)}, frame, i / 25.0, {});
    for (int i = 50; i < 50 + gap; ++i) {
      tracker.update({}, frame, i / 25.0, {});
      EXPECT_TRUE(tracker.predict(frame, (i + 0.5) / 25.0).empty()) << "a face that is lost";
    }
    const auto& sightings =
        tracker.update({seen_at(325, 182, 60, random)}, frame, (50 + gap) / 25.0, {});
    EXPECT_EQ(sightings[0].track, gap <= 25 ? 0 : 1) << gap << " frames";
  }
}

TEST(Tracker, SaysWhichTracksAnUpdateEnded) {
  Tracker tracker;
  tracker.update({face_at(100, 180, 60), face_at(300, 180, 60)}, frame, 0, {});
  tracker.update({face_at(100, 180, 60)}, frame, 0.1, {});
  EXPECT_TRUE(tracker.ended().empty()) << "one is lost";
  tracker.update({face_at(100, 180, 60)}, frame, 1.2, {});
  EXPECT_EQ(tracker.ended(), std::vector<std::int64_t>{1});
  tracker.update({}, frame, 1.3, {});
  EXPECT_TRUE(tracker.ended().empty());
  tracker.clear();
  EXPECT_EQ(tracker.ended(), std::vector<std::int64_t>{0});
}

TEST(Tracker, WhoLeavesTheFrameHasLeft) {
  Tracker tracker;
  bool was_cut = false;
  int i = 0;
  for (; 500 + 6 * i < 640; ++i) {
    Face face = face_at(500 + 6 * i, 180, 60);
    face.box = clip(face.box, frame);
    const auto& sightings = tracker.update({face}, frame, i / 25.0, {});
    EXPECT_EQ(sightings[0].track, 0);
    was_cut = sightings[0].cut;
    EXPECT_EQ(was_cut, 500 + 6 * i + 30 > 639);
  }
  EXPECT_TRUE(was_cut);
  // Gone; then somebody comes in at the same place, sooner than max_lost.
  for (int end = i + 10; i < end; ++i) tracker.update({}, frame, i / 25.0, {});
  EXPECT_EQ(tracker.update({face_at(600, 180, 60)}, frame, i / 25.0, {})[0].track, 1);
}

TEST(Tracker, AWeakFaceOnlyContinuesATrack) {
  TrackOptions options;
  options.start_threshold = 0.5F;
  Tracker tracker;
  EXPECT_EQ(tracker.update({face_at(300, 180, 60, 0.3F)}, frame, 0, options)[0].track, -1);
  EXPECT_EQ(tracker.update({face_at(300, 180, 60, 0.7F)}, frame, 0.04, options)[0].track, 0);
  EXPECT_EQ(tracker.update({face_at(301, 180, 60, 0.3F)}, frame, 0.08, options)[0].track, 0);
  // The sure one is preferred, though the weak one lies nearer.
  const std::vector<Face> both{face_at(301, 180, 60, 0.3F), face_at(310, 180, 60, 0.7F)};
  EXPECT_EQ(ids_of(tracker.update(both, frame, 0.12, options)), (std::vector<std::int64_t>{-1, 0}));
}

TEST(Tracker, PredictsBoxesAndLandmarksBetweenTheFramesThatWereAnalysed) {
  Tracker tracker;
  std::mt19937 random(1);
  double sum = 0;
  int count = 0;
  for (int i = 0; i <= 60; ++i) {
    const double time = i / 25.0;
    const double x = 100 + 3 * i;
    if (i % 5 == 0) {
      tracker.update({face_at(20, 20, 30), seen_at(x, 180, 60, random)}, frame, time, {});
      continue;
    }
    const std::vector<PredictedFace> predicted = tracker.predict(frame, time);
    ASSERT_EQ(predicted.size(), 2U);
    const PredictedFace& moving = predicted[1];
    EXPECT_EQ(moving.sighting.track, 1);
    EXPECT_EQ(moving.last_index, 1U);
    EXPECT_DOUBLE_EQ(moving.sighting.last_seen, (i - i % 5) / 25.0);
    if (i < 15) continue;
    const Face expected = face_at(x, 180, 60);
    const float shared = overlap(moving.face.box, expected.box);
    EXPECT_GT(shared, 0.7F) << i;
    sum += shared;
    ++count;
    ASSERT_EQ(moving.face.landmarks.points.size(), 2U);
    for (std::size_t p = 0; p < 2; ++p) {
      const cv::Point2f off = moving.face.landmarks.points[p] - expected.landmarks.points[p];
      EXPECT_LT(std::hypot(off.x, off.y), 10) << i;
    }
  }
  EXPECT_GT(sum / count, 0.85);
}

TEST(Tracker, ClearEndsAllTracksAndUsesNoIdTwice) {
  Tracker tracker;
  tracker.update({face_at(100, 100, 40), face_at(300, 100, 40)}, frame, 0, {});
  tracker.clear();
  EXPECT_TRUE(tracker.predict(frame, 0.01).empty());
  EXPECT_EQ(tracker.update({face_at(100, 100, 40)}, frame, 0.04, {})[0].track, 2);
}

TEST(Tracker, HoldsTwoHundredFacesApart) {
  Tracker tracker;
  std::mt19937 random(1);
  std::vector<std::int64_t> first;
  for (int i = 0; i < 20; ++i) {
    std::vector<Face> faces;
    for (int f = 0; f < 200; ++f)
      faces.push_back(seen_at(20 + 30 * (f % 20) + i % 5, 20 + 33 * (f / 20), 24, random));
    const std::vector<std::int64_t> ids = ids_of(tracker.update(faces, frame, i / 25.0, {}));
    if (i == 0) first = ids;
    EXPECT_EQ(ids, first) << i;
  }
  EXPECT_EQ(std::set<std::int64_t>(first.begin(), first.end()).size(), 200U);
}

}  // namespace
}  // namespace facerec
