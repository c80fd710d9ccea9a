// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "detector.h"

namespace facerec {

// What each method file adds to the table in detector.cpp.

std::unique_ptr<Detector> make_yunet(const Model& model);
std::unique_ptr<Detector> make_facerec_detect(const Model& model);
std::unique_ptr<Detector> make_ssd(const Model& model);
std::unique_ptr<Detector> make_mtcnn(const Model& model);
std::unique_ptr<Detector> make_rfb(const Model& model);
std::unique_ptr<Detector> make_dlib_mmod(const Model& model);
std::unique_ptr<Detector> make_dlib_hog(const Model& model);
std::unique_ptr<Detector> make_haar(const Model& model);

/// Any of them, whose finds the landmarker of the model's profile checks.
std::unique_ptr<Detector> make_checked(const Model& model);

/// The frame's aspect ratio with a longer side of `detect_size`, or where that is 0, of `standard`
/// but not larger than the frame: faces that show only in an enlarged frame are too small to be
/// recognised.
cv::Size picture_size(cv::Size frame, int standard, int detect_size);

}  // namespace facerec
