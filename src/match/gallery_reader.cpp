// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_reader.h"

#include <algorithm>
#include <utility>

#include "../shared.h"
#include "../store/gallery_name.h"

namespace facerec {

namespace {

constexpr std::chrono::milliseconds poll_interval{250};
/// How long the first load waits for a lock.
constexpr std::chrono::seconds first_patience{2};
/// How long a reload does: short, so that the thread can be stopped.
constexpr std::chrono::milliseconds reload_patience{250};
/// When a file that could not be loaded and does not change is tried again.
constexpr std::chrono::seconds retry_interval{5};

}  // namespace

GalleryReader::GalleryReader(std::string gallery, Metric metric, const IndexOptions& index)
    : gallery_(std::move(gallery)),
      metric_(metric),
      pulse_(open_pulse(gallery_)),
      indexer_(gallery_, index) {
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
  if (failed_ || pulse_->now() != tried_) load(first_patience);
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
    const bool changed = pulse_->now() != tried_;
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
  tried_ = pulse_->now();
  failed_ = true;
  const Gallery gallery(gallery_, Gallery::Mode::ReadOnly, patience, &stopping_);
  matcher_ = Matcher::follow(matcher_, gallery, metric_);
  failed_ = false;
}

std::shared_ptr<GalleryReader> shared_gallery_reader(const std::string& gallery, Metric metric,
                                                     const IndexOptions& index) {
  static Shared<GalleryReader> all;
  const std::string name = gallery_name(gallery);
  require_index(index.kind);
  return all.get(
      name + ' ' + to_string(metric) + ' ' + index.kind + ' ' + std::to_string(index.min_recall),
      [&] { return std::make_unique<GalleryReader>(name, metric, index); });
}

}  // namespace facerec
