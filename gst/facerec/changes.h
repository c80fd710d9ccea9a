// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <map>
#include <utility>

namespace facerec {

/// Decides which faces are news. A face of a track is, when its track appears or gets another
/// person. A face without a track is, when its person appears; all unknown people count as one.
/// What was not seen for more than a second, forwards or backwards, has to appear anew.
class Changes {
 public:
  /// `person_id` is that of the accepted person, or GST_FACE_PERSON_NONE. A frame without `time`
  /// counts as one of the time before.
  bool is_news(gint64 track_id, gint64 person_id, GstClockTime time);

  void clear() { *this = {}; }

 private:
  struct Sighting {
    gint64 person_id;
    GstClockTime time;
  };

  GstClockTime now_ = 0;
  std::map<std::pair<gint64, gint64>, Sighting> seen_;  ///< by track, or by person without one
};

}  // namespace facerec
