// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "decision.h"
#include "track_decision.h"

namespace facerec {

/// What may be wrong with a template of a gallery.
enum class GalleryFlaw {
  NearerToAnother,  ///< nearer to another person than to every other template of its own
  UnlikeOwn,        ///< unlike all others of its person, of whom most are like one another
  Repeated,         ///< of a photo that its person has already
  TwoNames,         ///< so like another person's that the two may be one
  BadShot,          ///< too small, blurred or turned away
};

/// "nearer-to-another", "unlike-own", "repeated", "two-names", "bad-shot".
const char* to_string(GalleryFlaw flaw);

/// A template as the gallery keeps it, without the embedding.
struct TemplateOrigin {
  std::int64_t id = 0;  ///< 0 = none
  std::int64_t person_id = 0;
  std::string person;
  std::string source;
};

struct GalleryFinding {
  GalleryFlaw flaw{};
  TemplateOrigin photo;
  TemplateOrigin other;  ///< the nearest: of another person (NearerToAnother, TwoNames), of its own
                         ///< (UnlikeOwn), the one that is repeated; none of a BadShot
  double value = NAN;    ///< distance of the two; of a BadShot what it lacks
  double limit = NAN;    ///< what `value` was judged by: NearerToAnother, the distance to the
                         ///< nearest template of its own; else a threshold
  double false_name_rate = NAN;  ///< of TwoNames; see Verdict
  Reason reason = Reason::None;  ///< of a BadShot
};

/// What a gallery was found to be.
struct GalleryFindings {
  int people = 0;
  int templates = 0;
  double pair_threshold = NAN;        ///< of templates of one person; NaN in an empty gallery
  double name_threshold = NAN;        ///< of people who may be one; NaN in an empty gallery
  std::string caution;                ///< see Decision
  std::vector<GalleryFinding> found;  ///< by flaw, what is farthest from its limit first
};

/// Looks for flaws. `options` say the metric, the thresholds and what a good shot has.
/// - A person's templates are compared as compare_own() does, by the threshold of a pair, see
///   pair_threshold().
/// - Two people may be one where a template of one of them would be named as the other, see
///   Decision.
///
/// Takes as many searches as there are templates, and comparisons by the square of a person's.
/// Throws Error (Settings) where people are enrolled and a threshold is not known, and as Matcher
/// does.
GalleryFindings check_gallery(const Gallery& gallery, const TrackDecisionOptions& options);

}  // namespace facerec
