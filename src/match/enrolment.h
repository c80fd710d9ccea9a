// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "matcher.h"

namespace facerec {

/// What a photo that is to be enrolled is to those that are there.
enum class Likeness {
  New,        ///< nothing speaks against it
  Same,       ///< an embedding of its person that differs by numeric noise: the same photo again
  OfAnother,  ///< nearer to another person; for a new person, one whom the gallery takes it for
  UnlikeOwn,  ///< unlike the others of its person, see compare_own()
};

struct Resemblance {
  Likeness likeness = Likeness::New;
  std::string other;  ///< the nearest other person; empty where there is none
  double other_distance = NAN;
  double own_distance = NAN;  ///< to the person's nearest photo; NaN where there is none
};

/// Compares photos with the people of a gallery before they are enrolled as one person.
class EnrolmentCheck {
 public:
  /// `gallery` is null where there is none yet; `profile` is the embedder's. Throws Error as
  /// Matcher does.
  EnrolmentCheck(const Gallery* gallery, const std::string& name, const Profile& profile);

  /// What each of the photos is, if they are enrolled together: those that are not OfAnother are
  /// compared with those before them, and as UnlikeOwn with all. Where `force` is true, and of a
  /// name for faces of different people (see is_not_a_match()), all are New or Same. Throws Error
  /// (Mismatch) where an embedding is of another model than the gallery's.
  std::vector<Resemblance> examine(const std::vector<Embedding>& photos, bool force = false) const;

  /// The greatest distance of two photos of one person; NaN where none is known.
  double pair_threshold() const { return pair_threshold_; }

 private:
  using Values = std::vector<float>;

  Resemblance compare(const Embedding& photo, const std::vector<Values>& own) const;

  Metric metric_;
  bool of_one_person_;
  std::vector<std::int64_t> own_ids_;  ///< that the name has in the gallery
  std::vector<Values> own_;            ///< the person's photos there, see scaled()
  std::optional<Matcher> matcher_;
  double pair_threshold_ = NAN;
  double naming_threshold_ = NAN;  ///< at which the gallery names somebody; NaN where unknown
};

}  // namespace facerec
