// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>
#include <string>

#include "../face.h"
#include "../frame_view.h"
#include "../model/catalog.h"
#include "landmarker.h"

namespace facerec {

/// A landmarker that ships with this project, says how surely there is a face and takes a thirtieth
/// of the time of PFLD, which "auto" prefers.
constexpr const char* fast_landmarks = "facerec-landmarks";

/// Gives faces their landmarks by one of the catalog's models. Not for two threads at once.
class LandmarkStage {
 public:
  /// Leaves faces as the detector gave them.
  LandmarkStage() = default;

  /// `name` as find_model takes it: a model gives every face its landmarks anew. "auto", the
  /// preferred model that is present, does so for faces that have none or are turned in the plane,
  /// and with a `mask` for every face; "none" for no face. Throws Error as the loading does;
  /// Settings where the landmarks are not what a mask needs.
  LandmarkStage(const std::string& name, bool mask, const Profile* custom = nullptr,
                const EngineOptions& engine = {});

  /// Whether the face got other landmarks.
  bool place(const FrameView& frame, Face& face);

  /// Name of the model, empty for none.
  const std::string& model() const { return model_; }

 private:
  std::string model_;
  bool may_keep_ = false;
  std::unique_ptr<Landmarker> locator_;
  std::unique_ptr<Landmarker> checker_;  ///< tells faster than the locator whether a face is turned
};

}  // namespace facerec
