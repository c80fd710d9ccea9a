// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace facerec {

/// A quantity whose speed fades and gets small random pushes, followed by a Kalman filter: value
/// and speed, with their uncertainties (R. E. Kalman, "A new approach to linear filtering and
/// prediction problems", 1960). The pushes are counted as if the speed did not fade meanwhile.
class Motion {
 public:
  /// Of known value, with the standard deviations of value and speed.
  Motion(double value, double value_deviation, double speed_deviation);

  /// After so many seconds, in which the speed has changed by `push` (standard deviation, per root
  /// of a second).
  void advance(double seconds, double push);

  /// Seen with that standard deviation.
  void see(double value, double deviation);

  double value() const { return value_; }
  double variance() const { return value_variance_; }

 private:
  double value_;
  double speed_ = 0;
  double value_variance_, covariance_ = 0, speed_variance_;
};

}  // namespace facerec
