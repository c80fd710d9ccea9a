// SPDX-License-Identifier: LGPL-2.1-or-later

#include "probe.h"

#include "../error.h"
#include "image.h"

namespace facerec::cli {

namespace {

/// The main face, with an embedding where it could be aligned; empty where there is no face.
std::optional<Probe> represent_main(Recognizer& recognizer, const cv::Mat& image) {
  const FrameView frame = view_of(image);
  auto faces = recognizer.detect(frame);
  if (faces.empty()) return std::nullopt;
  const int count = static_cast<int>(faces.size());
  faces.resize(1);
  return Probe{std::move(recognizer.represent(frame, std::move(faces)).front()), count};
}

}  // namespace

std::optional<Probe> probe_of(Recognizer& recognizer, const cv::Mat& image) {
  std::optional<Probe> probe = represent_main(recognizer, image);
  if (probe && !probe->face.embedding) probe.reset();
  return probe;
}

Probe read_probe(Recognizer& recognizer, const std::string& file) {
  std::optional<Probe> probe = represent_main(recognizer, read_image(file));
  if (!probe) {
    throw Error(ErrorCode::NotFound, "no face was found in '" + file +
                                         "'; take a larger or more frontal photo, or another "
                                         "--detector, --detect-size or --confidence");
  }
  if (!probe->face.embedding) {
    throw Error(ErrorCode::NotFound, "the face in '" + file +
                                         "' cannot be aligned because its landmarks were not "
                                         "found; take another photo or other --landmarks");
  }
  return std::move(*probe);
}

std::optional<Probe> try_probe(Recognizer& recognizer, const std::string& file) {
  return probe_of(recognizer, read_image(file));
}

std::string note_of(const Probe& probe, const std::string& file) {
  if (probe.faces_in_image < 2) return {};
  return "'" + file + "' shows " + std::to_string(probe.faces_in_image) +
         " faces, the one that is large and near the middle was taken";
}

}  // namespace facerec::cli
