// SPDX-License-Identifier: LGPL-2.1-or-later

// facerec-detect on every tenth photo of Labeled Faces in the Wild: its points against YuNet's,
// and whether large faces are found once and faces that are turned in the plane come out upright.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <opencv2/imgproc.hpp>
#include <set>

#include "align/align.h"
#include "cli/image.h"
#include "detect/detector.h"
#include "lfw_photos.h"
#include "pipeline.h"

using namespace facerec;

namespace {

std::vector<cv::Mat> photos() {
  std::set<std::filesystem::path> files;
  for (const LabelledPair& pair : lfw_pairs(all_folds)) files.insert({pair.a, pair.b});
  std::vector<cv::Mat> result;
  std::size_t index = 0;
  for (const auto& file : files) {
    if (index++ % 10 == 0) result.push_back(cli::read_image(file));
  }
  return result;
}

/// The most prominent face.
std::optional<Face> main_face(Detector& detector, const cv::Mat& photo) {
  const FrameView frame = view_of(photo);
  DetectOptions options;
  options.detect_size = std::max(photo.cols, photo.rows);
  const std::vector<Face> faces = detector.detect(frame, options);
  const auto best = std::max_element(faces.begin(), faces.end(), [&](const Face& a, const Face& b) {
    return prominence(a.box, frame.size()) < prominence(b.box, frame.size());
  });
  return best == faces.end() ? std::nullopt : std::optional(*best);
}

using Points = std::vector<cv::Point2f>;

/// The face's points in the photo's pixels as the detector sees them in a mirrored or larger photo.
std::optional<Points> points_at(Detector& detector, const cv::Mat& photo, double scale,
                                bool mirrored) {
  cv::Mat seen;
  cv::resize(photo, seen, {}, scale, scale, cv::INTER_CUBIC);
  if (mirrored) cv::flip(seen, seen, 1);
  const std::optional<Face> face = main_face(detector, seen);
  if (!face) return std::nullopt;
  Points points = face->landmarks.points;
  if (mirrored) {
    std::swap(points[0], points[1]);
    std::swap(points[3], points[4]);
    for (cv::Point2f& point : points) point.x = static_cast<float>(seen.cols) - point.x;
  }
  for (cv::Point2f& point : points) point /= scale;
  return points;
}

std::unique_ptr<Detector> detector(const std::string& name) {
  return make_detector(find_model(name, Role::Detector));
}

class LfwDetector : public testing::Test {
 protected:
  void SetUp() override {
    if (lfw_pairs(1).empty()) GTEST_SKIP() << "no reference material: FACEREC_SHARED is not set";
  }
};

double distance(const Points& a, const Points& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += cv::norm(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

Points mean(const std::vector<Points>& looks) {
  Points result(looks.front().size());
  for (const Points& points : looks) {
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] += points[i] / static_cast<double>(looks.size());
  }
  return result;
}

// Points of one of YuNet's looks lie .05 to .08 of the eyes' distance beside the mean of its
// others, at more sizes and at the mirrored photo: so the mean of all tells how good points are.
TEST_F(LfwDetector, PointsLieNearYuNets) {
  const auto own = detector("facerec-detect"), yunet = detector("yunet");
  double off = 0, off_first = 0, first_off = 0;
  int faces = 0, looked_at = 0, missing = 0;
  for (const cv::Mat& photo : photos()) {
    const auto found = points_at(*own, photo, 1, false), first = points_at(*yunet, photo, 1, false);
    if (!first) continue;
    if (!found) {
      ++missing;
      continue;
    }
    off_first += distance(*found, *first) / cv::norm((*first)[0] - (*first)[1]);
    ++faces;

    std::vector<Points> others;
    for (const auto& [scale, mirrored] :
         {std::pair{1., true}, {2., false}, {2., true}, {3., false}, {3., true}}) {
      const auto points = points_at(*yunet, photo, scale, mirrored);
      if (points) others.push_back(*points);
    }
    if (others.size() < 5) continue;
    const Points other = mean(others);
    others.push_back(*first);
    const Points all = mean(others);
    const double eyes = cv::norm(all[0] - all[1]);
    if (distance(*first, other) > eyes / 2) continue;  // another face
    off += distance(*found, all) / eyes;
    first_off += distance(*first, other) / eyes;
    ++looked_at;
  }
  std::cout << "facerec-detect's points, in shares of the eyes' distance: " << off / looked_at
            << " from the mean of six looks of YuNet, " << off_first / faces
            << " from the first; the first from the others' mean " << first_off / looked_at << "; "
            << faces << " faces, " << missing << " not found\n";
  EXPECT_LE(off / looked_at, 0.04);
  EXPECT_LE(off_first / faces, 0.12);
  EXPECT_LE(missing, 1);
}

// A face that fills the picture is larger than any that the network learnt from.
TEST_F(LfwDetector, LargeFacesAreFoundOnce) {
  const auto own = detector("facerec-detect");
  int photos_seen = 0, found = 0, twice = 0;
  for (const cv::Mat& photo : photos()) {
    cv::Mat large;
    cv::resize(photo(cv::Rect(25, 25, 200, 200)), large, {640, 640}, 0, 0, cv::INTER_CUBIC);
    const std::vector<Face> faces = own->detect(view_of(large), {});
    ++photos_seen;
    found += !faces.empty();
    twice += std::any_of(faces.begin(), faces.end(), [&](const Face& part) {
      return std::any_of(faces.begin(), faces.end(), [&](const Face& whole) {
        return &part != &whole && (part.box & whole.box).area() > part.box.area() / 2;
      });
    });
  }
  std::cout << "faces of more than half the picture's height: found in " << found << " of "
            << photos_seen << ", a part of one besides in " << twice << '\n';
  EXPECT_GE(found, 0.98 * photos_seen);
  EXPECT_LE(twice, 0.01 * photos_seen);
}

TEST_F(LfwDetector, TurnedFacesComeOutUpright) {
  const auto own = detector("facerec-detect");
  LandmarkStage landmarks("auto", false);
  const auto roll = [&](const cv::Mat& photo) {
    std::optional<Face> face = main_face(*own, photo);
    if (!face) return static_cast<double>(NAN);
    landmarks.place(view_of(photo), *face);
    const auto alignment = align(*face, "arcface", {112, 112}, 0);
    if (!alignment) return static_cast<double>(NAN);
    return std::atan2(-alignment->transform(1, 0), alignment->transform(0, 0)) * 180 / CV_PI;
  };
  for (const double degrees : {-30., 30.}) {
    double sum = 0;
    int upright = 0, faces = 0;
    for (const cv::Mat& photo : photos()) {
      const double turn = roll(turned(photo, degrees)) - roll(photo);
      ++faces;
      if (std::isnan(turn)) continue;
      sum += std::abs(turn - degrees);
      upright += std::abs(turn - degrees) < 10;
    }
    std::cout << "turned by " << degrees << ": off by " << sum / faces
              << " degrees, within 10: " << upright << " of " << faces << '\n';
    EXPECT_GE(upright, 0.97 * faces);
  }
}

}  // namespace
