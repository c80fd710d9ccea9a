// SPDX-License-Identifier: LGPL-2.1-or-later

#include "detection.h"

#include <algorithm>

#include "../geometry.h"

namespace facerec {

namespace {

struct Verdict {
  float confidence;
  bool right;
};

float shorter_side(const cv::Rect2f& box) {
  return std::min(box.width, box.height);
}

// Verdicts on the faces of one picture; faces that hit a box too small to count are left out.
void judge(const DetectionSample& sample, double least_overlap, double min_size,
           std::vector<Verdict>& verdicts) {
  std::vector<Face> found = sample.found;
  std::sort(found.begin(), found.end(),
            [](const Face& a, const Face& b) { return a.confidence > b.confidence; });
  std::vector<bool> taken(sample.truth.size());
  for (const Face& face : found) {
    int best = -1;
    int best_small = -1;
    float best_overlap = 0;
    for (std::size_t i = 0; i < sample.truth.size(); ++i) {
      const float shared = overlap(face.box, sample.truth[i]);
      if (shared < least_overlap) continue;
      if (shorter_side(sample.truth[i]) < min_size) {
        best_small = static_cast<int>(i);
      } else if (!taken[i] && shared > best_overlap) {
        best = static_cast<int>(i);
        best_overlap = shared;
      }
    }
    if (best >= 0) taken[best] = true;
    const bool ignored = best < 0 && (best_small >= 0 || shorter_side(face.box) < min_size);
    if (!ignored) verdicts.push_back({face.confidence, best >= 0});
  }
}

double area(const std::vector<PrecisionRecall>& curve) {
  double sum = 0, best_precision = 0;
  for (std::size_t i = curve.size(); i-- > 0;) {
    best_precision = std::max(best_precision, curve[i].precision);
    sum += best_precision * (curve[i].recall - (i ? curve[i - 1].recall : 0));
  }
  return sum;
}

}  // namespace

DetectionScore score_detections(const std::vector<DetectionSample>& samples, double overlap,
                                double min_size) {
  std::vector<Verdict> verdicts;
  int truths = 0;
  for (const DetectionSample& sample : samples) {
    judge(sample, overlap, min_size, verdicts);
    truths += static_cast<int>(
        std::count_if(sample.truth.begin(), sample.truth.end(),
                      [&](const cv::Rect2f& box) { return shorter_side(box) >= min_size; }));
  }
  std::sort(verdicts.begin(), verdicts.end(),
            [](const Verdict& a, const Verdict& b) { return a.confidence > b.confidence; });

  DetectionScore score;
  int right = 0;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    right += verdicts[i].right ? 1 : 0;
    if (i + 1 < verdicts.size() && verdicts[i + 1].confidence == verdicts[i].confidence) continue;
    score.curve.push_back({verdicts[i].confidence, static_cast<double>(right) / (i + 1),
                           truths ? static_cast<double>(right) / truths : 0});
  }
  score.average_precision = area(score.curve);
  score.recall = proportion(right, truths);
  score.precision = proportion(right, static_cast<int>(verdicts.size()));
  return score;
}

}  // namespace facerec
