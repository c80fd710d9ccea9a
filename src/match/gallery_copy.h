// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <functional>

#include "gallery.h"

namespace facerec {

struct GalleryCopy {
  std::size_t copied = 0;   ///< templates
  std::size_t present = 0;  ///< templates that were there
};

/// Copies from one gallery to another what that lacks: people, templates (in their order), and
/// calibrations for metrics for which it has none. What a copy that was cut short has brought is
/// not copied again; people whom the other one has besides stay. `progress` is told how many
/// templates of how many are there. Throws Error as Gallery does, (Settings) where both are one,
/// (Mismatch) where they are of different models.
GalleryCopy copy_gallery(
    const Gallery& from, Gallery& to,
    const std::function<void(std::size_t done, std::size_t all)>& progress = {});

}  // namespace facerec
