// SPDX-License-Identifier: LGPL-2.1-or-later

#include "decision.h"

#include "../error.h"

namespace facerec {

double pair_threshold(const DecisionOptions& options, const Profile& profile) {
  return options.threshold > 0 ? options.threshold : default_threshold(profile, options.metric);
}

Decision::Decision(const DecisionOptions& options, const Matcher& matcher, const Profile* profile)
    : matcher_(matcher) {
  if (options.threshold > 0) {
    threshold_ = options.threshold;
  } else if (matcher.calibration()) {
    threshold_ = matcher.calibration()->threshold;
  } else if (profile) {
    threshold_ = default_threshold(*profile, matcher.metric());
  } else {
    throw Error(ErrorCode::Settings,
                "gallery '" + matcher.gallery().string() + "' knows no threshold of its model '" +
                    matcher.model().name + "'; set a threshold, or run `facerec calibrate`");
  }
}

double Decision::false_accept_rate(double distance) const {
  return matcher_.calibration() ? matcher_.calibration()->curve.false_accept_rate(distance) : NAN;
}

Verdict Decision::decide(const Embedding& probe, int top_k) const {
  Verdict verdict;
  verdict.nearest = matcher_.nearest(probe, top_k);
  verdict.metric = matcher_.metric();
  verdict.threshold = threshold_;
  if (!verdict.nearest.empty()) {
    verdict.accepted = accepts(verdict.nearest.front().distance);
    verdict.false_accept_rate = false_accept_rate(verdict.nearest.front().distance);
  }
  return verdict;
}

}  // namespace facerec
