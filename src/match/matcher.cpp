// SPDX-License-Identifier: LGPL-2.1-or-later

#include "matcher.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>

#include "../error.h"

namespace facerec {

namespace {

/// How many templates of a person are compared with each other.
constexpr std::size_t most_measured = 50;

/// The embedding as a row; of unit length but for Euclidean. NaN where it has no direction.
cv::Mat to_row(const std::vector<float>& values, Metric metric) {
  cv::Mat row(values, true);
  if (metric != Metric::Euclidean) row /= cv::norm(row);
  return row.reshape(1, 1);
}

}  // namespace

Matcher::Matcher(const Gallery& gallery, Metric metric)
    : metric_(metric), gallery_(gallery.file()), calibration_(gallery.calibration(metric)) {
  gallery.visit([&](const std::string& name, const Template& entry) {
    const auto [found, is_new] =
        index_of_.try_emplace(entry.person_id, static_cast<int>(people_.size()));
    if (is_new) people_.push_back({entry.person_id, name, {}});
    people_[found->second].rows.push_back(templates_.rows);
    owner_.push_back(found->second);
    templates_.push_back(to_row(entry.embedding.values, metric_));
    if (model_.fingerprint.empty()) {
      model_ = {entry.embedding.model, entry.embedding.fingerprint};
    }
  });
  if (auto facts = gallery.facts()) profile_ = std::move(facts->profile);
  size_ = measure_size();
}

GallerySize Matcher::measure_size() const {
  GallerySize size{static_cast<int>(people_.size()), {}};
  for (const Owner& person : people_) {
    const std::vector<int>& rows = person.rows;
    if (rows.size() < 2) continue;
    double sum = 0;
    int pairs = 0;
    const std::size_t stride = (rows.size() + most_measured - 1) / most_measured;
    for (std::size_t i = 0; i < rows.size(); i += stride) {
      for (std::size_t j = 0; j < i; j += stride, ++pairs) {
        const double value =
            cv::norm(templates_.row(rows[i]), templates_.row(rows[j]), cv::NORM_L2);
        sum += metric_ == Metric::Cosine ? value * value / 2 : value;
      }
    }
    size.several.push_back({static_cast<int>(rows.size()), sum / pairs});
  }
  return size;
}

void Matcher::require_comparable(const Embedding& probe) const {
  require_same_model({probe.model, probe.fingerprint}, model_, gallery_);
  if (static_cast<int>(probe.values.size()) != templates_.cols) {
    throw Error(ErrorCode::Mismatch, "a probe of " + std::to_string(probe.values.size()) +
                                         " values cannot be compared with the " +
                                         std::to_string(templates_.cols) + " of gallery '" +
                                         gallery_.string() + "'; enroll its people anew");
  }
}

Candidate Matcher::candidate(const Owner& person, float squared) const {
  const double value = squared;
  return {person.id, person.name, metric_ == Metric::Cosine ? value / 2 : std::sqrt(value)};
}

std::optional<Candidate> Matcher::compare(const Embedding& probe, std::int64_t person_id) const {
  const auto found = index_of_.find(person_id);
  if (found == index_of_.end()) return std::nullopt;
  require_comparable(probe);
  const cv::Mat row = to_row(probe.values, metric_);
  const Owner& person = people_[found->second];
  double best = std::numeric_limits<double>::infinity();
  for (int i : person.rows) {
    const double squared = cv::norm(templates_.row(i), row, cv::NORM_L2SQR);
    if (squared < best) best = squared;  // false for NaN
  }
  if (std::isinf(best)) return std::nullopt;
  return candidate(person, static_cast<float>(best));
}

std::vector<Candidate> Matcher::nearest(const Embedding& probe, int top_k) const {
  if (templates_.empty() || top_k <= 0) return {};
  require_comparable(probe);

  // Squared differences rather than products: exact for small distances, and the cosine distance
  // of unit vectors is half of it.
  cv::Mat squared;
  cv::batchDistance(templates_, to_row(probe.values, metric_), squared, CV_32F, cv::noArray(),
                    cv::NORM_L2SQR);

  constexpr float never = std::numeric_limits<float>::infinity();
  std::vector<float> best(people_.size(), never);
  for (int row = 0; row < squared.rows; ++row) {
    float& of_person = best[owner_[row]];
    const float candidate = squared.at<float>(row);
    if (candidate < of_person) of_person = candidate;  // false for NaN
  }

  std::vector<int> order;
  for (int person = 0; person < static_cast<int>(best.size()); ++person) {
    if (best[person] < never) order.push_back(person);
  }
  const auto count = std::min<std::size_t>(top_k, order.size());
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](int a, int b) {
    return best[a] != best[b] ? best[a] < best[b] : people_[a].id < people_[b].id;
  });
  order.resize(count);

  std::vector<Candidate> result;
  result.reserve(order.size());
  for (int person : order) result.push_back(candidate(people_[person], best[person]));
  return result;
}

}  // namespace facerec
