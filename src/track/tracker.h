// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../face.h"
#include "assignment.h"
#include "box_motion.h"

namespace facerec {

/// May change from frame to frame.
struct TrackOptions {
  double max_lost = 1;        ///< seconds from the first frame in which a track's face is not found
                              ///< to the last one in which it may be found again
  float start_threshold = 0;  ///< least confidence of a face that begins a track, 0..1; less sure
                              ///< ones only continue tracks
};

/// What the tracker says of a face. Times are seconds, as they were given.
struct Sighting {
  std::int64_t track = -1;  ///< never used twice by a tracker; -1 = of no track
  double first_seen = 0;    ///< time of the frame in which the track's face was found first
  double last_seen = 0;     ///< time of the frame in which it was found last
  bool cut = false;         ///< the frame's edge cuts the face
};

/// A face where it should be in a frame that nobody looked at.
struct PredictedFace {
  Face face;
  Sighting sighting;
  std::size_t last_index = 0;  ///< in the faces of the last update(), of the track's face
};

/// Follows faces from frame to frame. Times may have any distance and may run backwards; a frame is
/// taken to be as far from the one before as their times are.
///
/// Middle and size of each box are followed by Kalman filters. Faces are assigned to tracks by the
/// likelihood of where they are; first those that may begin a track, then the weak ones to the
/// tracks that are left (the two stages of Y. Zhang et al., "ByteTrack", 2022). Not for two threads
/// at once.
class Tracker {
 public:
  /// What becomes of the faces that were found in a frame of that size, in their order.
  const std::vector<Sighting>& update(const std::vector<Face>& faces, cv::Size frame, double time,
                                      const TrackOptions& options);

  /// The faces that were found in the last frame of an update(), as they should be at that time.
  /// Those that have left the frame are not among them.
  std::vector<PredictedFace> predict(cv::Size frame, double time) const;

  const std::vector<std::int64_t>& ended()
      const;  ///< tracks that the last update() or clear() ended

  /// Ends all tracks.
  void clear();

 private:
  struct Track {
    Sighting sighting;      ///< the last one, without its `cut`
    double lost_since = 0;  ///< time of the first frame without it; last_seen where it is not lost
    BoxMotion motion;
    Face face;              ///< as it was found last
    std::size_t index = 0;  ///< of that among the faces of its frame
    bool found = false;     ///< in the last frame
  };

  void assign(const std::vector<Face>& faces, bool sure, const TrackOptions& options);
  void see(Track& track, const Face& face, std::size_t index, double time);
  void begin(const Face& face, std::size_t index, double time);
  template <typename Condition>
  void end_where(Condition is_over);

  std::int64_t next_ = 0;
  std::vector<Track> tracks_;
  std::vector<std::int64_t> ended_;
  Assignment assignment_;
  std::vector<Sighting> sightings_;
  std::vector<std::size_t> candidates_, open_;  ///< indices of faces and tracks of assign()
};

}  // namespace facerec
