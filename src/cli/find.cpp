// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <cmath>
#include <iostream>

#include "../match/decision.h"
#include "../match/near_people.h"
#include "../store/gallery_name.h"
#include "commands.h"
#include "image.h"
#include "options.h"
#include "output.h"
#include "probe.h"

namespace facerec::cli {

namespace {

/// People who are asked of a server: the nearest one is missed less where it looks for more.
constexpr int least_near = 10;

std::string describe(const cv::Rect2f& box) {
  return std::to_string(std::lround(box.width)) + 'x' + std::to_string(std::lround(box.height)) +
         '+' + std::to_string(std::lround(box.x)) + '+' + std::to_string(std::lround(box.y));
}

/// Of everybody, or of those whom the gallery's server finds.
Matcher matcher_of(const Gallery& gallery, Metric metric, const std::string& index,
                   const std::vector<RecognizedFace>& faces, int top_k) {
  if (index != server_index) return {gallery, metric};
  std::vector<const Embedding*> probes;
  for (const RecognizedFace& face : faces) {
    if (face.embedding) probes.push_back(&*face.embedding);
  }
  return matcher_near(gallery, metric, probes, std::max(top_k, least_near));
}

}  // namespace

int run_find(int argc, char** argv) {
  std::string file;
  int top_k = 3;
  std::string index = "exact";
  bool json = false;
  RecognizerOptions recognizer_options;
  DecisionOptions decision_options;
  Parser parser("find --gallery FILE IMAGE",
                "Compares every face of an image with the people of a gallery.\n"
                "The exit code is 0 where somebody was recognised, 1 where nobody was.");
  add_gallery_option(parser, file);
  parser.integer("top-k", "how many people are named for a face (3)", 1, 1000, top_k);
  parser.text("index", "KIND",
              "exact compares with everybody; server asks the gallery's server, PostgreSQL with "
              "pgvector, OpenSearch or Elasticsearch (exact)",
              index);
  add_recognizer_options(parser, recognizer_options);
  add_decision_options(parser, decision_options);
  add_false_name_rate_option(parser, decision_options);
  add_json_option(parser, json);
  const std::string image_file = parser.parse(argc, argv, 1, 1).front();
  parser.require("gallery", file);
  if (index != "exact" && index != server_index) {
    parser.fail("--index is exact or server, not '" + index + "'");
  }

  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  prefer_model_of(gallery, recognizer_options);
  Recognizer recognizer(recognizer_options);

  UprightPhoto photo = recognizer.detect_upright(read_image(image_file));
  if (photo.turn != 1) {
    std::cerr << "'" << image_file << "' was turned by " << degrees_of(photo.turn) << " degrees\n";
  }
  const auto faces = recognizer.represent(view_of(photo.picture), std::move(photo.faces));
  const Matcher matcher = matcher_of(gallery, decision_options.metric, index, faces, top_k);
  const Decision decision(decision_options, matcher, &recognizer.profile());

  bool recognised = false;
  Json entries = Json::array();
  std::vector<std::vector<std::string>> rows{{"FACE", "VERDICT", "NEAREST"}};
  for (const RecognizedFace& face : faces) {
    Verdict verdict;
    if (face.embedding) verdict = decision.decide(matcher.nearest(*face.embedding, top_k));
    recognised |= verdict.accepted;

    Json entry = to_json(face);
    entry["name"] = verdict.accepted ? Json(verdict.nearest.front().name) : Json();
    entry["candidates"] = Json::array();
    std::string nearest;
    for (const Candidate& candidate : verdict.nearest) {
      entry["candidates"].push_back(
          {{"person_id", candidate.person_id},
           {"name", candidate.name},
           {"distance", candidate.distance},
           {"false_accept_rate", decision.false_accept_rate(candidate.distance)},
           {"false_name_rate", decision.false_name_rate(candidate.distance)},
           {"accepted", decision.accepts(candidate.distance)}});
      nearest += (nearest.empty() ? "" : ", ") + candidate.name + ' ' + format(candidate.distance);
    }
    entries.push_back(std::move(entry));
    const std::string text = verdict.accepted ? verdict.nearest.front().name
                             : face.embedding ? "unknown"
                                              : "not aligned, no landmarks found";
    rows.push_back({describe(face.face.box), text, nearest});
  }
  if (!decision.caution().empty()) std::cerr << decision.caution() << '\n';
  if (json) {
    print({{"file", image_file},
           {"gallery", without_password(file)},
           {"metric", to_string(decision_options.metric)},
           {"threshold", decision.threshold()},
           {"false_name_rate", decision.false_name_rate(decision.threshold())},
           {"recognizer", to_json(recognizer)},
           {"turned", degrees_of(photo.turn)},
           {"faces", entries}});
  } else if (faces.empty()) {
    std::cout << "no face was found in '" << image_file << "'\n";
  } else {
    print_table(rows);
    std::cout << to_string(decision_options.metric) << " threshold " << format(decision.threshold())
              << " (" << recognizer.profile().name << ")\n";
  }
  return recognised ? exit_yes : exit_no;
}

}  // namespace facerec::cli
