// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "matcher.h"

namespace facerec {

/// What a photo that is to be enrolled is to those that are there.
enum class Likeness {
  New,       ///< nothing speaks against it
  Same,      ///< an embedding of its person that differs by numeric noise: the same photo again
  OfAnother  ///< nearer to another person; for a new person, one whom the gallery takes it for
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

  /// Throws Error (Mismatch) where the embedding is of another model than the gallery's.
  Resemblance examine(const Embedding& embedding) const;

  /// The embedding counts as enrolled from now on.
  void add(const Embedding& embedding) { added_.push_back(embedding); }

 private:
  Metric metric_;
  std::vector<std::int64_t> own_;  ///< ids that the name has in the gallery
  std::optional<Matcher> matcher_;
  std::optional<double> threshold_;  ///< at which the gallery names somebody; empty where unknown
  std::vector<Embedding> added_;
};

}  // namespace facerec
