// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace facerec {
namespace {

/// Deviation of where a lost face comes back for each second: it was hidden bit by bit, so that it
/// seemed to slow down.
constexpr double lost_speed = 1;
constexpr double greatest_jump = 3;  ///< between the expected and the found middle

constexpr double greatest_growth = 2;      ///< ratio of the expected and the found side
constexpr double usual_growth = 0.25;      ///< deviation of its logarithm
constexpr double greatest_offence = 14;    ///< squared deviations of all three together
constexpr float same_face_overlap = 0.3F;  ///< of the expected and the found box
constexpr double reward = 50;              ///< of a pair, so that all are made that may be

/// Of times, seconds.
constexpr double rounding = 1e-3;

/// How near to the frame's edge a cut face's box ends, pixels.
constexpr float edge = 1;

bool is_cut(const cv::Rect2f& box, cv::Size frame) {
  return box.x < edge || box.y < edge || box.br().x > static_cast<float>(frame.width) - edge ||
         box.br().y > static_cast<float>(frame.height) - edge;
}

}  // namespace

void Tracker::assign(const std::vector<Face>& faces, bool sure, const TrackOptions& options) {
  candidates_.clear();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if ((faces[i].confidence >= options.start_threshold) == sure) candidates_.push_back(i);
  }
  open_.clear();
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (!tracks_[i].found) open_.push_back(i);
  }
  assignment_.begin(open_.size(), candidates_.size());
  for (std::size_t row = 0; row < open_.size(); ++row) {
    const Track& track = tracks_[open_[row]];
    const double side = track.motion.side();
    const double lost = std::abs(track.motion.time() - track.lost_since);
    const double noise = std::hypot(seen_middle, lost_speed * lost) * side;
    const double variance_x = track.motion.variance().x + noise * noise;
    const double variance_y = track.motion.variance().y + noise * noise;
    const double spread = std::log(variance_x * variance_y / std::pow(side, 4));
    for (std::size_t column = 0; column < candidates_.size(); ++column) {
      const cv::Rect2f& box = faces[candidates_[column]].box;
      const double dx = box.x + box.width / 2 - track.motion.middle().x;
      const double dy = box.y + box.height / 2 - track.motion.middle().y;
      const double growth = std::abs(std::log(side_of(box.width, box.height) / side));
      if (std::hypot(dx, dy) > greatest_jump * side || growth > std::log(greatest_growth)) continue;
      const double off =
          dx * dx / variance_x + dy * dy / variance_y + std::pow(growth / usual_growth, 2);
      // A box that overlaps what was expected may be the face however surely that was expected.
      if (off > greatest_offence && overlap(track.motion.box(), box) < same_face_overlap) continue;
      assignment_.allow(row, column, std::min(off, 2 * greatest_offence) + spread - reward);
    }
  }
  const std::vector<std::size_t>& column_of = assignment_.solve();
  for (std::size_t row = 0; row < open_.size(); ++row) {
    if (column_of[row] == Assignment::none) continue;
    const std::size_t index = candidates_[column_of[row]];
    Track& track = tracks_[open_[row]];
    see(track, faces[index], index, track.motion.time());
  }
}

void Tracker::see(Track& track, const Face& face, std::size_t index, double time) {
  track.motion.see(face.box);
  track.sighting.last_seen = track.lost_since = time;
  track.face = face;
  track.index = index;
  track.found = true;
  sightings_[index] = track.sighting;
}

void Tracker::begin(const Face& face, std::size_t index, double time) {
  sightings_[index] = {next_++, time, time};
  tracks_.push_back({sightings_[index], time, {face.box, time}, face, index, true});
}

template <typename Condition>
void Tracker::end_where(Condition is_over) {
  const auto ends = [&](const Track& track) {
    if (!is_over(track)) return false;
    ended_.push_back(track.sighting.track);
    return true;
  };
  tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(), ends), tracks_.end());
}

const std::vector<Sighting>& Tracker::update(const std::vector<Face>& faces, cv::Size frame,
                                             double time, const TrackOptions& options) {
  for (Track& track : tracks_) {
    track.motion.advance(time);
    if (track.lost_since == track.sighting.last_seen) track.lost_since = time;
    track.found = false;
  }
  const auto is_over = [&](const Track& track) {
    return std::abs(time - track.lost_since) > options.max_lost + rounding;
  };
  ended_.clear();
  end_where(is_over);
  sightings_.assign(faces.size(), {});
  assign(faces, true, options);
  assign(faces, false, options);
  const auto has_left = [&](const Track& track) {
    return !track.found && !is_inside(track.motion.middle(), frame);
  };
  end_where(has_left);

  for (std::size_t i = 0; i < faces.size(); ++i) {
    const bool may_begin = faces[i].confidence >= options.start_threshold;
    if (sightings_[i].track < 0 && may_begin) begin(faces[i], i, time);
    sightings_[i].cut = is_cut(faces[i].box, frame);
  }
  return sightings_;
}

std::vector<PredictedFace> Tracker::predict(cv::Size frame, double time) const {
  std::vector<PredictedFace> predicted;
  for (Track track : tracks_) {
    if (!track.found) continue;
    track.motion.advance(time);
    const cv::Rect2f box = clip(track.motion.box(), frame);
    if (box.empty() || !is_inside(track.motion.middle(), frame)) continue;
    move(track.face, track.motion.box());
    track.face.box = box;
    track.sighting.cut = is_cut(box, frame);
    predicted.push_back({std::move(track.face), track.sighting, track.index});
  }
  return predicted;
}

const std::vector<std::int64_t>& Tracker::ended() const {
  return ended_;
}

void Tracker::clear() {
  ended_.clear();
  end_where([](const Track&) { return true; });
}

}  // namespace facerec
