#include "evaluate_boxes.h"

#include <chrono>
#include <iostream>

#include "../evaluate/boxes.h"
#include "../evaluate/chart.h"
#include "contact_sheet.h"
#include "image.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

namespace fs = std::filesystem;

namespace {

constexpr double least_overlap = 0.5;
constexpr double standard_min_size = 32;
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

}  // namespace

int evaluate_boxes(const BoxesOptions& boxes, const RecognizerOptions& options) {
  const fs::path images =
      boxes.images.empty() ? fs::path(boxes.file).parent_path() / "images" : fs::path(boxes.images);
  const auto pictures = read_boxes(boxes.file);
  const Model model = find_model(options.detector, Role::Detector);
  const auto detector = make_detector(model);
  const double min_size = options.detect.min_size > 0 ? options.detect.min_size : standard_min_size;
  DetectOptions at_threshold = options.detect;
  at_threshold.min_size = 0;
  DetectOptions everything = at_threshold;
  everything.threshold = least_confidence;

  std::vector<DetectionSample> curve, decided;
  double milliseconds = 0;
  Progress progress(pictures.size());
  for (const auto& [name, truth] : pictures) {
    const cv::Mat picture = read_image((images / name).string());
    const FrameView frame = view_of(picture);
    const auto start = std::chrono::steady_clock::now();
    decided.push_back({detector->detect(frame, at_threshold), truth});
    milliseconds += milliseconds_since(start);
    curve.push_back({detector->detect(frame, everything), truth});
    progress.advance();
  }
  milliseconds /= static_cast<double>(pictures.size());

  const DetectionScore score = score_detections(decided, least_overlap, min_size);
  const DetectionScore whole = score_detections(curve, least_overlap, min_size);
  const PrecisionRecall best = best_recall(whole, 0.9);
  const Json result{{"detector", model.profile.name},
                    {"pictures", pictures.size()},
                    {"boxes", score.recall.trials},
                    {"min_size", min_size},
                    {"recall", score.recall.rate},
                    {"precision", score.precision.rate},
                    {"average_precision", whole.average_precision},
                    {"recall_at_precision_0.9", best.recall},
                    {"confidence_at_precision_0.9", best.confidence},
                    {"milliseconds", milliseconds}};
  if (!boxes.report.empty()) {
    make_folder(boxes.report);
    write_text(fs::path(boxes.report) / "precision-recall.svg",
               precision_recall_chart(whole.curve));
    write_text(fs::path(boxes.report) / "result.json", result.dump(2) + "\n");
  }
  if (boxes.json) {
    print(result);
    return exit_yes;
  }
  std::cout << pictures.size() << " pictures, " << score.recall.trials << " faces of at least "
            << min_size << " pixels, overlap 0.5\n";
  print_table(
      {{"DETECTOR", "RECALL", "PRECISION", "AVERAGE PRECISION", "RECALL AT PRECISION 0.9", "MS"},
       {model.profile.name, format(score.recall.rate), format(score.precision.rate),
        format(whole.average_precision),
        format(best.recall) + " (confidence " + format(best.confidence) + ")",
        format(milliseconds)}});
  return exit_yes;
}

}  // namespace facerec::cli
