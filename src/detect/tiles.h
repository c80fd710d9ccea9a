// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <vector>

#include "../face.h"
#include "../frame_view.h"

namespace facerec {

using Find = std::function<std::vector<Face>(const FrameView& frame)>;

/// How many tiles along each side show a method everything that a frame has: as many as are asked
/// for, but not more than it takes until none is larger than `side`, the longer side in pixels of
/// the picture that the method sees. 1 where the frame is not larger than that.
int useful_tiles(cv::Size frame, int tiles, int side);

/// `tiles` x `tiles` parts of a frame of one size, row by row. Neighbours share at least a quarter
/// of it, so that a face up to that size is whole in one of them. No part is smaller than `side`
/// where the frame is not. Corners lie at even coordinates, which spares subsampled colour a warp.
std::vector<cv::Rect> tile_grid(cv::Size frame, int tiles, int side);

/// What `find` sees in the whole frame and in each of its tiles, each face once: faces that a
/// tile's inner edge cuts are left to its neighbours and to the whole frame, and of those that
/// overlap the most confident remains.
std::vector<Face> find_in_tiles(const FrameView& frame, const std::vector<cv::Rect>& tiles,
                                const Find& find);

}  // namespace facerec
