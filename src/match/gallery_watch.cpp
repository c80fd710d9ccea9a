// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_watch.h"

#include <utility>

namespace facerec {

namespace {

/// When `check` is asked again about what it refused, as the element's settings may have changed.
constexpr std::chrono::seconds ask_interval{5};

}  // namespace

GalleryWatch::GalleryWatch(const std::string& gallery, Metric metric, Report report, Check check,
                           const IndexOptions& index)
    : reader_(shared_gallery_reader(gallery, metric, index)),
      report_(std::move(report)),
      check_(std::move(check)) {
  take(reader_->now());
  reader_->add(this);
}

GalleryWatch::~GalleryWatch() {
  reader_->remove(this);
}

std::shared_ptr<const Matcher> GalleryWatch::matcher() const {
  const std::lock_guard lock(mutex_);
  return matcher_;
}

void GalleryWatch::take(const std::shared_ptr<const Matcher>& matcher) {
  offered_ = matcher;
  if (check_) check_(*matcher);
  const std::lock_guard lock(mutex_);
  matcher_ = matcher;
}

void GalleryWatch::update(const std::shared_ptr<const Matcher>& matcher,
                          const std::string& problem) {
  if (matcher != offered_ || (!refusal_.empty() && Clock::now() >= ask_again_)) {
    try {
      take(matcher);
      refusal_.clear();
    } catch (const std::exception& error) {
      refusal_ = error.what();
      ask_again_ = Clock::now() + ask_interval;
    }
  }
  const std::string& now = problem.empty() ? refusal_ : problem;
  if (now != reported_ && report_) report_(now);
  reported_ = now;
}

}  // namespace facerec
