// SPDX-License-Identifier: LGPL-2.1-or-later

#include "../../src/detect/tiles.h"

#include "detector_fixtures.h"
#include "evaluate/boxes.h"
#include "evaluate/detection.h"
#include "frame_painter.h"
#include "sampled.h"

namespace facerec {
namespace {

using test::scale_to_bgr;
using test::scale_to_gray;

TEST(Tiles, OnlyAsManyAsShowAllPixels) {
  EXPECT_EQ(useful_tiles({640, 480}, 4, 640), 1) << "a small frame is not blown up";
  EXPECT_EQ(useful_tiles({641, 480}, 4, 640), 2);
  EXPECT_EQ(useful_tiles({1024, 768}, 4, 640), 2);
  EXPECT_EQ(useful_tiles({3840, 2160}, 4, 640), 4);
  EXPECT_EQ(useful_tiles({3840, 2160}, 16, 640), 8);
  EXPECT_EQ(useful_tiles({3840, 2160}, 1, 640), 1);
}

TEST(Tiles, CoverTheFrameAndShareAQuarter) {
  for (const cv::Size frame : {cv::Size(1920, 1080), cv::Size(1001, 777), cv::Size(645, 33)}) {
    for (const int tiles : {2, 3, 5}) {
      const std::vector<cv::Rect> grid = tile_grid(frame, tiles, 300);
      ASSERT_EQ(grid.size(), static_cast<std::size_t>(tiles * tiles));
      EXPECT_EQ(grid.front().tl(), cv::Point(0, 0));
      EXPECT_EQ(grid.back().br(), cv::Point(frame));
      for (const cv::Rect& tile : grid) {
        EXPECT_EQ(tile.size(), grid.front().size());
        EXPECT_EQ(tile.x % 2 + tile.y % 2, 0);
        EXPECT_GE(tile.width, std::min(300, frame.width));
        EXPECT_GE(tile.height, std::min(300, frame.height));
      }
      for (int i = 1; i < tiles; ++i) {
        EXPECT_GE(grid[i - 1].br().x - grid[i].x, grid[i].width / 4 - 2);
        const cv::Rect &above = grid[(i - 1) * tiles], below = grid[i * tiles];
        EXPECT_GE(above.br().y - below.y, below.height / 4 - 2);
      }
    }
  }
}

TEST(Tiles, APartOfAFrameHasItsPixels) {
  cv::Mat picture(48, 64, CV_8UC3);
  cv::randu(picture, 0, 256);
  const cv::Rect part(18, 10, 31, 25);
  for (const PixelFormat* format : test::all_formats) {
    const test::OwnedFrame frame = test::paint(picture, format, 5);
    const cv::Mat whole = scale_to_gray(frame.view(), picture.size());
    const cv::Mat cut = scale_to_gray(part_of(frame.view(), part), part.size());
    EXPECT_EQ(cv::norm(whole(part), cut, cv::NORM_INF), 0) << test::name_of(format);
    // Away from the edges, where colour is interpolated from outside of the part.
    const cv::Rect inner(4, 4, part.width - 8, part.height - 8);
    const cv::Mat colours = scale_to_bgr(frame.view(), picture.size());
    const cv::Mat cut_colours = scale_to_bgr(part_of(frame.view(), part), part.size());
    EXPECT_LE(cv::norm(colours(inner + part.tl()), cut_colours(inner), cv::NORM_INF), 2)
        << test::name_of(format);
  }
}

/// Sees of one face what lies in the view, where that is a third of it or more.
class OneFace {
 public:
  OneFace(const cv::Mat& picture, const cv::Rect2f& face) : picture_(picture), face_(face) {}

  std::vector<Face> operator()(const FrameView& view) const {
    const std::ptrdiff_t bytes = view.planes[0].data - picture_.data;
    const auto stride = static_cast<std::ptrdiff_t>(picture_.step[0]);
    const cv::Point2f corner(static_cast<float>(bytes % stride / 3),
                             static_cast<float>(bytes / stride));
    const cv::Rect2f seen = clip(face_ - corner, view.size());
    if (seen.area() < face_.area() / 3) return {};
    // What is cut may look surer than the whole.
    return {{seen, 0.9F - 0.3F * seen.area() / face_.area(), {}}};
  }

 private:
  const cv::Mat& picture_;
  cv::Rect2f face_;
};

TEST(Tiles, AFaceAtASeamIsFoundOnceAndWhole) {
  const cv::Mat picture = cv::Mat::zeros(500, 800, CV_8UC3);
  const FrameView frame = view_of(picture);
  const std::vector<cv::Rect> grid = tile_grid(picture.size(), 3, 300);
  for (float side : {12.F, 40.F, 200.F}) {
    for (float y = 3; y + side < 500; y += 23) {
      for (float x = 3; x + side < 800; x += 7) {
        const cv::Rect2f truth(x, y, side, side);
        const OneFace finder(picture, truth);
        const auto faces = find_in_tiles(frame, grid, finder);
        ASSERT_EQ(faces.size(), 1U) << truth;
        ASSERT_GT(overlap(faces[0].box, truth), 0.99F) << truth << faces[0].box;
      }
    }
  }
}

class TilesOnPhotographs : public DetectorTest {};

TEST_F(TilesOnPhotographs, ShowSmallFacesEachOnce) {
  const std::string name = "12_Group_Team_Organized_Group_12_Group_Team_Organized_Group_12_418.jpg";
  const auto wider = shared_material() / "eval/wider";
  const auto truth = read_boxes(wider / "boxes.csv").at(name);
  const cv::Mat photo = cv::imread(wider / "images" / name);
  for (const char* model : {"yunet", "rfb", "ssd"}) {
    const auto detector = make(model);
    DetectOptions options;
    options.threshold = 0.6F;
    const auto whole = detector->detect(view_of(photo), options);
    options.tiles = 3;
    const auto tiled = detector->detect(view_of(photo), options);
    const auto right = [&](const std::vector<Face>& faces) {
      return score_detections({{faces, truth}}, 0.4, 0).recall.hits;
    };
    std::cout << model << ": " << right(whole) << " of " << truth.size() << " faces, in tiles "
              << right(tiled) << '\n';
    EXPECT_GT(right(tiled), right(whole)) << model;
    for (std::size_t i = 0; i < tiled.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) EXPECT_LT(overlap(tiled[i].box, tiled[j].box), 0.5F);
    }
  }
}

}  // namespace
}  // namespace facerec
