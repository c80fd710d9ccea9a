// SPDX-License-Identifier: LGPL-2.1-or-later

#include "video.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <opencv2/core/version.hpp>

#include "../error.h"
#include "../readable_file.h"

namespace facerec::cli {

namespace {

constexpr double usual_rate = 25;  ///< where the file does not say
constexpr double greatest_rate = 1000;
constexpr double most_frames = 1e9;  ///< a year; greater counts are mistaken
// A video that is shorter than its file says by more than both is damaged.
constexpr double most_missing = 0.1;  ///< part of the frames
constexpr double most_missing_seconds = 1;

/// OpenCV 4.6 turns what stands on a side the wrong way (its issue 22088).
constexpr bool turns_wrongly = CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR == 6;

}  // namespace

Video::Video(const std::string& file) : file_(file) {
  require_readable(file, "name a video file");
  setenv("OPENCV_FFMPEG_LOGLEVEL", "-8", 0);  // its complaints become a sentence of this program
  // Absolute, so that FFmpeg does not take "a:b.mp4" for an address.
  if (!capture_.open(std::filesystem::absolute(file).string(), cv::CAP_FFMPEG)) {
    throw Error(ErrorCode::Read, "'" + file +
                                     "' is no video that OpenCV can read, or is damaged; convert "
                                     "it to MP4, or copy it anew");
  }
  capture_.set(cv::CAP_PROP_ORIENTATION_AUTO, 1);
  const int turn = cvRound(capture_.get(cv::CAP_PROP_ORIENTATION_META));
  upside_down_ = turns_wrongly && (turn == 90 || turn == 270);
  rate_ = capture_.get(cv::CAP_PROP_FPS);
  if (!(rate_ > 0 && rate_ <= greatest_rate)) rate_ = usual_rate;
  const double count = capture_.get(cv::CAP_PROP_FRAME_COUNT);
  if (count >= 1 && count <= most_frames) stated_ = static_cast<std::size_t>(count);
}

bool Video::next() {
  if (!capture_.grab()) {
    if (is_complete()) return false;
    throw Error(ErrorCode::Read,
                "video '" + file_ + "' ends after " + std::to_string(frames_) + " of " +
                    std::to_string(stated_) +
                    " frames, so it is damaged; copy it anew, or write what is left of it into "
                    "an MP4 file with `ffmpeg -i VIDEO -c copy NEW.mp4`");
  }
  const double stated = capture_.get(cv::CAP_PROP_POS_MSEC) / 1000;
  const bool advances = frames_ == 0 ? stated >= 0 : stated > time_;
  if (advances) {
    time_ = stated;
  } else if (frames_ > 0) {
    time_ += 1 / rate_;
  }
  ++frames_;
  return true;
}

// The count is the file's own, or a guess by its length, which may be that of the sound, and its
// rate, which may vary.
bool Video::is_complete() const {
  if (frames_ == 0) return false;
  const auto stated = static_cast<double>(stated_);
  const double frames_missing = stated - static_cast<double>(frames_);
  const double seconds_missing = std::min(stated / rate_ - time_, frames_missing / rate_);
  return frames_missing <= most_missing * stated || seconds_missing <= most_missing_seconds;
}

cv::Mat Video::picture() {
  cv::Mat picture;
  if (!capture_.retrieve(picture) || picture.type() != CV_8UC3) {
    throw Error(ErrorCode::Read, "frame " + std::to_string(frames_) + " of video '" + file_ +
                                     "' cannot be decoded; convert it to MP4, or copy it anew");
  }
  if (upside_down_) cv::rotate(picture, picture, cv::ROTATE_180);
  return picture;
}

}  // namespace facerec::cli
