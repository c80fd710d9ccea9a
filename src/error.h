// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <stdexcept>
#include <string>

#include "text.h"

namespace facerec {

/// What went wrong, so that a caller can choose an exit code or a GStreamer error domain.
enum class ErrorCode {
  NotFound,  ///< a file, a profile or a person does not exist
  Read,      ///< a file exists and cannot be read, or is truncated, empty or of another kind
  Write,     ///< a file cannot be written: permissions, a full disk
  Busy,      ///< a gallery stays locked by another process
  Settings,  ///< options that contradict each other or that the method does not know
  Mismatch,  ///< embeddings of different models, a network of another shape
};

/// The only exception that the core throws on purpose. The message is one sentence for the user
/// that names the file and says what to do; in UTF-8, whatever bytes the file's name has.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message)
      : std::runtime_error(presentable(message)), code_(code) {}

  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace facerec
