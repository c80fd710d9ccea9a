// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>

#include "../face.h"

namespace facerec {

/// The similarity that turns a face into the template's position in a picture of `size`.
/// Uses 68 points, five points or two eyes; the template is the largest square in the middle. With
/// template "none" the box, enlarged by `margin` of its longer side on every side, as large as fits
/// into the middle; with `mask` as masked() does. Empty where the face has no landmarks or where
/// they coincide.
std::optional<Alignment> align(const Face& face, const std::string& template_name, cv::Size size,
                               double margin, bool mask = false);

}  // namespace facerec
