// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gallery_sample.h"
#include "matcher.h"

namespace facerec {

/// Looks for people by the search of a gallery's server, of which only those found are in memory.
/// A thread of its own asks and waits, and notices within a second what has changed in the gallery.
class ServerSearch {
 public:
  using Probe = std::shared_ptr<const Embedding>;
  /// Called from the thread once when the server does not answer or `check` refuses the gallery
  /// (what is known stays, nothing more is found), and once when it works again (empty text).
  using Report = std::function<void(const std::string& problem)>;
  /// Throws Error where the gallery must not be used. The matcher holds nobody, but tells all else.
  using Check = std::function<void(const Matcher& matcher)>;

  /// What is known by now.
  struct Known {
    /// Of the people near the probes that were answered. Its size is the whole gallery's.
    std::shared_ptr<const Matcher> matcher;
    std::set<Probe> answered;  ///< of those that were asked for last
  };

  /// Connects and counts before it returns. `gallery` as gallery_name() takes it; `check` may be
  /// empty. Throws Error as Gallery and `check` do, (Settings) where the gallery has no search of
  /// its own for that metric.
  ServerSearch(const std::string& gallery, Metric metric, Report report, Check check = {});
  ~ServerSearch();
  ServerSearch(const ServerSearch&) = delete;
  ServerSearch& operator=(const ServerSearch&) = delete;

  /// Whom the matcher shall know from now on: people near these probes, the most urgent first.
  /// Others are forgotten. Never waits.
  void look_for(std::vector<Probe> probes);

  /// Never null, never waits.
  std::shared_ptr<const Known> known() const;

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void open();
  void look();
  void follow();
  /// Who has; empty where that is not known, or too many to be read one by one.
  std::optional<std::vector<std::int64_t>> changed_until(const GalleryFacts& facts) const;
  /// Whether some are left for the next time.
  bool search(const std::vector<Probe>& wanted);
  void count(const std::optional<std::vector<std::int64_t>>& changed);
  void publish();
  void failed(const std::string& how);

  const std::string name_;  ///< see gallery_name()
  const Metric metric_;
  const Report report_;
  const Check check_;
  const std::unique_ptr<GalleryPulse> pulse_;

  // of the thread
  std::unique_ptr<Gallery> gallery_;  ///< null where the connection is lost
  std::optional<GalleryFacts> facts_;
  Metric searched_by_ = Metric::Cosine;
  GallerySample sample_;
  std::optional<GallerySize> size_;
  std::string seen_;                                    ///< of pulse_
  std::optional<std::vector<std::int64_t>> uncounted_;  ///< who has changed since; empty = all
  bool counted_ = false;                                ///< with everybody who has changed
  Clock::time_point next_count_, next_look_, next_try_;
  std::map<Probe, std::vector<std::int64_t>> found_;      ///< who is near
  std::set<Probe> owed_;                                  ///< answered once, and to be anew
  std::deque<std::int64_t> changed_;                      ///< the last who did
  EnrolledPeople people_;                                 ///< near a probe, or changed
  std::optional<std::vector<std::int64_t>> unpublished_;  ///< who has changed; empty = not known
  bool publish_ = true;                                   ///< whether there is something new
  int failures_ = 0;                                      ///< one after the other
  std::string reported_;

  mutable std::mutex mutex_;  ///< of these
  std::vector<Probe> wanted_;
  bool asked_ = false;
  std::shared_ptr<const Known> known_;

  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace facerec
