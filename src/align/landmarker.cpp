// SPDX-License-Identifier: LGPL-2.1-or-later

#include "landmarker.h"

#include <cmath>
#include <utility>

#include "../error.h"
#include "methods.h"

namespace facerec {
namespace {

struct Method {
  const char* name;
  std::unique_ptr<Landmarker> (*make)(const Model& model);
};

constexpr Method methods[] = {
    {"landmarks68", make_landmarks68},
    {"landmarks5", make_landmarks5},
    {"dlib-68", make_dlib68},
    {"dlib-5", make_dlib5},
    {"eyes", make_eyes},
};

/// Degrees. The methods see no difference between such a face and an upright one.
constexpr float upright_roll = 12;

}  // namespace

bool is_turned(const Landmarks& landmarks) {
  return std::abs(roll_of(landmarks)) > upright_roll;
}

Landmarks Landmarker::locate(const FrameView& frame, const cv::Rect2f& box) {
  Landmarks landmarks = look(frame, box, 0);
  if (!is_turned(landmarks)) return landmarks;
  Landmarks upright = look(frame, box, roll_of(landmarks));
  return upright.scheme == LandmarkScheme::None ? landmarks : upright;
}

std::unique_ptr<Landmarker> make_landmarker(const Model& model) {
  const std::string& name = model.profile.method;
  std::string known;
  for (const Method& method : methods) {
    if (name == method.name) return method.make(model);
    known += (known.empty() ? "" : ", ") + std::string(method.name);
  }
  throw Error(ErrorCode::Settings, "model '" + model.profile.name + "' asks for the landmarks '" +
                                       name + "', choose one of " + known);
}

}  // namespace facerec
