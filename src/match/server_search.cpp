// SPDX-License-Identifier: LGPL-2.1-or-later

#include "server_search.h"

#include <algorithm>
#include <utility>

#include "../store/gallery_name.h"
#include "near_people.h"

namespace facerec {

namespace {

using std::chrono::milliseconds;

/// How long the server may take for an answer.
constexpr milliseconds patience{2000};
constexpr milliseconds look_interval{250};  ///< at whether the gallery has changed
constexpr milliseconds first_pause{100};    ///< before connecting again
constexpr milliseconds longest_pause{2000};
/// Between two counts of a changing gallery, times that the last one took.
constexpr int count_pause = 10;

/// People who are asked for: a face of a track is compared with all who are near any of its shots.
constexpr int people_each = 10;
constexpr std::size_t probes_at_once = 8;
/// Changes that are read one by one; after more of them all that is known is asked anew.
constexpr std::size_t most_changes = 256;

}  // namespace

ServerSearch::ServerSearch(const std::string& gallery, Metric metric, Report report, Check check)
    : name_(gallery_name(gallery)),
      metric_(metric),
      report_(std::move(report)),
      check_(std::move(check)),
      pulse_(open_pulse(name_)) {
  open();
  look();
  publish();
  thread_ = std::thread(&ServerSearch::run, this);
}

ServerSearch::~ServerSearch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ServerSearch::look_for(std::vector<Probe> probes) {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(probes);
    asked_ = true;
  }
  wake_.notify_all();
}

std::shared_ptr<const ServerSearch::Known> ServerSearch::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

void ServerSearch::run() {
  bool more = false;
  while (true) {
    std::vector<Probe> wanted;
    {
      std::unique_lock lock(mutex_);
      const bool works = failures_ == 0;
      wake_.wait_until(lock, works ? next_look_ : next_try_,
                       [&] { return stopping_ || (works && (asked_ || more)); });
      if (stopping_) return;
      wanted = wanted_;
      asked_ = false;
    }
    try {
      if (!gallery_) open();
      if (Clock::now() >= next_look_) look();
      more = search(wanted);
      publish();
      failures_ = 0;
      if (!reported_.empty() && report_) report_("");
      reported_.clear();
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
}

void ServerSearch::failed(const std::string& how) {
  gallery_.reset();
  const auto pause = failures_ == 0
                         ? milliseconds(0)
                         : std::min(longest_pause, first_pause * (1 << std::min(failures_, 8)));
  ++failures_;
  next_try_ = Clock::now() + pause;
  // A lost connection is no problem where a new one works.
  if (failures_ < 2 || stopping_ || !reported_.empty()) return;
  reported_ = how;
  if (report_) report_(how);
}

void ServerSearch::open() {
  gallery_ = std::make_unique<Gallery>(name_, Gallery::Mode::ReadOnly, patience, &stopping_);
  seen_.clear();
  next_look_ = {};
}

void ServerSearch::look() {
  const std::string now = pulse_->now();
  const bool count_due = !counted_ && Clock::now() >= next_count_;
  if (seen_.empty() || now != seen_ || count_due) gallery_->at_one_moment([this] { follow(); });
  seen_ = now;
  next_look_ = Clock::now() + look_interval;
}

std::optional<std::vector<std::int64_t>> ServerSearch::changed_until(
    const GalleryFacts& facts) const {
  if (!facts_ || facts_->model.fingerprint != facts.model.fingerprint) return std::nullopt;
  auto changed = gallery_->changed_since(facts_->position);
  if (changed && changed->size() > most_changes) return std::nullopt;
  return changed;
}

void ServerSearch::follow() {
  GalleryFacts facts = read_facts(*gallery_, metric_);
  const std::optional<std::vector<std::int64_t>> changed = changed_until(facts);
  EnrolledPeople read = read_people(*gallery_, changed.value_or(std::vector<std::int64_t>()));
  searched_by_ = metric_of_search(*gallery_, facts, metric_);
  count(changed);
  if (check_) check_(Matcher(facts, {}, metric_, &*size_));

  facts_ = std::move(facts);
  publish_ = true;
  if (!changed) {
    for (const auto& [probe, people] : found_) owed_.insert(probe);
    found_.clear();
    changed_.clear();
    people_.clear();
    unpublished_.reset();
    return;
  }
  for (const std::int64_t id : *changed) people_.erase(id);
  for (const auto& [id, person] : read) changed_.push_back(id);
  while (changed_.size() > most_changes) changed_.pop_front();
  people_.merge(read);
  if (unpublished_) unpublished_->insert(unpublished_->end(), changed->begin(), changed->end());
}

void ServerSearch::count(const std::optional<std::vector<std::int64_t>>& changed) {
  counted_ = false;
  if (!changed) {
    uncounted_.reset();
  } else if (uncounted_) {
    uncounted_->insert(uncounted_->end(), changed->begin(), changed->end());
  }
  const auto begin = Clock::now();
  if (changed && begin < next_count_) return;
  GallerySample sample = sample_;
  sample.follow(*gallery_, uncounted_);
  size_ = sample.size(metric_);
  sample_ = std::move(sample);
  uncounted_.emplace();
  counted_ = true;
  const auto end = Clock::now();
  // The first time everybody whom it draws is read.
  if (changed) next_count_ = end + count_pause * (end - begin);
}

bool ServerSearch::search(const std::vector<Probe>& wanted) {
  const std::set<Probe> known(wanted.begin(), wanted.end());
  for (auto entry = found_.begin(); entry != found_.end();) {
    entry = known.count(entry->first) > 0 ? std::next(entry) : found_.erase(entry);
  }
  for (auto probe = owed_.begin(); probe != owed_.end();) {
    probe = known.count(*probe) > 0 ? std::next(probe) : owed_.erase(probe);
  }
  std::vector<Probe> open;
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(open),
               [&](const Probe& probe) { return found_.count(probe) == 0; });
  std::stable_partition(open.begin(), open.end(),
                        [&](const Probe& probe) { return owed_.count(probe) > 0; });
  const bool more = open.size() > probes_at_once;
  if (more) open.resize(probes_at_once);
  if (open.empty()) return false;
  gallery_->at_one_moment([&] {
    std::map<Probe, std::vector<std::int64_t>> found;
    std::set<std::int64_t> lacking;
    for (const Probe& probe : open) {
      found[probe] = people_near(*gallery_, *facts_, searched_by_, *probe, people_each);
      for (const std::int64_t id : found[probe]) {
        if (people_.count(id) == 0) lacking.insert(id);
      }
    }
    people_.merge(read_people(*gallery_, {lacking.begin(), lacking.end()}));
    for (const Probe& probe : open) owed_.erase(probe);
    found_.merge(found);
  });
  publish_ = true;
  return more;
}

void ServerSearch::publish() {
  // What was known stays known while it is asked for anew.
  if (!publish_ || !owed_.empty()) return;
  auto known = std::make_shared<Known>();
  std::set<std::int64_t> needed(changed_.begin(), changed_.end());
  for (const auto& [probe, people] : found_) {
    known->answered.insert(probe);
    needed.insert(people.begin(), people.end());
  }
  for (auto person = people_.begin(); person != people_.end();) {
    person = needed.count(person->first) > 0 ? std::next(person) : people_.erase(person);
  }
  Matcher matcher(*facts_, people_, metric_, &*size_);
  if (unpublished_) matcher.come_after(*known_->matcher, *unpublished_);
  known->matcher = std::make_shared<const Matcher>(std::move(matcher));
  unpublished_.emplace();
  publish_ = false;
  const std::lock_guard lock(mutex_);
  known_ = std::move(known);
}

}  // namespace facerec
