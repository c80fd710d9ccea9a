// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "../face.h"
#include "../track/shot.h"

namespace facerec {

/// When a track's face is represented.
class ShotSchedule {
 public:
  /// Whether that view shall be: the first one, and those that facerec::is_due() says.
  bool is_due(const Shot& now, double refresh) const;

  /// A view was represented. Where it shows another person than the one before, shots are counted
  /// anew, so that more come soon.
  void took(const Shot& shot, const Embedding& embedding);

  const Shot& last() const { return last_; }  ///< that was represented

 private:
  Shot last_;
  Embedding embedding_;  ///< of it
  int taken_ = 0;
};

}  // namespace facerec
