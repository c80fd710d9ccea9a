// SPDX-License-Identifier: LGPL-2.1-or-later

#include "landmark_stage.h"

#include <optional>
#include <utility>

#include "../error.h"
#include "mask.h"

namespace facerec {
namespace {

/// Empty where it is not there, and `needed` does not forbid that.
std::optional<Model> find_landmark_model(const std::string& name, const Profile* custom,
                                         const EngineOptions& engine, bool needed) {
  try {
    Model model = find_model(name, Role::Landmarker, custom);
    model.engine = engine;
    return model;
  } catch (const Error& error) {
    if (needed || error.code() != ErrorCode::NotFound) throw;
    return std::nullopt;
  }
}

}  // namespace

LandmarkStage::LandmarkStage(const std::string& name, bool mask, const Profile* custom,
                             const EngineOptions& engine)
    : may_keep_(name == "auto" && !mask) {
  if (name != "none") {
    if (const auto model = find_landmark_model(name, custom, engine, name != "auto")) {
      locator_ = make_landmarker(*model);
      model_ = model->profile.name;
    }
  }
  if (may_keep_ && locator_ && model_ != fast_landmarks) {
    if (const auto model = find_landmark_model(fast_landmarks, nullptr, engine, false))
      checker_ = make_landmarker(*model);
  }
  if (mask) {
    require_mask_landmarks(locator_ ? locator_->scheme() : LandmarkScheme::None,
                           model_.empty() ? name : model_);
  }
}

bool LandmarkStage::place(const FrameView& frame, Face& face) {
  if (!locator_) return false;
  const bool keep = may_keep_ && face.landmarks.scheme != LandmarkScheme::None;
  if (keep && checker_ && !is_turned(checker_->locate(frame, face.box))) return false;
  Landmarks located = locator_->locate(frame, face.box);
  if (keep && !is_turned(located)) return false;
  face.landmarks = std::move(located);
  return true;
}

}  // namespace facerec
