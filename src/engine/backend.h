// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "../model/catalog.h"

namespace facerec {

/// A network that an engine has read, whose weights it keeps once for inputs of all shapes. Not for
/// two threads at once.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Names of what it computes, as far as the engine counts them as outputs.
  virtual std::vector<std::string> output_names() const = 0;
  virtual bool has_output(const std::string& name) const = 0;

  /// Fills `results` with the named outputs, always the same ones, for the input `blob` (CV_32F,
  /// pictures x channels x rows x columns). The numbers lie in the engine's memory until the next
  /// run. Throws std::runtime_error with the engine's reason in one line.
  virtual void forward(const cv::Mat& blob, const std::vector<std::string>& outputs,
                       std::vector<cv::Mat>& results) = 0;

  /// Another one of the same weights in the same memory, for another thread; null where the engine
  /// cannot share them.
  virtual std::unique_ptr<Backend> twin() const { return nullptr; }
};

/// Engines that `engine` may name beside "auto", the fastest first.
std::vector<std::string> engine_names();

/// Reads the model's files with the engine that model.engine names: "opencv" runs every kind,
/// "onnxruntime" ONNX files where the build found that library; "auto" takes the first of
/// engine_names() that runs the file. Throws Error: Read naming the file and the reason; Settings
/// where no engine of that name is there or it does not run such files.
std::unique_ptr<Backend> make_backend(const Model& model);

}  // namespace facerec
