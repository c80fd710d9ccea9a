// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "../face.h"
#include "decision.h"

namespace facerec {

/// People whom nobody knows, numbered from 1 in the order in which they came, so that who comes
/// back is told from others. Not for two threads at once.
///
/// Each is one embedding, the mean of his tracks: a bank that grows by everything that resembles it
/// makes strangers alike. The thousand who came last are kept.
class Strangers {
 public:
  /// The number of the one who is near enough to a track's mean embedding, a new one where there is
  /// none. `others` are in the same frame, so none of them is the one. `options` and `profile` as
  /// Decision takes them; the rate is 1e-4 in place of theirs, and a `threshold` is only heeded
  /// where it is stricter.
  int number_of(const Embedding& mean, const DecisionOptions& options,
                const std::optional<GalleryCalibration>& calibration, const Profile* profile,
                const std::vector<int>& others);

  /// A track of that one has ended, with this mean of all its shots.
  void see(int number, const Embedding& mean);

  /// That one turned out to be somebody known.
  void forget(int number);

  std::size_t size() const { return strangers_.size(); }

 private:
  struct Stranger {
    Embedding mean;
    int tracks = 0;  ///< that ended, and are its mean
    long used = 0;   ///< the greater, the later
  };

  std::map<int, Stranger> strangers_;
  int last_ = 0;
  long uses_ = 0;
};

}  // namespace facerec
