// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "../face.h"
#include "../frame_view.h"
#include "../sampling.h"

namespace facerec {

/// Size, pose, sharpness and brightness of a face. Roll is the angle of the line between the eyes.
/// Yaw comes from how far the nose tip lies off the middle between the eyes, seen along that line,
/// and is good to some ten degrees within +-45. Sharpness is the variance of the Laplacian of the
/// luma inside the aligned face at 112x112 pixels, divided by the luma's variance (no unit, 0 =
/// blurred).
Quality measure_quality(const FrameView& frame, const Face& face, Sampler& sampler);

}  // namespace facerec
