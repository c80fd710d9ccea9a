// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>

#include "../evaluate/pairs.h"
#include "../match/decision.h"
#include "../store/gallery_name.h"
#include "commands.h"
#include "labelled_embeddings.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace fs = std::filesystem;

namespace {

/// Distances between faces of different people.
std::vector<double> impostors_of(const std::vector<Template>& faces, Metric metric) {
  std::vector<double> distances;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    for (std::size_t j = i + 1; j < faces.size(); ++j) {
      if (faces[i].person_id == faces[j].person_id) continue;
      distances.push_back(distance(faces[i].embedding.values, faces[j].embedding.values, metric));
    }
  }
  return distances;
}

/// Distances between all pictures of different people in a folder of people.
std::vector<double> impostors_of(Recognizer& recognizer, const fs::path& folder, Metric metric) {
  const std::vector<Picture> pictures = read_people(folder);
  const Embeddings embeddings = represent(recognizer, pictures);
  std::vector<Template> faces;
  for (const Picture& picture : pictures) {
    const auto& found = embeddings.at(picture.file);
    if (!found) continue;
    faces.emplace_back();
    faces.back().person_id = picture.person;
    faces.back().embedding = *found;
  }
  return impostors_of(faces, metric);
}

/// Distances of labelled pairs of different people, represented with the gallery's model.
std::vector<double> impostors_of(Recognizer& recognizer, std::vector<LabelledPair> pairs,
                                 Metric metric) {
  pairs.erase(std::remove_if(pairs.begin(), pairs.end(),
                             [](const LabelledPair& pair) { return pair.same; }),
              pairs.end());
  std::vector<double> distances;
  for (const PairDistance& pair : compare(pairs, represent(recognizer, pairs), metric)) {
    distances.push_back(pair.distance);
  }
  return distances;
}

/// The curve as a field of a profile, see models/README.md.
void print_profile_field(const Calibration& curve, Metric metric, const Recognizer& recognizer) {
  constexpr double digits = 1e5;
  std::cout << "  \"curves\": {\n    \"" << to_string(metric) << "\": {\n      \"knots\": [";
  constexpr int on_a_line = 6;
  int count = 0;
  for (const Calibration::Knot& knot : curve.knots()) {
    std::cout << (count == 0 ? "" : ",") << (count % on_a_line == 0 ? "\n        " : " ") << '['
              << std::round(knot.distance * digits) / digits << ", " << knot.rate << ']';
    ++count;
  }
  const std::string source = std::to_string(curve.pairs()) +
                             " pairs of different people, detector " +
                             recognizer.detector_profile().name + " (facerec calibrate --curve)";
  std::cout << "\n      ],\n      \"scale\": " << curve.tail().scale
            << ",\n      \"shape\": " << curve.tail().shape
            << ",\n      \"pairs\": " << curve.pairs() << ",\n      \"source\": " << Json(source)
            << "\n    }\n  }\n";
}

}  // namespace

int run_calibrate(int argc, char** argv) {
  std::string file, pairs, images;
  DecisionOptions decision_options;
  double rate = 1e-3;
  bool json = false, print_curve = false;
  RecognizerOptions options;
  Parser parser(
      "calibrate --gallery FILE",
      "Learns how near strangers come, from the gallery's own people or, better, from labelled\n"
      "pairs of the place where the cameras are or a folder with a folder of pictures for each\n"
      "person. facematch and find turn a false name rate into a threshold by it.");
  add_gallery_option(parser, file);
  parser.text("pairs", "FILE", "labelled pairs or people, as evaluate takes them", pairs);
  parser.text("images", "FOLDER", "where their pictures are (images beside the file)", images);
  parser.number("false-accept-rate",
                "share of strangers for whose threshold of one comparison is told (0.001)", 1e-6,
                0.5, [&](double value) { rate = value; });
  parser.flag("curve", "print what is learnt as a profile holds it, for no gallery", print_curve);
  add_metric_option(parser, decision_options.metric);
  add_false_name_rate_option(parser, decision_options);
  add_recognizer_options(parser, options);
  add_json_option(parser, json);
  parser.parse(argc, argv, 0, 0);
  if (!print_curve) parser.require("gallery", file);
  if (print_curve && !file.empty()) parser.fail("--curve excludes --gallery");
  if (print_curve) parser.require("pairs", pairs);
  const Metric metric = decision_options.metric;

  std::optional<Gallery> gallery;
  if (!print_curve) gallery.emplace(file, Gallery::Mode::ReadWrite);
  std::optional<Recognizer> recognizer;
  std::vector<double> distances;
  if (pairs.empty()) {
    distances = impostors_of(gallery->templates(), metric);
  } else {
    std::vector<LabelledPair> labelled;
    if (!fs::is_directory(pairs)) labelled = read_pairs(pairs, images, 2);
    if (gallery) prefer_model_of(*gallery, options);
    recognizer.emplace(options);
    if (gallery) {
      require_same_model({recognizer->profile().name, recognizer->fingerprint()}, gallery->model(),
                         file);
    }
    distances = labelled.empty() ? impostors_of(*recognizer, fs::path(pairs), metric)
                                 : impostors_of(*recognizer, std::move(labelled), metric);
  }
  const Calibration curve = Calibration::from_impostors(std::move(distances));
  if (print_curve) {
    print_profile_field(curve, metric, *recognizer);
    return exit_yes;
  }
  const GalleryCalibration calibration{rate, curve.threshold(rate), curve};
  gallery->calibrate(metric, calibration);
  const Matcher people(*gallery, metric);
  const Decision decision(decision_options, people, nullptr);

  if (json) {
    print({{"gallery", without_password(file)},
           {"metric", to_string(metric)},
           {"false_accept_rate", rate},
           {"threshold", calibration.threshold},
           {"impostor_pairs", curve.pairs()},
           {"people", people.person_count()},
           {"false_name_rate", decision_options.false_name_rate},
           {"gallery_threshold", decision.threshold()}});
  } else {
    std::cout << to_string(metric) << " threshold " << format(calibration.threshold)
              << " for a false accept rate of " << rate << ", from " << curve.pairs()
              << " pairs of different people\n"
              << "in this gallery of " << people.person_count() << " people "
              << format(decision.threshold()) << " for a false name rate of "
              << decision_options.false_name_rate << '\n';
    const double told = decision.false_accept_rate(decision.threshold());
    if (std::min(rate, told) * curve.pairs() < 1) {
      std::cout << "the rate is below one of these pairs: it is extrapolated; more pairs tell it "
                   "better\n";
    }
  }
  return exit_yes;
}

}  // namespace facerec::cli
