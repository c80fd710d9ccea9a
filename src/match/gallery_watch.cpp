// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_watch.h"

#include <sys/stat.h>

#include <tuple>

#include "sqlite.h"

namespace facerec {

namespace {

constexpr std::chrono::milliseconds poll_interval{250};
/// How long a reload waits for a lock: short, so that the thread can be stopped.
constexpr std::chrono::milliseconds reload_patience{250};
/// When a file that could not be loaded and does not change is tried again.
constexpr std::chrono::seconds retry_interval{5};

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

FileState::Stamp stamp_of(const struct stat& status) {
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

}  // namespace

bool FileState::Stamp::operator==(const Stamp& other) const {
  return std::tie(device, inode, size, modified, changed) ==
         std::tie(other.device, other.inode, other.size, other.modified, other.changed);
}

bool FileState::operator==(const FileState& other) const {
  return file == other.file && log == other.log && header == other.header;
}

FileState state_of(const std::filesystem::path& file) {
  FileState state;
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return state;
  state.file = stamp_of(status);
  if (S_ISREG(status.st_mode)) state.header = file_header(file);
  // Readers make an empty log and remove it.
  const std::string log = file.string() + "-wal";
  if (stat(log.c_str(), &status) == 0 && status.st_size > 0) state.log = stamp_of(status);
  return state;
}

GalleryWatch::GalleryWatch(const std::string& gallery, Metric metric, Report report, Check check)
    : file_(gallery_file(gallery)),
      metric_(metric),
      report_(std::move(report)),
      check_(std::move(check)) {
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
  while (!wake_.wait_for(lock, poll_interval, [this] { return stopping_.load(); })) {
    lock.unlock();
    poll();
    lock.lock();
  }
}

void GalleryWatch::poll() {
  const bool changed = !(state_of(file_) == tried_);
  if (!changed && (!failed_ || Clock::now() < retry_)) return;
  std::string problem;
  try {
    load(reload_patience);
    failed_ = false;
  } catch (const std::exception& error) {
    // What fails once may be a file that is being written; it is looked at again at the next poll.
    const bool settled = failed_ && !changed;
    retry_ = Clock::now() + (settled ? retry_interval : std::chrono::seconds(0));
    failed_ = true;
    if (!settled || stopping_) return;
    problem = error.what();
  }
  if (problem != problem_ && report_) report_(problem);
  problem_ = problem;
}

void GalleryWatch::load(std::chrono::milliseconds patience) {
  // Read first, so that a change during the load shows at the next poll.
  tried_ = state_of(file_);
  const Gallery gallery(file_, Gallery::Mode::ReadOnly, patience, &stopping_);
  auto matcher = std::make_shared<const Matcher>(gallery, metric_);
  if (check_) check_(*matcher);
  const std::lock_guard lock(mutex_);
  matcher_ = std::move(matcher);
}

}  // namespace facerec
