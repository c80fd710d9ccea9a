// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "../face.h"

namespace facerec {

/// When a view of a track's face was represented, and how good it is.
struct Shot {
  double value = 0;  ///< see shot_value()
  double time = 0;   ///< seconds
};

/// How good a view of a face is, 0..1: the product of the distance of its eyes up to 40 pixels, the
/// root of its sharpness up to 0.3 and the cosine of its yaw; half of that where the frame's edge
/// cuts it. What is not known takes nothing off.
double shot_value(const Quality& quality, bool cut);

/// Whether a track of which `taken` shots were represented, `last` being the last one, shall be
/// represented anew by `now`: it is clearly better, or `last` is `refresh` seconds old; five times
/// that where `now` is clearly worse. The first shots come faster, after 1/16, 1/8, 1/4 and 1/2 of
/// that, so that a track is soon known by several.
bool is_due(const Shot& last, int taken, const Shot& now, double refresh);

}  // namespace facerec
