#pragma once

#include <memory>

#include "detector.h"

namespace facerec {

// What each method file adds to the table in detector.cpp.

std::unique_ptr<Detector> make_yunet(const Model& model);
std::unique_ptr<Detector> make_ssd(const Model& model);
std::unique_ptr<Detector> make_haar(const Model& model);

/// The profile's "confidence", or `otherwise` where it states none.
float confidence_threshold(const Profile& profile, float otherwise);

}  // namespace facerec
