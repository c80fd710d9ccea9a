// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "matcher.h"

namespace facerec {

/// What can be seen of a gallery's file from outside: it differs once somebody has written to the
/// file, to the log beside it, or has put another file in its place.
struct FileState {
  struct Stamp {
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = 0, modified = 0, changed = 0;  ///< bytes, nanoseconds
    bool operator==(const Stamp& other) const;
  };
  Stamp file;
  Stamp log;           ///< zeros where there is none or nothing is in it
  std::string header;  ///< in which SQLite counts its changes
  bool operator==(const FileState& other) const;
};

/// All empty where there is no such file.
FileState state_of(const std::filesystem::path& file);

/// Keeps a Matcher that follows its gallery's file: a thread looks four times a second whether
/// somebody has enrolled or removed people, put another file in its place or written over it, and
/// loads anew, while frames go on with the old one.
class GalleryWatch {
 public:
  /// Called from the watching thread once when reloading fails (the old matcher stays) and once
  /// when it works again (empty text).
  using Report = std::function<void(const std::string& problem)>;
  /// Throws Error where a gallery that was read must not be used; then it counts as not read.
  using Check = std::function<void(const Matcher& matcher)>;

  /// Loads once before it returns. `gallery` as gallery_file() takes it; `check` may be empty.
  /// Throws Error as Gallery, Matcher and `check` do.
  GalleryWatch(const std::string& gallery, Metric metric, Report report, Check check = {});
  ~GalleryWatch();
  GalleryWatch(const GalleryWatch&) = delete;
  GalleryWatch& operator=(const GalleryWatch&) = delete;

  /// The newest one; never null, never blocks for long.
  std::shared_ptr<const Matcher> matcher() const;

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void poll();
  void load(std::chrono::milliseconds patience);

  std::filesystem::path file_;
  Metric metric_;
  Report report_;
  Check check_;

  // Used by the watching thread only, once it runs.
  FileState tried_;          ///< when it was loaded last, in vain or not
  bool failed_ = false;      ///< in vain
  Clock::time_point retry_;  ///< when to try again what did not change
  std::string problem_;      ///< that was reported

  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;  ///< of matcher_
  std::condition_variable wake_;
  std::shared_ptr<const Matcher> matcher_;
  std::thread thread_;
};

}  // namespace facerec
