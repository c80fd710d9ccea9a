// SPDX-License-Identifier: LGPL-2.1-or-later

#include "network_settings.h"

#include <array>
#include <sstream>

#include "../error.h"

namespace facerec {

namespace {

cv::Size parse_size(const std::string& text) {
  std::istringstream in(text);
  cv::Size size;
  char by = 0;
  if (in >> size.width >> by >> size.height && by == 'x' && in.peek() == EOF && size.width > 0 &&
      size.height > 0) {
    return size;
  }
  throw Error(ErrorCode::Settings,
              "input-size=" + text + " is not WIDTHxHEIGHT in pixels, for example 112x112.");
}

std::array<double, 3> parse_mean(const std::string& text) {
  std::istringstream in(text);
  std::array<double, 3> mean{};
  char comma = ',';
  for (std::size_t i = 0; i < mean.size() && comma == ','; ++i) {
    if (i > 0) in >> comma;
    in >> mean.at(i);
  }
  if (in && comma == ',' && in.peek() == EOF) return mean;
  throw Error(
      ErrorCode::Settings,
      "mean=" + text + " is not three numbers with commas between, for example 104,117,123.");
}

}  // namespace

std::optional<Profile> custom_profile(const NetworkSettings& settings, Role role) {
  if (settings.input_size.empty()) return std::nullopt;
  Profile profile;
  profile.role = role;
  profile.method = settings.method;
  profile.input = parse_size(settings.input_size);
  profile.rgb = settings.rgb;
  profile.mean = parse_mean(settings.mean);
  profile.scale = settings.scale;
  profile.output = settings.output;
  return profile;
}

}  // namespace facerec
