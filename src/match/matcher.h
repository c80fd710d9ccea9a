#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "gallery.h"
#include "metric.h"

namespace facerec {

struct Candidate {
  std::int64_t person_id = 0;
  std::string name;
  double distance = 0;
};

/// A gallery's templates in memory, laid out for search. Immutable, so that threads share it.
class Matcher {
 public:
  Matcher(const Gallery& gallery, Metric metric);

  /// The `top_k` nearest people (a person's distance is that of the nearest template), nearest
  /// first. Throws Error (Mismatch) with both models' names where the probe is of another model.
  std::vector<Candidate> nearest(const Embedding& probe, int top_k) const;

  Metric metric() const { return metric_; }

 private:
  Metric metric_;
  std::string model_;
  std::string fingerprint_;
  cv::Mat templates_;       ///< one row a template, unit length where the metric wants it
  std::vector<int> owner_;  ///< row to index into people_
  std::vector<Person> people_;
};

}  // namespace facerec
