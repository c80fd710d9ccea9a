// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../match/shot_schedule.h"
#include "../match/track_decision.h"
#include "../pipeline.h"
#include "../track/scene_cut.h"
#include "../track/shot.h"
#include "../track/tracker.h"

namespace facerec::cli {

/// A face of a video from where it comes to where it goes.
struct VideoTrack {
  TrackSummary summary;
  int frames = 0;              ///< in which it was found
  Shot best;                   ///< the best view of it,
  RecognizedFace best_face;    ///< what was found there,
  std::filesystem::path crop;  ///< and the file that shows it; empty where none was wanted
};

/// Follows the faces of a video's frames, and represents each where its track is due.
class VideoTracks {
 public:
  /// The matcher's metric is that of the options. Where `crops` is not empty, each track's best
  /// view is written into that folder, which exists.
  VideoTracks(Recognizer& recognizer, std::shared_ptr<const Matcher> matcher,
              TrackDecisionOptions options, std::filesystem::path crops);

  /// The next frame (CV_8UC3, BGR). Throws Error as TrackDecisions do, and Error (Write).
  void look_at(const cv::Mat& picture, double time);

  /// Ends all tracks, and hands them out by number.
  std::vector<VideoTrack> finish();

  /// See Decision.
  std::string caution() const { return decisions_.caution(); }

 private:
  struct Open {
    VideoTrack track;
    cv::Mat crop;  ///< empty where none is wanted
    ShotSchedule schedule;
  };

  void view(Open& open, const RecognizedFace& face, const Shot& shot, const cv::Mat& picture) const;
  void end(std::int64_t id);
  void end_those_that_ended();

  Recognizer& recognizer_;
  std::shared_ptr<const Matcher> matcher_;
  TrackDecisionOptions options_;
  std::filesystem::path crops_;
  SceneCut scene_cut_;
  Tracker tracker_;
  TrackDecisions decisions_;
  std::map<std::int64_t, Open> open_;
  std::map<std::int64_t, VideoTrack> ended_;
};

}  // namespace facerec::cli
