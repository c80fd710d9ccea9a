// SPDX-License-Identifier: LGPL-2.1-or-later

#include "cells.h"

#include <opencv2/dnn.hpp>

#include "../sampling.h"

namespace facerec {
namespace {

int round_up(int value, int step) {
  return (value + step - 1) / step * step;
}

}  // namespace

PaddedPicture padded_picture(const FrameView& frame, cv::Size content, int coarsest) {
  const cv::Size whole{round_up(content.width, coarsest), round_up(content.height, coarsest)};
  if (content == whole) return {scale_to_bgr(frame, content), content};
  PaddedPicture picture{cv::Mat::zeros(whole, CV_8UC3), content};
  scale_to_bgr(frame, content).copyTo(picture.pixels(cv::Rect({}, content)));
  return picture;
}

void CellFinds::clear() {
  boxes_.clear();
  scores_.clear();
  landmarks_.clear();
}

void CellFinds::add(float score, const cv::Rect2d& box, const Landmarks& landmarks) {
  boxes_.push_back(box);
  scores_.push_back(score);
  landmarks_.push_back(landmarks);
}

std::vector<Face> CellFinds::best(const cv::Size& content, const cv::Size& frame,
                                  float overlap) const {
  std::vector<int> kept;
  cv::dnn::NMSBoxes(boxes_, scores_, 0.F, overlap, kept);
  const float scale_x = static_cast<float>(frame.width) / static_cast<float>(content.width);
  const float scale_y = static_cast<float>(frame.height) / static_cast<float>(content.height);
  std::vector<Face> faces;
  for (const int index : kept) {
    const cv::Rect2f box = boxes_[index];
    faces.push_back({{box.x * scale_x, box.y * scale_y, box.width * scale_x, box.height * scale_y},
                     scores_[index],
                     landmarks_[index]});
    for (cv::Point2f& point : faces.back().landmarks.points) {
      point = {point.x * scale_x, point.y * scale_y};
    }
  }
  return faces;
}

}  // namespace facerec
