// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "../face.h"
#include "verification.h"

namespace facerec {

/// What a detector found in one picture and what is there.
struct DetectionSample {
  std::vector<Face> found;
  std::vector<cv::Rect2f> truth;
};

struct PrecisionRecall {
  double confidence = 0;  ///< faces of at least this confidence are taken
  double precision = 0;
  double recall = 0;
};

struct DetectionScore {
  std::vector<PrecisionRecall> curve;  ///< by descending confidence
  double average_precision = 0;        ///< area under the interpolated curve
  Proportion recall;                   ///< with all that was found
  Proportion precision;
};

/// Matches found faces with true boxes, the most confident first, each true box once, where their
/// intersection over union is at least `overlap`; Everingham et al., "The PASCAL Visual Object
/// Classes (VOC) Challenge", IJCV 88, 2010, area under all points. Boxes whose shorter side is
/// below `min_size` pixels count neither as missed nor, where found, as false.
DetectionScore score_detections(const std::vector<DetectionSample>& samples, double overlap,
                                double min_size);

}  // namespace facerec
