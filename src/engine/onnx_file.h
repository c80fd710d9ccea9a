// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

namespace facerec {

/// An ONNX file's content, its inputs open to pictures of any number and size where the file states
/// one: most networks take others, as OpenCV lets them. What the engine computes slowly is spelled
/// out in other operators. Throws Error (Read) that names the file.
std::string read_onnx(const std::filesystem::path& file);

}  // namespace facerec
