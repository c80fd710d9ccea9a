// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/videoio.hpp>
#include <string>

namespace facerec::cli {

/// The frames of a video file, one after the other.
class Video {
 public:
  /// Throws Error (NotFound, Read) that names the file.
  explicit Video(const std::string& file);

  /// Goes on to the next frame, at first to the first one; false behind the last one. Throws Error
  /// (Read) where the file ends long before the video does.
  bool next();
  /// The frame as BGR (CV_8UC3), turned as the file says. Throws Error (Read).
  cv::Mat picture();

  double time() const { return time_; }                  ///< of the frame, seconds
  std::size_t frames() const { return frames_; }         ///< that were gone on to
  std::size_t stated_frames() const { return stated_; }  ///< 0 where the file does not say

 private:
  bool is_complete() const;

  std::string file_;
  cv::VideoCapture capture_;
  bool upside_down_ = false;  ///< as OpenCV hands out the pictures
  double rate_ = 0;           ///< frames a second
  std::size_t stated_ = 0;
  std::size_t frames_ = 0;
  double time_ = 0;
};

}  // namespace facerec::cli
