// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "matcher.h"

namespace facerec {

/// Keeps a Matcher that follows its gallery's file: a thread looks four times a second whether
/// somebody has enrolled or removed people, or put another file in its place, and loads anew,
/// while frames go on with the old one.
class GalleryWatch {
 public:
  /// Called from the watching thread once when reloading fails (the old matcher stays) and once
  /// when it works again (empty text).
  using Report = std::function<void(const std::string& problem)>;

  /// Called with what was loaded, by the constructor and then from the watching thread each time.
  using Loaded = std::function<void(const Matcher& matcher)>;

  /// Loads once before it returns. Throws Error as Gallery and Matcher do.
  GalleryWatch(const std::filesystem::path& file, Metric metric, Report report, Loaded loaded = {});
  ~GalleryWatch();
  GalleryWatch(const GalleryWatch&) = delete;
  GalleryWatch& operator=(const GalleryWatch&) = delete;

  /// The newest one; never null, never blocks for long.
  std::shared_ptr<const Matcher> matcher() const;

 private:
  using FileId = std::pair<dev_t, ino_t>;

  void watch();
  void poll();
  void load(std::chrono::milliseconds patience);

  std::filesystem::path file_;
  Metric metric_;
  Report report_;
  Loaded loaded_;

  // Used by the watching thread only, once it runs.
  std::unique_ptr<Gallery> gallery_;
  FileId file_id_;
  std::int64_t version_ = 0;
  std::string problem_;

  mutable std::mutex mutex_;  ///< of stopping_ and matcher_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::shared_ptr<const Matcher> matcher_;
  std::thread thread_;
};

}  // namespace facerec
