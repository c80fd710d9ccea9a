// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>

#include "../error.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "probe.h"

namespace facerec::cli {

namespace {

/// The model's threshold; NaN where its profile has none.
double stated_threshold(const Profile& profile, Metric metric) {
  try {
    return default_threshold(profile, metric);
  } catch (const Error&) {
    return NAN;
  }
}

}  // namespace

int run_verify(int argc, char** argv) {
  bool json = false;
  RecognizerOptions recognizer_options;
  DecisionOptions decision;
  Parser parser("verify IMAGE IMAGE",
                "Tells whether the main faces of two images (large and near the middle) are of the "
                "same person.\n"
                "The exit code is 0 for the same, 1 for different people.");
  add_recognizer_options(parser, recognizer_options);
  add_decision_options(parser, decision);
  add_json_option(parser, json);
  const auto files = parser.parse(argc, argv, 2, 2);

  Recognizer recognizer(recognizer_options);
  const double threshold = pair_threshold(decision, recognizer.profile());
  std::vector<Probe> probes;
  Json images = Json::array();
  for (const std::string& file : files) {
    probes.push_back(read_probe(recognizer, file));
    const Probe& probe = probes.back();
    if (const auto note = note_of(probe, file); !note.empty()) std::cerr << note << '\n';
    images.push_back({{"file", file},
                      {"faces", probe.faces_in_image},
                      {"turned", degrees_of(probe.turn)},
                      {"face", to_json(probe.face)}});
  }
  const auto measure = [&](Metric metric) {
    return distance(probes[0].face.embedding->values, probes[1].face.embedding->values, metric);
  };

  const double measured = measure(decision.metric);
  const bool same = measured <= threshold;
  Json distances = Json::object();
  std::vector<std::vector<std::string>> rows{{"METRIC", "DISTANCE", "THRESHOLD"}};
  for (Metric metric : all_metrics()) {
    const double limit =
        metric == decision.metric ? threshold : stated_threshold(recognizer.profile(), metric);
    distances[to_string(metric)] = {{"distance", measure(metric)}, {"threshold", limit}};
    rows.push_back(
        {to_string(metric), format(measure(metric)), std::isnan(limit) ? "-" : format(limit)});
  }
  if (json) {
    print({{"same", same},
           {"metric", to_string(decision.metric)},
           {"distance", measured},
           {"threshold", threshold},
           {"distances", distances},
           {"recognizer", to_json(recognizer)},
           {"images", images}});
  } else {
    print_table(rows);
    std::cout << (same ? "same person" : "different people") << " (" << to_string(decision.metric)
              << ' ' << format(measured) << (same ? " <= " : " > ") << format(threshold) << ", "
              << recognizer.profile().name << ")\n";
  }
  return same ? exit_yes : exit_no;
}

}  // namespace facerec::cli
