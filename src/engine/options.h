// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace facerec {

/// What runs a network. It changes no result beyond the fourth digit.
struct EngineOptions {
  std::string name = "auto";  ///< see make_backend()
  int threads = 0;  ///< of ONNX Runtime, for one network; 0 = one a core. OpenCV's are the
                    ///< process's (cv::setNumThreads).
};

}  // namespace facerec
