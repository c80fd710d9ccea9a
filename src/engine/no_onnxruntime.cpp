// SPDX-License-Identifier: LGPL-2.1-or-later

// Stands in for onnxruntime_backend.cpp in a build without ONNX Runtime.

#include "../error.h"
#include "onnxruntime_backend.h"

namespace facerec {

bool is_onnxruntime_built() {
  return false;
}

std::unique_ptr<Backend> make_onnxruntime_backend(const Model& /*model*/) {
  throw Error(ErrorCode::Settings,
              "this build is without ONNX Runtime: set the engine to auto or opencv, or install "
              "libonnxruntime-dev, libonnx-dev and libprotobuf-dev (Debian 13) and build anew "
              "(meson setup --reconfigure build && ninja -C build)");
}

}  // namespace facerec
