// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "backend.h"

namespace facerec {

bool is_onnxruntime_built();

/// Throws Error: Read naming the file where it is no ONNX network, Settings where the build is
/// without ONNX Runtime.
std::unique_ptr<Backend> make_onnxruntime_backend(const Model& model);

}  // namespace facerec
