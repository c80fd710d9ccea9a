// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "gallery.h"
#include "metric.h"

namespace facerec {

struct Candidate {
  std::int64_t person_id = 0;
  std::string name;
  double distance = 0;
};

/// How many people a face is compared with, and with how many templates of each.
struct GallerySize {
  /// A person of more than one template.
  struct Several {
    int templates = 0;
    double spread = 0;  ///< mean distance between two of them; NaN where they have no direction
  };

  int people = 0;
  std::vector<Several> several;  ///< those of the people who have more than one
};

/// A gallery's templates in memory, laid out for search. Immutable, so that threads share it.
class Matcher {
 public:
  Matcher(const Gallery& gallery, Metric metric);
  /// Of no gallery: there is nobody who is enrolled.
  explicit Matcher(Metric metric) : metric_(metric) {}

  /// The `top_k` nearest people (a person's distance is that of the nearest template), nearest
  /// first; empty for an empty gallery and for a probe that has no direction where the metric
  /// needs one. Throws Error (Mismatch) with both models' names where the probe is of another
  /// model.
  std::vector<Candidate> nearest(const Embedding& probe, int top_k) const;

  /// The person at the distance of the nearest template; empty where the gallery has no such
  /// person. Throws as nearest() does.
  std::optional<Candidate> compare(const Embedding& probe, std::int64_t person_id) const;

  Metric metric() const { return metric_; }
  /// The model of the templates; empty strings for an empty gallery.
  const ModelId& model() const { return model_; }
  /// Its file.
  const std::filesystem::path& gallery() const { return gallery_; }
  /// The model's profile as the gallery knows it; empty where it does not.
  const std::optional<Profile>& profile() const { return profile_; }
  /// Of the gallery, for the metric; empty where it was not calibrated.
  const std::optional<GalleryCalibration>& calibration() const { return calibration_; }
  const GallerySize& size() const { return size_; }
  int person_count() const { return size_.people; }
  int template_count() const { return templates_.rows; }

 private:
  struct Owner {
    std::int64_t id = 0;
    std::string name;
    std::vector<int> rows;  ///< in templates_
  };

  GallerySize measure_size() const;
  void require_comparable(const Embedding& probe) const;
  Candidate candidate(const Owner& person, float squared) const;

  Metric metric_;
  std::filesystem::path gallery_;
  ModelId model_;
  std::optional<Profile> profile_;
  std::optional<GalleryCalibration> calibration_;
  cv::Mat templates_;       ///< CV_32F, one row a template, unit length but for Euclidean
  std::vector<int> owner_;  ///< row to index into people_
  std::vector<Owner> people_;
  std::unordered_map<std::int64_t, int> index_of_;  ///< in people_, by id
  GallerySize size_;
};

}  // namespace facerec
