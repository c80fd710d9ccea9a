// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "matcher.h"

namespace facerec {

/// By what a gallery is searched.
struct IndexOptions {
  std::string kind = "auto";  ///< "exact", a kind of Index, or one by the number of templates
  double min_recall = 0.99;   ///< share of the nearest people within reach to be found, see Matcher
};

/// Gives a gallery's matchers an index where there are so many templates that it pays. It is read
/// from the file that was saved beside the gallery, or built, which takes minutes for a million;
/// everybody is compared meanwhile. Once a tenth more people have come it is measured and saved
/// again. Not for two threads at once.
class GalleryIndexer {
 public:
  /// `gallery` as gallery_name() gives it.
  GalleryIndexer(std::string gallery, IndexOptions options)
      : gallery_(std::move(gallery)), options_(std::move(options)) {}
  ~GalleryIndexer();
  GalleryIndexer(const GalleryIndexer&) = delete;
  GalleryIndexer& operator=(const GalleryIndexer&) = delete;

  /// The matcher, with an index as soon as there is one. Never waits for it.
  std::shared_ptr<const Matcher> improved(const std::shared_ptr<const Matcher>& matcher);

 private:
  std::string kind_for(const Matcher& matcher) const;
  /// The matcher with an index of its own, or with the one that it has, measured and saved. Null
  /// once stopping.
  std::shared_ptr<const Matcher> measured(const std::string& kind, const Matcher& matcher) const;
  std::shared_ptr<Index> make(const std::string& kind, const Matcher& matcher) const;
  void save(const std::string& kind, const Matcher& matcher, const Index& index) const;

  const std::string gallery_;
  IndexOptions options_;
  std::future<std::shared_ptr<const Matcher>> making_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace facerec
