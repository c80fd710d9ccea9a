// SPDX-License-Identifier: LGPL-2.1-or-later

#include "extrapolation.h"

namespace facerec {

void Extrapolation::update(const std::vector<std::pair<std::int64_t, cv::Rect2f>>& boxes,
                           double time) {
  std::map<std::int64_t, BoxMotion> motions;
  for (const auto& [track, box] : boxes) {
    const auto known = motions_.find(track);
    if (known == motions_.end()) {
      motions.emplace(track, BoxMotion(box, time));
      continue;
    }
    known->second.advance(time);
    known->second.see(box);
    motions.emplace(*known);
  }
  motions_ = std::move(motions);
}

std::optional<cv::Rect2f> Extrapolation::box_at(std::int64_t track, cv::Size frame,
                                                double time) const {
  const auto known = motions_.find(track);
  if (known == motions_.end()) return std::nullopt;
  BoxMotion motion = known->second;
  motion.advance(time);
  if (!is_inside(motion.middle(), frame)) return std::nullopt;
  return motion.box();
}

}  // namespace facerec
