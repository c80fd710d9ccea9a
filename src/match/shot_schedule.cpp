// SPDX-License-Identifier: LGPL-2.1-or-later

#include "shot_schedule.h"

#include "track_evidence.h"

namespace facerec {

bool ShotSchedule::is_due(const Shot& now, double refresh) const {
  return taken_ == 0 || facerec::is_due(last_, taken_, now, refresh);
}

void ShotSchedule::took(const Shot& shot, const Embedding& embedding) {
  if (taken_ > 0 && show_different_people(embedding_, embedding)) taken_ = 0;
  last_ = shot;
  embedding_ = embedding;
  ++taken_;
}

}  // namespace facerec
