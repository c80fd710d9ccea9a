// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "../face.h"

namespace facerec {

/// The alignment with a mask: the convex hull of the face's 68 landmarks, which runs along the jaw
/// and over the eyebrows, so that the forehead lies outside. Empty where the face has other
/// landmarks, whose hull would cut most of the face away.
std::optional<Alignment> masked(Alignment alignment, const Landmarks& landmarks);

/// Blackens the pixels of an aligned picture (8 bits) outside the mask, as those outside the frame
/// are; nothing where the mask is empty.
void apply_mask(cv::Mat& picture, const std::vector<cv::Point2f>& mask);

/// Throws Error (Settings) where what the landmarker called `name` finds is not what a mask needs.
void require_mask_landmarks(LandmarkScheme found, const std::string& name);

}  // namespace facerec
