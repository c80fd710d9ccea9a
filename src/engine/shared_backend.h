// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backend.h"

namespace facerec {

/// A network that all who run it in the process have in common. Who comes first runs first, so that
/// no stream starves.
///
/// As many run at once as there are cores where the engine shares the weights, and of detectors,
/// which look at every frame. Where it does not, the networks that see a track's best shots only
/// run one at a time, and keep their memory.
class SharedBackend {
 public:
  /// Reads the model's files. Throws as make_backend() does.
  explicit SharedBackend(const Model& model);

  /// Gets ready for that many who run it. Throws as the constructor does.
  void serve(std::size_t users);

  std::vector<std::string> output_names() const { return first_->output_names(); }
  bool has_output(const std::string& name) const { return first_->has_output(name); }

  /// As Backend::forward(), but `results` are the caller's: they hold on, and their memory is used
  /// again where it fits.
  void run(const cv::Mat& blob, const std::vector<std::string>& outputs,
           std::vector<cv::Mat>& results);

 private:
  /// What one thread runs at a time.
  struct Plan {
    std::unique_ptr<Backend> backend;
    std::vector<cv::Mat> results;  ///< of the last run, in the engine's memory
  };
  class Turn;

  void add(std::unique_ptr<Backend> backend);
  void give_back(Plan* plan);

  const Model model_;
  const Backend* first_ = nullptr;

  std::mutex growing_;
  std::vector<std::unique_ptr<Plan>> plans_;

  std::mutex mutex_;
  std::condition_variable next_;
  std::vector<Plan*> free_;
  std::uint64_t came_ = 0, served_ = 0;  ///< callers of run()
};

/// The network of the model's files with its engine, read where nobody in the process has it yet.
/// Throws as make_backend() does.
std::shared_ptr<SharedBackend> shared_backend(const Model& model);

}  // namespace facerec
