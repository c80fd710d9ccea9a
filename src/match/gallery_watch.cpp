// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_watch.h"

#include <sys/stat.h>

namespace facerec {

namespace {

constexpr std::chrono::milliseconds poll_interval{250};
/// How long a reload waits for a lock: short, so that the thread can be stopped.
constexpr std::chrono::milliseconds reload_patience{250};

std::pair<dev_t, ino_t> file_id(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

}  // namespace

GalleryWatch::GalleryWatch(const std::filesystem::path& file, Metric metric, Report report,
                           Loaded loaded)
    : file_(file), metric_(metric), report_(std::move(report)), loaded_(std::move(loaded)) {
  load(std::chrono::seconds(2));
  thread_ = std::thread(&GalleryWatch::watch, this);
}

GalleryWatch::~GalleryWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const Matcher> GalleryWatch::matcher() const {
  const std::lock_guard lock(mutex_);
  return matcher_;
}

void GalleryWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, poll_interval, [this] { return stopping_; })) {
    lock.unlock();
    poll();
    lock.lock();
  }
}

void GalleryWatch::poll() {
  std::string problem;
  try {
    const bool same = gallery_ && file_id(file_) == file_id_ && gallery_->version() == version_;
    if (!same) load(reload_patience);
  } catch (const std::exception& error) {
    gallery_.reset();
    problem = error.what();
  }
  if (problem != problem_ && report_) report_(problem);
  problem_ = problem;
}

void GalleryWatch::load(std::chrono::milliseconds patience) {
  gallery_.reset();  // before the new one: two files of one name would share a -wal file
  // Identity and version are read first, so that a change during the load shows at the next poll.
  const auto id = file_id(file_);
  auto gallery = std::make_unique<Gallery>(file_, Gallery::Mode::ReadOnly, patience);
  const auto version = gallery->version();
  auto matcher = std::make_shared<const Matcher>(*gallery, metric_);
  gallery_ = std::move(gallery);
  file_id_ = id;
  version_ = version;
  if (loaded_) loaded_(*matcher);
  const std::lock_guard lock(mutex_);
  matcher_ = std::move(matcher);
}

}  // namespace facerec
