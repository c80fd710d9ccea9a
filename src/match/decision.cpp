// SPDX-License-Identifier: LGPL-2.1-or-later

#include "decision.h"

#include <algorithm>
#include <tuple>

#include "../error.h"

namespace facerec {

namespace {

/// Of a model without a curve its threshold is taken to let this share of strangers pass a
/// comparison, which is more than those that were measured here do (mobilefacenet-caffe, 1.4 %) ...
constexpr double assumed_rate = 0.02;
/// ... and to shrink by this part with each tenth of the rate: theirs do by 0.06 to 0.14 between
/// 1e-2 and 1e-6.
constexpr double assumed_part = 0.14;

/// The rate of one comparison that makes up `rate` in so many, and back.
double rate_of_one(double rate, double comparisons) {
  return -std::expm1(std::log1p(-rate) / comparisons);
}
double rate_of_all(double rate, double comparisons) {
  return -std::expm1(comparisons * std::log1p(-rate));
}

/// The value that a standard normal variable exceeds with this probability, at least 0.
double normal_quantile(double rate) {
  double low = 0, high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2)) / 2 > rate ? low : high) = middle;
  }
  return low;
}

double assumed_threshold(double stated, Metric metric, double rate) {
  const double kept = std::clamp(1 - assumed_part * std::log10(assumed_rate / rate), 0.0, 1.0);
  return stated * (metric == Metric::Cosine ? kept : std::sqrt(kept));
}

}  // namespace

bool operator==(const DecisionOptions& a, const DecisionOptions& b) {
  return std::tie(a.metric, a.threshold, a.false_name_rate) ==
         std::tie(b.metric, b.threshold, b.false_name_rate);
}

double pair_threshold(const DecisionOptions& options, const Profile& profile) {
  return options.threshold > 0 ? options.threshold : default_threshold(profile, options.metric);
}

double pair_threshold(const DecisionOptions& options, const Matcher& matcher,
                      const Profile* profile) {
  if (options.threshold == 0 && matcher.calibration()) return matcher.calibration()->threshold;
  if (matcher.profile()) return pair_threshold(options, *matcher.profile());
  return pair_threshold(options, profile ? *profile : Profile());
}

double effective_people(const GallerySize& size, Metric metric, double rate, double median) {
  const double quantile = normal_quantile(rate);
  double sum = size.people;
  for (const GallerySize::Several& group : size.several) {
    const double ratio = group.spread / median;
    const double spread = std::min(metric == Metric::Cosine ? ratio : ratio * ratio, 1.0);
    const bool known = spread >= 0;  // false for NaN
    const double overlap =
        known ? std::erfc(quantile * std::sqrt(spread / (2 - spread)) / std::sqrt(2)) : 0;
    sum += group.people * (std::pow(group.templates, std::log2(2 - overlap)) - 1);
  }
  return sum;
}

Decision::Decision(const DecisionOptions& options, const GallerySize& size,
                   const std::optional<GalleryCalibration>& of_gallery, const Profile* profile)
    : metric_(options.metric), curve_metric_(options.metric) {
  if (of_gallery) {
    curve_ = of_gallery->curve;
  } else if (profile) {
    for (Metric stated : metrics_that_tell(metric_, profile->unit_length)) {
      const auto found = profile->curves.find(to_string(stated));
      if (found == profile->curves.end()) continue;
      curve_ = found->second.distances;
      curve_metric_ = stated;
      break;
    }
  }

  const double asked = options.false_name_rate;
  const double median = curve_ ? convert(curve_->threshold(0.5), curve_metric_, metric_) : NAN;
  const double rate_by_people = rate_of_one(asked, std::max(size.people, 1));
  comparisons_ = std::max(effective_people(size, metric_, rate_by_people, median), 1.0);
  const double rate = rate_of_one(asked, comparisons_);
  if (options.threshold > 0) {
    threshold_ = options.threshold;
  } else if (curve_) {
    threshold_ = convert(std::max(curve_->threshold(rate), 0.0), curve_metric_, metric_);
  } else if (profile) {
    threshold_ = assumed_threshold(default_threshold(*profile, metric_), metric_, rate);
    if (size.people > 0) {
      caution_ = "the profile of model '" + profile->name +
                 "' does not say how near strangers come (no curve for the metric '" +
                 to_string(metric_) + "'), so only distances up to " + std::to_string(threshold_) +
                 " are accepted; `facerec calibrate` tells a better threshold";
    }
  }
}

Decision::Decision(const DecisionOptions& options, const Matcher& matcher, const Profile* profile)
    : Decision(options, matcher.size(), matcher.calibration(),
               matcher.profile() ? &*matcher.profile() : profile) {
  if (std::isnan(threshold_) && matcher.person_count() > 0) {
    throw Error(ErrorCode::Settings,
                "gallery '" + matcher.gallery() + "' knows no threshold of its model '" +
                    matcher.model().name + "'; set a threshold, or run `facerec calibrate`");
  }
}

double Decision::false_accept_rate(double distance) const {
  return curve_ ? curve_->false_accept_rate(convert(distance, metric_, curve_metric_)) : NAN;
}

double Decision::false_name_rate(double distance) const {
  return rate_of_all(false_accept_rate(distance), comparisons_);
}

Verdict Decision::decide(std::vector<Candidate> nearest) const {
  Verdict verdict;
  verdict.nearest = std::move(nearest);
  verdict.metric = metric_;
  verdict.threshold = threshold_;
  if (!verdict.nearest.empty()) {
    const double distance = verdict.nearest.front().distance;
    verdict.accepted = names(verdict.nearest.front());
    verdict.false_accept_rate = false_accept_rate(distance);
    verdict.false_name_rate = false_name_rate(distance);
  }
  return verdict;
}

}  // namespace facerec
