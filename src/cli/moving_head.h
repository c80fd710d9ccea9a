// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace facerec::cli {

/// A head and shoulders, drawn so that detectors take it for a face (CV_8UC3, BGR).
cv::Mat drawn_head();

/// A face of a photo with what is around it.
cv::Mat head_of(const cv::Mat& photo, const cv::Rect2f& face);

constexpr int clip_rate = 25;  ///< frames a second

/// A second of video in which the head moves to and fro; the last frame leads to the first one. The
/// face is about three tenths of the frame's height.
std::vector<cv::Mat> moving_head(const cv::Mat& head, cv::Size frame);

}  // namespace facerec::cli
