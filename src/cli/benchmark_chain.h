// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "../match/matcher.h"
#include "../pipeline.h"
#include "measurements.h"

namespace facerec::cli {

/// What the whole chain does with a clip: detect, track, align, represent where it is due, match.
struct ChainTime {
  cv::Size frame;
  double milliseconds = 0;  ///< a frame, of the median of the clip's seconds
  int frames = 0;           ///< that were looked at,
  int faces = 0;            ///< found in them,
  int shots = 0;            ///< and represented
};

/// People who are invented, as embeddings of the recognizer's model.
std::shared_ptr<const Matcher> invented_people(const Recognizer& recognizer);

/// The chain on each of the clips, of clip_rate, one after the other.
std::vector<ChainTime> time_chain(Recognizer& recognizer,
                                  const std::shared_ptr<const Matcher>& matcher,
                                  const std::vector<std::vector<cv::Mat>>& clips, double seconds);

/// Milliseconds of one frame where so many frames a second of the clip are looked at, by as many
/// chains at once as the machine has processors, each in one thread.
ChainTime time_cameras(const RecognizerOptions& options,
                       const std::shared_ptr<const Matcher>& matcher,
                       const std::vector<cv::Mat>& clip, int analyses, double seconds);

}  // namespace facerec::cli
