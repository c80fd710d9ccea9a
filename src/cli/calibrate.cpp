// SPDX-License-Identifier: LGPL-2.1-or-later

#include <algorithm>
#include <iostream>

#include "../evaluate/pairs.h"
#include "../match/gallery.h"
#include "commands.h"
#include "labelled_embeddings.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace {

/// Distances between templates of different people.
std::vector<double> impostors_of(const Gallery& gallery, Metric metric) {
  const std::vector<Template> templates = gallery.templates();
  std::vector<double> distances;
  for (std::size_t i = 0; i < templates.size(); ++i) {
    for (std::size_t j = i + 1; j < templates.size(); ++j) {
      if (templates[i].person_id == templates[j].person_id) continue;
      distances.push_back(
          distance(templates[i].embedding.values, templates[j].embedding.values, metric));
    }
  }
  return distances;
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

}  // namespace

int run_calibrate(int argc, char** argv) {
  std::string file, pairs, images;
  Metric metric = Metric::Cosine;
  double rate = 1e-3;
  bool json = false;
  RecognizerOptions options;
  Parser parser(
      "calibrate --gallery FILE",
      "Sets a gallery's threshold for a wanted false accept rate (the share of strangers\n"
      "that one comparison accepts), from the gallery's own people or, better, from\n"
      "labelled pairs of the place where the cameras are. facematch and find use it.");
  add_gallery_option(parser, file);
  parser.number("false-accept-rate", "wanted share of strangers (0.001)", 1e-6, 0.5,
                [&](double value) { rate = value; });
  parser.text("pairs", "FILE", "labelled pairs, as evaluate takes them", pairs);
  parser.text("images", "FOLDER", "where their pictures are (images beside the file)", images);
  add_metric_option(parser, metric);
  add_recognizer_options(parser, options);
  add_json_option(parser, json);
  parser.parse(argc, argv, 0, 0);
  parser.require("gallery", file);

  Gallery gallery(file, Gallery::Mode::ReadWrite);
  std::vector<double> distances;
  if (pairs.empty()) {
    distances = impostors_of(gallery, metric);
  } else {
    std::vector<LabelledPair> labelled = read_pairs(pairs, images, 2);
    prefer_model_of(gallery, options);
    Recognizer recognizer(options);
    require_same_model({recognizer.profile().name, recognizer.fingerprint()}, gallery.model(),
                       file);
    distances = impostors_of(recognizer, std::move(labelled), metric);
  }
  const Calibration curve = Calibration::from_impostors(std::move(distances));
  const GalleryCalibration calibration{rate, curve.threshold(rate), curve};
  gallery.calibrate(metric, calibration);

  if (json) {
    print({{"gallery", file},
           {"metric", to_string(metric)},
           {"false_accept_rate", rate},
           {"threshold", calibration.threshold},
           {"impostor_pairs", curve.pairs()}});
  } else {
    std::cout << to_string(metric) << " threshold " << format(calibration.threshold)
              << " for a false accept rate of " << rate << ", from " << curve.pairs()
              << " pairs of different people\n";
    if (rate * curve.pairs() < 1) {
      std::cout << "the rate is below one of these pairs: it is extrapolated; more pairs tell it "
                   "better\n";
    }
  }
  return exit_yes;
}

}  // namespace facerec::cli
