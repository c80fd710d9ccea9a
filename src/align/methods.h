#pragma once

#include <memory>

#include "landmarker.h"

namespace facerec {

std::unique_ptr<Landmarker> make_landmarks68(const Model& model);
std::unique_ptr<Landmarker> make_eyes(const Model& model);

}  // namespace facerec
