// SPDX-License-Identifier: LGPL-2.1-or-later

#include "moving_head.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace facerec::cli {

namespace {

constexpr int side = 512;  ///< of the drawing
constexpr double softness = 4;

const cv::Scalar backdrop(110, 120, 110), cloth(90, 60, 50), hair(30, 40, 55), skin(140, 170, 215),
    shade(115, 145, 190), dark(40, 50, 70), white(225, 230, 232), black(10, 10, 10),
    lips(90, 95, 170), slit(50, 50, 100);

void fill_ellipse(cv::Mat& picture, cv::Point middle, cv::Size half, const cv::Scalar& colour) {
  cv::ellipse(picture, middle, half, 0, 0, 360, colour, cv::FILLED, cv::LINE_AA);
}

/// The part of an ellipse between two angles, clockwise from the right.
void draw_arc(cv::Mat& picture, cv::Point middle, cv::Size half, int from, int to,
              const cv::Scalar& colour, int width) {
  cv::ellipse(picture, middle, half, 0, from, to, colour, width, cv::LINE_AA);
}

void draw_eye(cv::Mat& picture, int x) {
  fill_ellipse(picture, {x, 228}, {38, 24}, shade);
  fill_ellipse(picture, {x, 232}, {24, 11}, white);
  fill_ellipse(picture, {x, 232}, {10, 10}, dark);
  fill_ellipse(picture, {x, 232}, {5, 5}, black);
  draw_arc(picture, {x, 236}, {26, 16}, 195, 345, dark, 4);
  draw_arc(picture, {x, 216}, {34, 16}, 200, 340, hair, 9);
}

void draw_nose(cv::Mat& picture) {
  fill_ellipse(picture, {256, 298}, {28, 13}, shade);
  fill_ellipse(picture, {244, 303}, {7, 4}, dark);
  fill_ellipse(picture, {268, 303}, {7, 4}, dark);
}

/// Brighter on the left.
void light(cv::Mat& picture) {
  for (int x = 0; x < picture.cols; ++x) picture.col(x) *= 1.1 - 0.35 * x / picture.cols;
}

/// A wall that is not of one colour, with the noise of a camera.
cv::Mat background(cv::Size frame) {
  cv::Mat picture(frame, CV_8UC3);
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      const double level =
          90 + 60 * std::sin(5. * x / frame.width) * std::cos(4. * y / frame.height);
      picture.at<cv::Vec3b>(y, x) = cv::Vec3b::all(cv::saturate_cast<uchar>(level));
    }
  }
  cv::Mat noise(frame, CV_8UC3);
  cv::RNG(1).fill(noise, cv::RNG::UNIFORM, 0, 9);
  return picture + noise;
}

}  // namespace

cv::Mat drawn_head() {
  cv::Mat picture(side, side, CV_8UC3, backdrop);
  fill_ellipse(picture, {256, 530}, {200, 110}, cloth);
  cv::rectangle(picture, cv::Rect(205, 370, 103, 101), shade, cv::FILLED);
  fill_ellipse(picture, {256, 215}, {150, 175}, hair);
  fill_ellipse(picture, {128, 260}, {18, 36}, shade);
  fill_ellipse(picture, {384, 260}, {18, 36}, shade);
  fill_ellipse(picture, {256, 260}, {124, 165}, skin);
  fill_ellipse(picture, {256, 110}, {115, 48}, hair);
  draw_eye(picture, 204);
  draw_eye(picture, 308);
  draw_nose(picture);
  fill_ellipse(picture, {256, 348}, {46, 15}, lips);
  draw_arc(picture, {256, 345}, {46, 5}, 0, 180, slit, 4);
  light(picture);
  cv::GaussianBlur(picture, picture, {}, softness);
  return picture;
}

cv::Mat head_of(const cv::Mat& photo, const cv::Rect2f& face) {
  const float around = 0.3F;
  const cv::Point2f by(around * face.width, around * face.height);
  return photo(cv::Rect(cv::Rect2f(face.tl() - by, face.br() + by)) & cv::Rect({}, photo.size()));
}

std::vector<cv::Mat> moving_head(const cv::Mat& head, cv::Size frame) {
  const double part = 0.47;   // of the frame's height
  const double swing = 0.05;  // of its width, to either side
  const double circle = 2 * CV_PI;
  const double scale = std::min(part * frame.height / head.rows, part * frame.width / head.cols);
  cv::Mat small;
  cv::resize(head, small, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  const cv::Mat wall = background(frame);
  const cv::Point middle = (cv::Point(frame) - cv::Point(small.size())) / 2;
  std::vector<cv::Mat> clip;
  for (int i = 0; i < clip_rate; ++i) {
    const double phase = circle * i / clip_rate;
    const cv::Point by(cvRound(swing * frame.width * std::sin(phase)),
                       cvRound(swing * frame.height * std::sin(2 * phase)));
    clip.push_back(wall.clone());
    small.copyTo(clip.back()(cv::Rect(middle + by, small.size())));
  }
  return clip;
}

}  // namespace facerec::cli
