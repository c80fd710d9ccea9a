// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_indexer.h"

#include <sys/resource.h>

#include <algorithm>

#include "../error.h"
#include "index_file.h"

namespace facerec {

namespace {

/// Templates from which on "auto" searches by an index: comparing with everybody takes 2 ms there.
constexpr int many = 100'000;
/// Growth after which the recall is measured anew.
constexpr double growth = 1.1;
/// Steps of priority that building comes after everything else of the process.
constexpr int politeness = 5;

}  // namespace

GalleryIndexer::~GalleryIndexer() {
  stopping_ = true;
  if (making_.valid()) making_.wait();
}

std::string GalleryIndexer::kind_for(const Matcher& matcher) const {
  if (matcher.template_count() == 0) return "exact";
  if (options_.kind != "auto") return options_.kind;
  const auto kinds = index_kinds();
  return kinds.empty() || matcher.template_count() < many ? "exact" : kinds.front();
}

std::shared_ptr<const Matcher> GalleryIndexer::improved(
    const std::shared_ptr<const Matcher>& matcher) {
  const std::string kind = kind_for(*matcher);
  const int seen = matcher->search().templates;
  if (kind == "exact" || (seen > 0 && matcher->template_count() <= growth * seen)) return matcher;

  if (!making_.valid()) {
    making_ = std::async(std::launch::async, [this, kind, matcher] {
      // Of this thread: frames come first.
      setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + politeness);
      return measured(kind, *matcher);
    });
  }
  if (making_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return matcher;
  const auto made = making_.get();
  const auto result = made ? matcher->searched_like(*made) : nullptr;
  return result ? result : matcher;
}

std::shared_ptr<const Matcher> GalleryIndexer::measured(const std::string& kind,
                                                        const Matcher& matcher) const {
  if (matcher.search().index == kind) {
    save(kind, matcher, *matcher.index());
    return matcher.measured_again(options_.min_recall);
  }
  const std::shared_ptr<Index> index = make(kind, matcher);
  return index ? matcher.with_index(index, kind, options_.min_recall) : nullptr;
}

std::shared_ptr<Index> GalleryIndexer::make(const std::string& kind, const Matcher& matcher) const {
  try {
    const Gallery gallery(gallery_, Gallery::Mode::ReadOnly);
    const auto file = index_file(gallery_, kind, matcher.metric());
    return matcher.load_index(kind, read_index(file, kind, matcher, gallery), stopping_);
  } catch (const Error&) {
    // None was saved, or not of this gallery as it is.
  }
  std::shared_ptr<Index> index = matcher.build_index(kind, stopping_);
  if (index) save(kind, matcher, *index);
  return index;
}

void GalleryIndexer::save(const std::string& kind, const Matcher& matcher,
                          const Index& index) const {
  try {
    const auto file = index_file(gallery_, kind, matcher.metric());
    save_index(file, kind, matcher, matcher.links_of(index));
  } catch (const Error&) {
    // The folder is not for us to write in; the next start builds it again.
  }
}

}  // namespace facerec
