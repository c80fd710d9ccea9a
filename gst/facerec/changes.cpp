// SPDX-License-Identifier: LGPL-2.1-or-later

#include "changes.h"

#include <gst/face/face.h>

namespace facerec {

bool Changes::is_news(gint64 track_id, gint64 person_id, GstClockTime time) {
  if (GST_CLOCK_TIME_IS_VALID(time)) now_ = time;
  for (auto entry = seen_.begin(); entry != seen_.end();) {
    const GstClockTime seen = entry->second.time;
    const GstClockTime passed = now_ > seen ? now_ - seen : seen - now_;  // backwards, too
    entry = passed > GST_SECOND ? seen_.erase(entry) : std::next(entry);
  }
  const bool tracked = track_id != GST_FACE_TRACK_NONE;
  const auto key = std::pair(track_id, tracked ? GST_FACE_PERSON_NONE : person_id);
  const auto [entry, is_new] = seen_.try_emplace(key, Sighting{person_id, now_});
  const bool changed = entry->second.person_id != person_id;
  entry->second = {person_id, now_};
  return is_new || changed;
}

}  // namespace facerec
