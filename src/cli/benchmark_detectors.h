// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "../detect/detector.h"
#include "measurements.h"

namespace facerec::cli {

struct DetectorTime {
  std::string name;
  Timing timing;     ///< of a frame
  double faces = 0;  ///< a frame
};

/// Of all detectors that are present, on a clip's frames. Throws Error as find_model() does.
std::vector<DetectorTime> time_detectors(const std::vector<cv::Mat>& clip,
                                         const EngineOptions& engine, const DetectOptions& options,
                                         double seconds);

}  // namespace facerec::cli
