// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "../shared.h"
#include "sqlite.h"

namespace facerec {

namespace {

constexpr std::chrono::milliseconds poll_interval{250};
/// How long the first load waits for a lock.
constexpr std::chrono::seconds first_patience{2};
/// How long a reload does: short, so that the thread can be stopped.
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

GalleryReader::GalleryReader(std::filesystem::path file, Metric metric, const IndexOptions& index)
    : file_(std::move(file)), metric_(metric), indexer_(index) {
  now();
  thread_ = std::thread(&GalleryReader::watch, this);
}

GalleryReader::~GalleryReader() {
  {
    const std::lock_guard lock(sleeping_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::shared_ptr<const Matcher> GalleryReader::now() {
  const std::lock_guard lock(loading_);
  if (failed_ || !(state_of(file_) == tried_)) load(first_patience);
  return matcher_;
}

void GalleryReader::add(Listener* listener) {
  const std::lock_guard lock(listening_);
  listeners_.push_back(listener);
}

void GalleryReader::remove(Listener* listener) {
  const std::lock_guard lock(listening_);
  listeners_.erase(std::remove(listeners_.begin(), listeners_.end(), listener), listeners_.end());
}

void GalleryReader::watch() {
  std::unique_lock lock(sleeping_);
  while (!wake_.wait_for(lock, poll_interval, [this] { return stopping_.load(); })) {
    lock.unlock();
    poll();
    lock.lock();
  }
}

void GalleryReader::poll() {
  std::shared_ptr<const Matcher> matcher;
  {
    const std::lock_guard lock(loading_);
    const bool changed = !(state_of(file_) == tried_);
    const bool failed_before = failed_;
    try {
      if (changed || (failed_ && Clock::now() >= retry_)) load(reload_patience);
      if (!failed_) problem_.clear();
      matcher_ = indexer_.improved(matcher_);
    } catch (const std::exception& error) {
      // What fails once may be a file that is being written; it is looked at again at the next
      // poll.
      const bool settled = failed_before && !changed;
      retry_ = Clock::now() + (settled ? retry_interval : std::chrono::seconds(0));
      if (settled) problem_ = error.what();
    }
    matcher = matcher_;
  }
  const std::lock_guard lock(listening_);
  for (Listener* listener : listeners_) {
    if (!stopping_) listener->update(matcher, problem_);
  }
}

void GalleryReader::load(std::chrono::milliseconds patience) {
  // Read first, so that a change during the load shows at the next poll.
  tried_ = state_of(file_);
  failed_ = true;
  const Gallery gallery(file_, Gallery::Mode::ReadOnly, patience, &stopping_);
  matcher_ = Matcher::follow(matcher_, gallery, metric_);
  failed_ = false;
}

std::shared_ptr<GalleryReader> shared_gallery_reader(const std::string& gallery, Metric metric,
                                                     const IndexOptions& index) {
  static Shared<GalleryReader> all;
  const std::filesystem::path file = gallery_file(gallery);
  require_index(index.kind);
  return all.get(std::filesystem::absolute(file).string() + ' ' + to_string(metric) + ' ' +
                     index.kind + ' ' + std::to_string(index.min_recall),
                 [&] { return std::make_unique<GalleryReader>(file, metric, index); });
}

}  // namespace facerec
