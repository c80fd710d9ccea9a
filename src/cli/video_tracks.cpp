// SPDX-License-Identifier: LGPL-2.1-or-later

#include "video_tracks.h"

#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "contact_sheet.h"

namespace facerec::cli {

namespace {

constexpr double refresh = 1;    ///< seconds, see is_due()
constexpr float margin = 0.15F;  ///< of a crop, on each side, in sides of the box
constexpr int jpeg_quality = 95;

cv::Rect widened(const cv::Rect2f& box, cv::Size frame) {
  const cv::Point2f by(margin * box.width, margin * box.height);
  const cv::Rect2f wide(box.tl() - by, box.br() + by);
  const cv::Rect pixels(cvFloor(wide.x), cvFloor(wide.y), cvCeil(wide.width), cvCeil(wide.height));
  return pixels & cv::Rect({}, frame);
}

}  // namespace

VideoTracks::VideoTracks(Recognizer& recognizer, std::shared_ptr<const Matcher> matcher,
                         TrackDecisionOptions options, std::filesystem::path crops)
    : recognizer_(recognizer),
      matcher_(std::move(matcher)),
      options_(options),
      crops_(std::move(crops)) {}

void VideoTracks::look_at(const cv::Mat& picture, double time) {
  const FrameView frame = view_of(picture);
  if (scene_cut_.is_cut(frame)) {
    tracker_.clear();
    end_those_that_ended();
  }
  std::vector<RecognizedFace> faces = recognizer_.align(frame, recognizer_.detect(frame));
  std::vector<Face> found;
  found.reserve(faces.size());
  for (const RecognizedFace& face : faces) found.push_back(face.face);
  const std::vector<Sighting>& sightings = tracker_.update(found, frame.size(), time, {});
  end_those_that_ended();

  std::vector<RecognizedFace*> due;
  std::vector<std::pair<ShotSchedule*, Shot>> taken;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (sightings[i].track < 0) continue;
    Open& open = open_[sightings[i].track];
    // Nothing is known of a face that could not be aligned, which does not make it a good view.
    const bool is_aligned = faces[i].alignment.has_value();
    const Shot shot{is_aligned ? shot_value(faces[i].quality, sightings[i].cut) : 0, time};
    view(open, faces[i], shot, picture);
    if (!is_aligned || !open.schedule.is_due(shot, refresh)) continue;
    taken.emplace_back(&open.schedule, shot);
    due.push_back(&faces[i]);
  }
  recognizer_.embed(frame, due);
  for (std::size_t i = 0; i < due.size(); ++i) {
    taken[i].first->took(taken[i].second, due[i]->embedding.value());
  }

  std::vector<TrackedFace> tracked;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (sightings[i].track < 0) continue;
    tracked.push_back({sightings[i].track, faces[i].embedding ? &*faces[i].embedding : nullptr,
                       faces[i].quality, sightings[i].cut});
  }
  decisions_.decide(tracked, matcher_, &recognizer_.profile(), options_, time);
}

void VideoTracks::view(Open& open, const RecognizedFace& face, const Shot& shot,
                       const cv::Mat& picture) const {
  VideoTrack& track = open.track;
  if (track.frames++ > 0 && shot.value <= track.best.value) return;
  track.best = shot;
  track.best_face = face;
  if (!crops_.empty()) open.crop = picture(widened(face.face.box, picture.size())).clone();
}

void VideoTracks::end(std::int64_t id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  VideoTrack track = std::move(found->second.track);
  if (auto summary = decisions_.end(id)) track.summary = std::move(*summary);
  if (const cv::Mat& crop = found->second.crop; !crop.empty()) {
    track.crop = crops_ / ("track-" + std::to_string(id) + ".jpg");
    std::vector<unsigned char> jpeg;
    cv::imencode(".jpg", crop, jpeg, {cv::IMWRITE_JPEG_QUALITY, jpeg_quality});
    write_text(track.crop, {jpeg.begin(), jpeg.end()});
  }
  ended_.emplace(id, std::move(track));
  open_.erase(found);
}

void VideoTracks::end_those_that_ended() {
  for (const std::int64_t id : tracker_.ended()) end(id);
}

std::vector<VideoTrack> VideoTracks::finish() {
  tracker_.clear();
  end_those_that_ended();
  std::vector<VideoTrack> tracks;
  for (auto& [id, track] : ended_) tracks.push_back(std::move(track));
  ended_.clear();
  return tracks;
}

}  // namespace facerec::cli
