// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "landmarker.h"

namespace facerec {

// What each method file adds to the table in landmarker.cpp.

std::unique_ptr<Landmarker> make_landmarks68(const Model& model);
std::unique_ptr<Landmarker> make_landmarks5(const Model& model);
std::unique_ptr<Landmarker> make_dlib68(const Model& model);
std::unique_ptr<Landmarker> make_dlib5(const Model& model);
std::unique_ptr<Landmarker> make_eyes(const Model& model);

}  // namespace facerec
