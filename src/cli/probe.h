// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "../error.h"
#include "../pipeline.h"

namespace facerec::cli {

/// Which face of a photo is meant; without either, the main one.
struct FaceChoice {
  int number = 0;                 ///< 1 = the leftmost; 0 = none is given
  std::optional<cv::Point2f> at;  ///< pixels of the photo as it is shown, inside the face's box
  bool must_be_clear = false;     ///< refuse a photo whose main face is not clearly the one
};

/// A photo of several people of whom it is not clear who is meant.
class Unclear : public Error {
 public:
  explicit Unclear(const std::string& message) : Error(ErrorCode::NotFound, message) {}
};

/// A face of an image file.
struct Probe {
  RecognizedFace face;  ///< with an embedding
  int faces_in_image = 0;
  bool is_clear = true;  ///< false where others are nearly as large
  bool is_chosen = false;
  Orientation turn = 1;  ///< how the photo was turned to be upright
};

/// Clockwise degrees of a turn: 0, 90, 180 or 270.
int degrees_of(Orientation turn);

/// The main face of an image (CV_8UC3, BGR); empty where there is none or it cannot be aligned.
std::optional<Probe> probe_of(Recognizer& recognizer, const cv::Mat& image);

/// A face of the photo in a file, which is turned upright where it is not. Throws Error (NotFound,
/// Read) that names the file, also where no face is found in it or its landmarks are not, and
/// Unclear with a list of the faces.
Probe read_probe(Recognizer& recognizer, const std::string& file, const FaceChoice& choice = {});

/// probe_of the image in a file. Throws Error where it cannot be read.
std::optional<Probe> try_probe(Recognizer& recognizer, const std::string& file);

/// What to know of how the face was taken: "FILE shows 3 faces, the one that is large and near the
/// middle was taken"; empty where there is nothing.
std::string note_of(const Probe& probe, const std::string& file);

}  // namespace facerec::cli
