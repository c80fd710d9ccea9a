// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "../pipeline.h"

namespace facerec::cli {

struct BoxesOptions {
  std::string file;    ///< CSV: image,x,y,width,height
  std::string images;  ///< empty = the folder images beside it
  std::string report;  ///< empty = none
  bool json = false;
};

/// Prints recall, precision, average precision and time of the detector, or of every one that is
/// present where it is "all". Returns the exit code.
int evaluate_boxes(const BoxesOptions& boxes, const RecognizerOptions& options);

}  // namespace facerec::cli
