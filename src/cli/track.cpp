// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "../store/gallery_name.h"
#include "commands.h"
#include "contact_sheet.h"
#include "options.h"
#include "output.h"
#include "video.h"
#include "video_tracks.h"

namespace facerec::cli {

namespace {

/// h:mm:ss.mmm
std::string clock_time(double seconds) {
  const long long all = std::llround(std::max(0.0, seconds) * 1000);
  char text[40];
  std::snprintf(text, sizeof text, "%lld:%02d:%02d.%03d", all / 3600000,
                static_cast<int>(all / 60000 % 60), static_cast<int>(all / 1000 % 60),
                static_cast<int>(all % 1000));
  return text;
}

std::string in_words(const TrackVerdict& verdict) {
  if (verdict.state != TrackState::Undecided) return verdict.label;
  std::string reason = to_string(verdict.reason);
  std::replace(reason.begin(), reason.end(), '-', ' ');
  return std::string(to_string(verdict.state)) + " (" + reason + ')';
}

Json track_json(const VideoTrack& track) {
  const TrackSummary& summary = track.summary;
  const TrackVerdict& verdict = summary.verdict;
  Json best{{"time", track.best.time}};
  best.update(to_json(track.best_face));
  Json candidates = Json::array();
  for (const Candidate& candidate : verdict.nearest) {
    candidates.push_back({{"person_id", candidate.person_id},
                          {"name", candidate.name},
                          {"distance", candidate.distance}});
  }
  return {{"id", summary.track},
          {"from", summary.from},
          {"to", summary.to},
          {"frames", track.frames},
          {"state", to_string(verdict.state)},
          {"reason", verdict.reason == Reason::None ? Json() : Json(to_string(verdict.reason))},
          {"label", verdict.label.empty() ? Json() : Json(verdict.label)},
          {"name", verdict.accepted ? Json(verdict.nearest.front().name) : Json()},
          {"person_id", verdict.accepted ? Json(verdict.nearest.front().person_id) : Json()},
          {"best_distance", summary.best_distance},
          {"false_name_rate", verdict.false_name_rate},
          {"shots", verdict.shots},
          {"best_shot", best},
          {"crop", track.crop.empty() ? Json() : Json(track.crop.string())},
          {"candidates", candidates}};
}

}  // namespace

int run_track(int argc, char** argv) {
  std::string gallery_name;
  std::string crops;
  int every = 1;
  bool json = false;
  RecognizerOptions recognizer_options;
  TrackDecisionOptions options;
  Parser parser("track VIDEO",
                "Tells from when to when each face is seen in a video file, and whose it is.\n"
                "The exit code is 0 where somebody was recognised, 1 where nobody was; without a\n"
                "gallery 0 where a face was seen, 1 where none was.");
  add_gallery_option(parser, gallery_name,
                     "the gallery of enrolled people, a file or a URI (none: nobody gets a name)");
  parser.text("crops", "FOLDER", "write the best picture of each face there, as track-N.jpg",
              crops);
  parser.integer("every", "look for faces in every Nth frame only (1)", 1, 1000, every);
  parser.integer("inference-interval", "the same, as the element facedetect calls it", 1, 1000,
                 every);
  parser.integer("min-shots", "pictures of a face that it takes to recognise somebody (1)", 1, 1000,
                 options.min_shots);
  parser.number("margin", "by how much nearer than the runner-up somebody has to be (0.05)", 0, 1e6,
                [&](double value) { options.margin = value; });
  add_recognizer_options(parser, recognizer_options);
  add_decision_options(parser, options.decision);
  add_false_name_rate_option(parser, options.decision);
  add_json_option(parser, json);
  const std::string file = parser.parse(argc, argv, 1, 1).front();

  const Metric metric = options.decision.metric;
  Video video(file);
  auto matcher = std::make_shared<const Matcher>(metric);
  if (!gallery_name.empty()) {
    const Gallery gallery(gallery_name, Gallery::Mode::ReadOnly);
    matcher = std::make_shared<const Matcher>(gallery, metric);
    prefer_model_of(gallery, recognizer_options);
  }
  Recognizer recognizer(recognizer_options);
  if (!crops.empty()) make_folder(crops);

  VideoTracks follower(recognizer, matcher, options, crops);
  {
    Progress progress(video.stated_frames());
    while (video.next()) {
      if ((video.frames() - 1) % every == 0) follower.look_at(video.picture(), video.time());
      progress.advance();
    }
  }
  const std::vector<VideoTrack> tracks = follower.finish();

  const bool recognised = std::any_of(tracks.begin(), tracks.end(), [](const VideoTrack& track) {
    return track.summary.verdict.state == TrackState::Recognised;
  });
  if (!follower.caution().empty()) std::cerr << follower.caution() << '\n';
  if (json) {
    Json entries = Json::array();
    for (const VideoTrack& track : tracks) entries.push_back(track_json(track));
    print({{"file", file},
           {"gallery", gallery_name.empty() ? Json() : Json(without_password(gallery_name))},
           {"metric", to_string(metric)},
           {"threshold", tracks.empty() ? Json() : Json(tracks[0].summary.verdict.threshold)},
           {"recognizer", to_json(recognizer)},
           {"frames", video.frames()},
           {"every", every},
           {"tracks", entries}});
  } else if (tracks.empty()) {
    std::cout << "no face was found in '" << file << "'\n";
  } else {
    std::vector<std::vector<std::string>> rows{
        {"TRACK", "FROM", "TO", "NAME", "DISTANCE", "SHOTS", "FRAMES"}};
    for (const VideoTrack& track : tracks) {
      const TrackSummary& summary = track.summary;
      rows.push_back({std::to_string(summary.track), clock_time(summary.from),
                      clock_time(summary.to), in_words(summary.verdict),
                      std::isnan(summary.best_distance) ? "-" : format(summary.best_distance),
                      std::to_string(summary.verdict.shots), std::to_string(track.frames)});
    }
    print_table(rows);
    if (!gallery_name.empty()) {
      std::cout << to_string(metric) << " threshold " << format(tracks[0].summary.verdict.threshold)
                << " (" << recognizer.profile().name << ")\n";
    }
  }
  const bool yes = gallery_name.empty() ? !tracks.empty() : recognised;
  return yes ? exit_yes : exit_no;
}

}  // namespace facerec::cli
