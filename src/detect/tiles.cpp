// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tiles.h"

#include <algorithm>
#include <cmath>

namespace facerec {
namespace {

constexpr double shared_part = 0.25;       // of a tile's side, with its neighbour
constexpr float same_face_overlap = 0.3F;  // as the methods suppress within a picture
constexpr float edge_part = 0.05F;         // of a face's side: nearer to an edge it may be cut

struct Span {
  int start, length;
};

/// Along one side of a frame.
std::vector<Span> spans(int frame, int tiles, int side) {
  if (tiles < 2) return {{0, frame}};
  const double parts = tiles - (tiles - 1) * shared_part;
  int length = std::max(std::min(side, frame), cvCeil(frame / parts));
  length += (frame - length) % 2;  // so that the last one starts at an even place
  std::vector<Span> result(static_cast<std::size_t>(tiles));
  for (int i = 0; i < tiles; ++i) {
    result.at(i) = {(frame - length) * i / (tiles - 1) / 2 * 2, length};
  }
  return result;
}

/// Whether the inner edge of a tile may cut the face.
bool is_cut(const cv::Rect2f& box, const cv::Rect& tile, cv::Size frame) {
  const float near = edge_part * std::max(box.width, box.height);
  const auto width = static_cast<float>(tile.width);
  const auto height = static_cast<float>(tile.height);
  return (tile.x > 0 && box.x < near) || (tile.y > 0 && box.y < near) ||
         (tile.br().x < frame.width && box.br().x > width - near) ||
         (tile.br().y < frame.height && box.br().y > height - near);
}

void move_by(Face& face, cv::Point2f offset) {
  face.box += offset;
  for (cv::Point2f& point : face.landmarks.points) point += offset;
}

}  // namespace

int useful_tiles(cv::Size frame, int tiles, int side) {
  const double pictures = static_cast<double>(std::max(frame.width, frame.height)) / side;
  const int needed = cvCeil((pictures - shared_part) / (1 - shared_part));
  return std::clamp(needed, 1, std::max(tiles, 1));
}

std::vector<cv::Rect> tile_grid(cv::Size frame, int tiles, int side) {
  std::vector<cv::Rect> grid;
  for (const Span& row : spans(frame.height, tiles, side)) {
    for (const Span& column : spans(frame.width, tiles, side)) {
      grid.emplace_back(column.start, row.start, column.length, row.length);
    }
  }
  return grid;
}

std::vector<Face> find_in_tiles(const FrameView& frame, const std::vector<cv::Rect>& tiles,
                                const Find& find) {
  struct Seen {
    Face face;
    std::size_t view;
  };
  std::vector<Seen> seen;
  for (Face& face : find(frame)) {
    if (!std::isnan(face.confidence)) seen.push_back({std::move(face), 0});
  }
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    for (Face& face : find(part_of(frame, tiles[i]))) {
      if (std::isnan(face.confidence) || is_cut(face.box, tiles[i], frame.size())) continue;
      move_by(face, tiles[i].tl());
      seen.push_back({std::move(face), i + 1});
    }
  }

  std::stable_sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
    return a.face.confidence > b.face.confidence;
  });
  std::vector<Seen> kept;
  for (Seen& candidate : seen) {
    // Within one picture the method has suppressed doubles itself.
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Seen& better) {
      return better.view != candidate.view &&
             overlap(better.face.box, candidate.face.box) > same_face_overlap;
    });
    if (!known) kept.push_back(std::move(candidate));
  }
  std::vector<Face> faces;
  faces.reserve(kept.size());
  for (Seen& entry : kept) faces.push_back(std::move(entry.face));
  return faces;
}

}  // namespace facerec
