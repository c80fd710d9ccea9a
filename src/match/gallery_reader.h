// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gallery_indexer.h"
#include "matcher.h"

namespace facerec {

/// A gallery's templates in memory, once for all of the process who look for its people. A thread
/// looks four times a second whether somebody has enrolled or removed people, put another file in
/// its place or written over it, and loads anew.
class GalleryReader {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Called from the reading thread each time that it has looked: what it knows, and why that is
    /// not what the gallery holds; empty where it is.
    virtual void update(const std::shared_ptr<const Matcher>& matcher,
                        const std::string& problem) = 0;
  };

  /// Loads. Throws Error as Gallery and Matcher do.
  GalleryReader(std::string gallery, Metric metric, const IndexOptions& index = {});
  ~GalleryReader();
  GalleryReader(const GalleryReader&) = delete;
  GalleryReader& operator=(const GalleryReader&) = delete;

  /// What the gallery holds by now. Throws as the constructor does.
  std::shared_ptr<const Matcher> now();

  void add(Listener* listener);
  /// It is not called any more once this returns.
  void remove(Listener* listener);

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void poll();
  void load(std::chrono::milliseconds patience);

  const std::string gallery_;  ///< see gallery_name()
  const Metric metric_;

  std::mutex loading_;  ///< of these
  const std::unique_ptr<GalleryPulse> pulse_;
  std::string tried_;   ///< when it was loaded last, in vain or not
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

/// The reader of that gallery, metric and index, made where the process has none. `gallery` as
/// gallery_name() takes it. Throws as the constructor does.
std::shared_ptr<GalleryReader> shared_gallery_reader(const std::string& gallery, Metric metric,
                                                     const IndexOptions& index);

}  // namespace facerec
