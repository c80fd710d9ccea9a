// SPDX-License-Identifier: LGPL-2.1-or-later

#include "shot.h"

#include <algorithm>
#include <cmath>

namespace facerec {
namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double enough_pixels = 40;
constexpr double enough_sharpness = 0.3;
constexpr double clearly = 1.25;            ///< ratio of the values of two shots
constexpr double longest_refresh = 5;       ///< refresh intervals that a good shot may serve
constexpr double first_refresh = 1.0 / 16;  ///< after how many of them the second shot comes

double known(double value) {
  return std::isnan(value) ? 1 : value;
}

}  // namespace

double shot_value(const Quality& quality, bool cut) {
  const double size = std::min(1.0, known(quality.eye_distance / enough_pixels));
  const double sharpness = std::min(1.0, known(quality.sharpness / enough_sharpness));
  const double frontal = std::max(0.0, known(std::cos(quality.yaw * pi / 180)));
  return size * std::sqrt(sharpness) * frontal * (cut ? 0.5 : 1);
}

bool is_due(const Shot& last, int taken, const Shot& now, double refresh) {
  if (now.value > clearly * last.value) return true;
  const double age = std::abs(now.time - last.time);
  const bool is_worse = clearly * now.value < last.value;
  const double early = std::min(1.0, std::ldexp(first_refresh, taken - 1));
  return age >= early * (is_worse ? longest_refresh : 1) * refresh;
}

}  // namespace facerec
