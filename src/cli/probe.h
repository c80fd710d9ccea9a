// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "../pipeline.h"

namespace facerec::cli {

/// The main face of an image file.
struct Probe {
  RecognizedFace face;  ///< with an embedding
  int faces_in_image = 0;
};

/// The main face of an image (CV_8UC3, BGR); empty where there is none or it cannot be aligned.
std::optional<Probe> probe_of(Recognizer& recognizer, const cv::Mat& image);

/// Throws Error (NotFound, Read) that names the file, also where no face is found in it or its
/// landmarks are not.
Probe read_probe(Recognizer& recognizer, const std::string& file);

/// probe_of the image in a file. Throws Error where it cannot be read.
std::optional<Probe> try_probe(Recognizer& recognizer, const std::string& file);

/// "FILE shows 3 faces, the one that is large and near the middle was taken"; empty where there is
/// only one.
std::string note_of(const Probe& probe, const std::string& file);

}  // namespace facerec::cli
