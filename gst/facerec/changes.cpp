// SPDX-License-Identifier: LGPL-2.1-or-later

#include "changes.h"

#include <gst/face/face.h>

namespace facerec {

bool Changes::has_appeared(gint64 person_id, GstClockTime time) {
  if (GST_CLOCK_TIME_IS_VALID(time)) now_ = time;
  for (auto entry = people_.begin(); entry != people_.end();) {
    const GstClockTime seen = entry->second;
    const GstClockTime passed = now_ > seen ? now_ - seen : seen - now_;  // backwards, too
    entry = passed > GST_SECOND ? people_.erase(entry) : std::next(entry);
  }
  return people_.insert_or_assign(person_id, now_).second;
}

std::vector<const char*> Changes::events_of(gint64 track_id, const TrackVerdict& verdict,
                                            GstClockTime time) {
  std::vector<const char*> events;
  if (track_id == GST_FACE_TRACK_NONE) {
    if (verdict.state == TrackState::Undecided) return events;
    const gint64 person = verdict.accepted ? verdict.nearest[0].person_id : GST_FACE_PERSON_NONE;
    if (has_appeared(person, time)) events.push_back("appeared");
    return events;
  }
  const auto [entry, is_new] = tracks_.try_emplace(track_id, Told{TrackState::Undecided, ""});
  Told& told = entry->second;
  const bool recognised = verdict.state == TrackState::Recognised;
  if (is_new) events.push_back("appeared");
  if (recognised && told.state != TrackState::Recognised) {
    events.push_back("recognised");
  } else if (verdict.label != told.label) {
    events.push_back("changed");
  }
  told = {verdict.state, verdict.label};
  return events;
}

}  // namespace facerec
