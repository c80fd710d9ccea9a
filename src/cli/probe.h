#pragma once

#include <optional>
#include <string>

#include "../pipeline.h"

namespace facerec::cli {

/// The main face of an image file.
struct Probe {
  RecognizedFace face;  ///< with an embedding
  int faces_in_image = 0;
};

/// Throws Error (NotFound, Read) that names the file, also where no face is found in it or its
/// landmarks are not.
Probe read_probe(Recognizer& recognizer, const std::string& file);

/// As read_probe, but empty where there is no face or it cannot be aligned. Throws Error where the
/// image cannot be read.
std::optional<Probe> try_probe(Recognizer& recognizer, const std::string& file);

/// "FILE shows 3 faces, the one that is large and near the middle was taken"; empty where there is
/// only one.
std::string note_of(const Probe& probe, const std::string& file);

}  // namespace facerec::cli
