// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "gallery_reader.h"

namespace facerec {

/// Keeps a Matcher that follows its gallery's file, while frames go on with the old one.
class GalleryWatch : private GalleryReader::Listener {
 public:
  /// Called from the reading thread once when the gallery cannot be loaded again or `check` refuses
  /// it (the old matcher stays) and once when it works again (empty text).
  using Report = std::function<void(const std::string& problem)>;
  /// Throws Error where a gallery that was read must not be used; then it counts as not read.
  using Check = std::function<void(const Matcher& matcher)>;

  /// Loads before it returns, where no other watch of the process has. `gallery` as gallery_name()
  /// takes it; `check` may be empty. Throws Error as Gallery, Matcher and `check` do.
  GalleryWatch(const std::string& gallery, Metric metric, Report report, Check check = {},
               const IndexOptions& index = {});
  ~GalleryWatch() override;
  GalleryWatch(const GalleryWatch&) = delete;
  GalleryWatch& operator=(const GalleryWatch&) = delete;

  /// The newest one; never null, never blocks for long.
  std::shared_ptr<const Matcher> matcher() const;

 private:
  using Clock = std::chrono::steady_clock;

  void update(const std::shared_ptr<const Matcher>& matcher, const std::string& problem) override;
  void take(const std::shared_ptr<const Matcher>& matcher);

  const std::shared_ptr<GalleryReader> reader_;
  const Report report_;
  const Check check_;

  // of the reading thread
  std::shared_ptr<const Matcher> offered_;  ///< last, and refused or taken
  std::string refusal_;                     ///< why; empty where it was taken
  Clock::time_point ask_again_;             ///< where it was refused
  std::string reported_;

  mutable std::mutex mutex_;  ///< of matcher_
  std::shared_ptr<const Matcher> matcher_;
};

}  // namespace facerec
