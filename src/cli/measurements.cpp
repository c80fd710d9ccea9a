// SPDX-License-Identifier: LGPL-2.1-or-later

#include "measurements.h"

#include <algorithm>
#include <vector>

namespace facerec::cli {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Timing measure(double seconds, const std::function<void()>& run) {
  const Clock::time_point start = Clock::now();
  const auto timed = [&] {
    const Clock::time_point begin = Clock::now();
    run();
    return 1000 * seconds_since(begin);
  };
  const double first = timed();
  if (first > 1000 * seconds) return {first, 1};
  std::vector<double> times;
  do times.push_back(timed());
  while (seconds_since(start) < seconds);
  return {median(times), static_cast<int>(times.size())};
}

Measurements::Measurements(double seconds, std::size_t count)
    : end_(Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))),
      left_(count),
      progress_(count) {}

double Measurements::share() const {
  const double seconds = std::chrono::duration<double>(end_ - Clock::now()).count();
  return std::max(0., seconds) / static_cast<double>(std::max<std::size_t>(left_, 1));
}

Timing Measurements::next(const std::function<void()>& run) {
  const Timing timing = measure(share(), run);
  pass();
  return timing;
}

void Measurements::pass() {
  if (left_ > 0) --left_;
  progress_.advance();
}

}  // namespace facerec::cli
