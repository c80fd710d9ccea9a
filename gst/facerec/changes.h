// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <map>
#include <string>
#include <vector>

#include "match/track_decision.h"

namespace facerec {

/// Decides what is news of faces.
class Changes {
 public:
  /// The events of a face, in their order; none where nothing is new. Of a track: "appeared", then
  /// "recognised" with each name that it gets after none, else "changed" with another label. Of a
  /// face without a track: "appeared" with its person, where all unknown people count as one;
  /// whoever was not seen for more than a second, forwards or backwards, has to appear anew. A
  /// frame without `time` counts as one of the time before.
  std::vector<const char*> events_of(gint64 track_id, const TrackVerdict& verdict,
                                     GstClockTime time);

  void forget(gint64 track_id) { tracks_.erase(track_id); }
  void clear() { *this = {}; }

 private:
  bool has_appeared(gint64 person_id, GstClockTime time);

  struct Told {
    TrackState state;
    std::string label;
  };

  GstClockTime now_ = 0;
  std::map<gint64, GstClockTime> people_;  ///< without a track, by when they were seen last
  std::map<gint64, Told> tracks_;
};

}  // namespace facerec
