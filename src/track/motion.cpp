// SPDX-License-Identifier: LGPL-2.1-or-later

#include "motion.h"

#include <cmath>

namespace facerec {
namespace {

/// Seconds in which a speed falls to the e-th part: heads sway rather than go on.
constexpr double fading = 0.4;

}  // namespace

Motion::Motion(double value, double value_deviation, double speed_deviation)
    : value_(value),
      value_variance_(value_deviation * value_deviation),
      speed_variance_(speed_deviation * speed_deviation) {}

void Motion::advance(double seconds, double push) {
  const double density = push * push;
  const double kept = std::exp(-seconds / fading);
  const double way = fading * (1 - kept);  // at a speed of 1
  value_ += speed_ * way;
  speed_ *= kept;
  value_variance_ +=
      way * (2 * covariance_ + way * speed_variance_) + density * seconds * seconds * seconds / 3;
  covariance_ = kept * (covariance_ + way * speed_variance_) + density * seconds * seconds / 2;
  speed_variance_ = kept * kept * speed_variance_ + density * seconds;
}

void Motion::see(double value, double deviation) {
  const double total = value_variance_ + deviation * deviation;
  const double gain = value_variance_ / total;
  const double speed_gain = covariance_ / total;
  const double surprise = value - value_;
  value_ += gain * surprise;
  speed_ += speed_gain * surprise;
  speed_variance_ -= speed_gain * covariance_;
  covariance_ *= 1 - gain;
  value_variance_ *= 1 - gain;
}

}  // namespace facerec
