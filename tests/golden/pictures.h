// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>

#include "shared_material.h"

// The pictures that golden.json describes, by pictures.py's words and made as there.

inline int triangle(int t) {
  return std::min(t % 510, 510 - t % 510);
}

inline cv::Mat waves(int seed, cv::Size size) {
  cv::Mat picture(size, CV_8UC3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int straight = triangle((3 + c) * x + (5 - c) * y + 85 * c + 40 * seed);
        const int curved = triangle(x * y / (6 + c + seed) + 60 * c);
        picture.at<cv::Vec3b>(y, x)[c] =
            static_cast<std::uint8_t>((straight + curved) * (8 - 2 * c) / 16);
      }
    }
  }
  return picture;
}

inline cv::Mat shrink(const cv::Mat& picture, int by) {
  cv::Mat small(picture.size() / by, CV_8UC3);
  for (int y = 0; y < small.rows; ++y) {
    for (int x = 0; x < small.cols; ++x) {
      const cv::Scalar sum = cv::sum(picture(cv::Rect(x * by, y * by, by, by)));
      for (int c = 0; c < 3; ++c) {
        small.at<cv::Vec3b>(y, x)[c] =
            static_cast<std::uint8_t>((static_cast<int>(sum[c]) + by * by / 2) / (by * by));
      }
    }
  }
  return small;
}

inline cv::Mat photo(const std::string& name) {
  cv::Mat image = cv::imread((shared_material() / name).string());
  if (image.empty()) throw std::runtime_error((shared_material() / name).string() + ": no photo");
  return image;
}

/// CV_8UC3. Throws where a photo is missing.
inline cv::Mat make_picture(const nlohmann::json& description) {
  if (description.contains("photo")) return photo(description["photo"]);
  const cv::Size size(description["size"][0], description["size"][1]);
  if (description.contains("formula")) return waves(description["formula"], size);
  cv::Mat canvas = cv::Mat::zeros(size, CV_8UC3);
  for (const auto& part : description["parts"]) {
    const auto& region = part["region"];
    const cv::Mat shown = shrink(
        photo(part["photo"])(cv::Rect(region[0], region[1], region[2], region[3])), part["shrink"]);
    shown.copyTo(canvas(cv::Rect({part["at"][0], part["at"][1]}, shown.size())));
  }
  return canvas;
}

/// Whether the picture can be made without the reference material.
inline bool is_formula(const nlohmann::json& description) {
  return description.contains("formula");
}
