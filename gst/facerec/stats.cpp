// SPDX-License-Identifier: LGPL-2.1-or-later

#include "stats.h"

#include <algorithm>
#include <vector>

namespace facerec {
namespace {

constexpr gint64 kWindow = gint64{10} * G_USEC_PER_SEC;
constexpr std::size_t kMost = 2000;

double milliseconds(GstClockTime time) {
  return static_cast<double>(time) / GST_MSECOND;
}

}  // namespace

void Stats::add(const char* name, guint64 count) {
  const std::lock_guard lock(mutex_);
  counts_[name] += count;
}

void Stats::took(GstClockTime duration, gint64 now) {
  const std::lock_guard lock(mutex_);
  durations_.emplace_back(now, duration);
  while (durations_.front().first < now - kWindow || durations_.size() > kMost)
    durations_.pop_front();
}

GstClockTime Stats::longest() const {
  const std::lock_guard lock(mutex_);
  GstClockTime longest = 0;
  for (const auto& [when, duration] : durations_) longest = std::max(longest, duration);
  return longest;
}

void Stats::clear() {
  const std::lock_guard lock(mutex_);
  counts_.clear();
  durations_.clear();
}

GstStructure* Stats::to_structure(const char* structure, const char* duration) const {
  GstStructure* all = gst_structure_new_empty(structure);
  const std::lock_guard lock(mutex_);
  for (const auto& [name, count] : counts_)
    gst_structure_set(all, name.c_str(), G_TYPE_UINT64, count, nullptr);
  if (durations_.empty()) return all;
  std::vector<GstClockTime> sorted;
  for (const auto& [when, time] : durations_) sorted.push_back(time);
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double part) {
    return milliseconds(
        sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))]);
  };
  const std::string name = duration;
  gst_structure_set(all, (name + "-median").c_str(), G_TYPE_DOUBLE, at(0.5),
                    (name + "-p99").c_str(), G_TYPE_DOUBLE, at(0.99), nullptr);
  return all;
}

}  // namespace facerec
