// SPDX-License-Identifier: LGPL-2.1-or-later

#include "evaluate_boxes.h"

#include <algorithm>
#include <chrono>
#include <iostream>

#include "../evaluate/boxes.h"
#include "../evaluate/chart.h"
#include "contact_sheet.h"
#include "image.h"
#include "options.h"
#include "output.h"
#include "present_models.h"

namespace facerec::cli {

namespace fs = std::filesystem;

namespace {

constexpr double least_overlap = 0.5;
constexpr double standard_min_size = 32;
constexpr double wanted_precision = 0.9;
constexpr float least_confidence = 0.05F;  // for the curve

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// The largest recall at a precision of at least `precision`, and its confidence.
PrecisionRecall best_recall(const DetectionScore& score, double precision) {
  PrecisionRecall best;
  for (const PrecisionRecall& point : score.curve) {
    if (point.precision >= precision && point.recall > best.recall) best = point;
  }
  return best;
}

struct DetectorResult {
  std::string name;
  DetectionScore score;     ///< at the threshold
  DetectionScore whole;     ///< of everything at or above least_confidence
  double milliseconds = 0;  ///< for a picture
};

using Pictures = std::map<std::string, std::vector<cv::Rect2f>>;

/// The models that are meant: "all" are those whose files are present.
std::vector<Model> models_of(const std::string& name) {
  if (name != "all") return {find_model(name, Role::Detector)};
  return present_models(Role::Detector);
}

/// The same pictures with the faces that are confident enough.
std::vector<DetectionSample> at_least(float confidence, std::vector<DetectionSample> samples) {
  for (DetectionSample& sample : samples) {
    sample.found.erase(
        std::remove_if(sample.found.begin(), sample.found.end(),
                       [&](const Face& face) { return face.confidence < confidence; }),
        sample.found.end());
  }
  return samples;
}

DetectorResult evaluate(const Model& model, const Pictures& pictures, const fs::path& images,
                        const DetectOptions& options, double min_size) {
  const auto detector = make_detector(model);
  DetectOptions everything = options;
  everything.min_size = 0;
  everything.threshold = least_confidence;

  std::vector<DetectionSample> samples;
  DetectorResult result;
  result.name = model.profile.name;
  Progress progress(pictures.size());
  for (const auto& [name, truth] : pictures) {
    const cv::Mat picture = read_image((images / name).string());
    const auto start = std::chrono::steady_clock::now();
    samples.push_back({detector->detect(view_of(picture), everything), truth});
    result.milliseconds += milliseconds_since(start) / static_cast<double>(pictures.size());
    progress.advance();
  }
  result.whole = score_detections(samples, least_overlap, min_size);
  const float threshold = options.threshold > 0 ? options.threshold : detector->default_threshold();
  result.score = score_detections(at_least(threshold, std::move(samples)), least_overlap, min_size);
  return result;
}

Json to_json(const DetectorResult& result) {
  const PrecisionRecall best = best_recall(result.whole, wanted_precision);
  return {{"detector", result.name},
          {"recall", result.score.recall.rate},
          {"precision", result.score.precision.rate},
          {"average_precision", result.whole.average_precision},
          {"recall_at_precision_0.9", best.recall},
          {"confidence_at_precision_0.9", best.confidence},
          {"milliseconds", result.milliseconds}};
}

void print_results(const std::vector<DetectorResult>& results) {
  std::vector<std::vector<std::string>> rows{
      {"DETECTOR", "RECALL", "PRECISION", "AVERAGE PRECISION", "RECALL AT PRECISION 0.9", "MS"}};
  for (const DetectorResult& result : results) {
    const PrecisionRecall best = best_recall(result.whole, wanted_precision);
    rows.push_back({result.name, format(result.score.recall.rate),
                    format(result.score.precision.rate), format(result.whole.average_precision),
                    format(best.recall) + " (confidence " + format(best.confidence) + ")",
                    format(result.milliseconds)});
  }
  print_table(rows);
}

}  // namespace

int evaluate_boxes(const BoxesOptions& boxes, const RecognizerOptions& options) {
  const fs::path images =
      boxes.images.empty() ? fs::path(boxes.file).parent_path() / "images" : fs::path(boxes.images);
  const Pictures pictures = read_boxes(boxes.file);
  const double min_size = options.detect.min_size > 0 ? options.detect.min_size : standard_min_size;
  std::vector<DetectorResult> results;
  for (const Model& model : models_of(options.detector)) {
    results.push_back(evaluate(model, pictures, images, options.detect, min_size));
  }

  const int faces = results.empty() ? 0 : results.front().score.recall.trials;
  Json document{{"pictures", pictures.size()}, {"boxes", faces}, {"min_size", min_size}};
  for (const DetectorResult& result : results) document["detectors"].push_back(to_json(result));
  if (!boxes.report.empty()) {
    make_folder(boxes.report);
    for (const DetectorResult& result : results) {
      write_text(fs::path(boxes.report) / ("precision-recall-" + result.name + ".svg"),
                 precision_recall_chart(result.whole.curve));
    }
    write_text(fs::path(boxes.report) / "result.json", document.dump(2) + "\n");
  }
  if (boxes.json) {
    print(document);
  } else {
    std::cout << pictures.size() << " pictures, " << faces << " faces of at least " << min_size
              << " pixels, overlap " << least_overlap << '\n';
    print_results(results);
  }
  return exit_yes;
}

}  // namespace facerec::cli
