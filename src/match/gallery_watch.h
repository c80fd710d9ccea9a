#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "matcher.h"

namespace facerec {

/// Keeps a Matcher that follows its gallery's file: a thread looks four times a second whether
/// somebody has enrolled or removed people and loads anew, while frames go on with the old one.
class GalleryWatch {
 public:
  /// Called from the watching thread when a reload failed (the old matcher stays) or works again
  /// (empty text).
  using Report = std::function<void(const std::string& problem)>;

  /// Loads once before it returns. Throws Error as Gallery and Matcher do.
  GalleryWatch(const std::filesystem::path& file, Metric metric, Report report);
  ~GalleryWatch();
  GalleryWatch(const GalleryWatch&) = delete;
  GalleryWatch& operator=(const GalleryWatch&) = delete;

  /// The newest one; never null, never blocks for long.
  std::shared_ptr<const Matcher> matcher() const;

 private:
  void watch();

  std::filesystem::path file_;
  Metric metric_;
  Report report_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::shared_ptr<const Matcher> matcher_;
  std::thread thread_;
};

}  // namespace facerec
