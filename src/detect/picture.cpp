// SPDX-License-Identifier: LGPL-2.1-or-later

#include "picture.h"

namespace facerec {

cv::Point2f rescale(cv::Point2f point, cv::Size from, cv::Size to) {
  return {point.x * static_cast<float>(to.width) / static_cast<float>(from.width),
          point.y * static_cast<float>(to.height) / static_cast<float>(from.height)};
}

cv::Rect2f rescale(const cv::Rect2f& box, cv::Size from, cv::Size to) {
  return {rescale(box.tl(), from, to), rescale(box.br(), from, to)};
}

}  // namespace facerec
