// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gallery_facts.h"
#include "matcher.h"

namespace facerec {

/// How large a gallery is that is not in memory: its people are counted, and the templates of two
/// hundred of them tell how many each has and how these spread. Exact where there are no more
/// people. Drawn by their ids, so that the same people are taken each time.
class GallerySample {
 public:
  /// Counts, and reads whom it lacks and those of it who have changed; everybody where that is not
  /// known. Throws Error as Gallery does, and is of no use then.
  void follow(const Gallery& gallery, const std::optional<std::vector<std::int64_t>>& changed);

  GallerySize size(Metric metric) const;

 private:
  EnrolledPeople people_;
  std::int64_t counted_ = 0;  ///< people of the gallery
};

}  // namespace facerec
