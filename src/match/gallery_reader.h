// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gallery_indexer.h"
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

/// A gallery's templates in memory, once for all of the process who look for its people. A thread
/// looks four times a second whether somebody has enrolled or removed people, put another file in
/// its place or written over it, and loads anew.
class GalleryReader {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Called from the reading thread each time that it has looked: what it knows, and why that is
    /// not what the file holds; empty where it is.
    virtual void update(const std::shared_ptr<const Matcher>& matcher,
                        const std::string& problem) = 0;
  };

  /// Loads. Throws Error as Gallery and Matcher do.
  GalleryReader(std::filesystem::path file, Metric metric, const IndexOptions& index = {});
  ~GalleryReader();
  GalleryReader(const GalleryReader&) = delete;
  GalleryReader& operator=(const GalleryReader&) = delete;

  /// What the file holds by now. Throws as the constructor does.
  std::shared_ptr<const Matcher> now();

  void add(Listener* listener);
  /// It is not called any more once this returns.
  void remove(Listener* listener);

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void poll();
  void load(std::chrono::milliseconds patience);

  const std::filesystem::path file_;
  const Metric metric_;

  std::mutex loading_;  ///< of these
  FileState tried_;     ///< when it was loaded last, in vain or not
  bool failed_ = true;  ///< in vain
  std::shared_ptr<const Matcher> matcher_;
  GalleryIndexer indexer_;

  // of the thread
  Clock::time_point retry_;  ///< when to try again what did not change
  std::string problem_;

  std::mutex listening_;
  std::vector<Listener*> listeners_;

  std::atomic<bool> stopping_ = false;
  std::mutex sleeping_;
  std::condition_variable wake_;
  std::thread thread_;
};

/// The reader of that file, metric and index, made where the process has none. `gallery` as
/// gallery_file() takes it. Throws as the constructor does.
std::shared_ptr<GalleryReader> shared_gallery_reader(const std::string& gallery, Metric metric,
                                                     const IndexOptions& index);

}  // namespace facerec
