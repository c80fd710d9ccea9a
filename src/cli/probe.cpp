// SPDX-License-Identifier: LGPL-2.1-or-later

#include "probe.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "image.h"

namespace facerec::cli {

namespace {

std::string place_of(const cv::Rect2f& box) {
  return std::to_string(std::lround(box.width)) + 'x' + std::to_string(std::lround(box.height)) +
         " at " + std::to_string(std::lround(box.x)) + ',' + std::to_string(std::lround(box.y));
}

/// Indices of the faces from left to right, as they are numbered.
std::vector<std::size_t> left_to_right(const std::vector<Face>& faces) {
  std::vector<std::size_t> order(faces.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return middle_of(faces[a].box).x < middle_of(faces[b].box).x;
  });
  return order;
}

[[noreturn]] void refuse(const std::string& problem, const std::vector<Face>& faces) {
  std::string list;
  int number = 0;
  for (const std::size_t i : left_to_right(faces)) {
    ++number;
    list += (number > 1 ? ", " : " ") + std::to_string(number) + ": " + place_of(faces[i].box);
  }
  throw Unclear(problem + "; choose one with --face N or --at X,Y:" + list);
}

/// The index of the face that is meant.
std::size_t chosen_of(const UprightPhoto& photo, const FaceChoice& choice,
                      const std::string& file) {
  const auto& faces = photo.faces;
  const std::string shown = "'" + file + "' shows " + std::to_string(faces.size()) +
                            (faces.size() == 1 ? " face" : " faces");
  if (choice.number > 0) {
    const auto number = static_cast<std::size_t>(choice.number);
    if (number > faces.size()) {
      refuse(shown + ", so there is no number " + std::to_string(number), faces);
    }
    return left_to_right(faces)[number - 1];
  }
  if (choice.at) {
    const auto at = std::find_if(faces.begin(), faces.end(),
                                 [&](const Face& face) { return face.box.contains(*choice.at); });
    if (at == faces.end()) refuse(shown + ", none of them there", faces);
    return static_cast<std::size_t>(at - faces.begin());
  }
  if (choice.must_be_clear && !has_clear_main_face(faces, photo.picture.size())) {
    refuse(shown + " of nearly the same size", faces);
  }
  return 0;
}

/// The face, with an embedding where it could be aligned.
Probe represent_one(Recognizer& recognizer, const UprightPhoto& photo, std::size_t index) {
  const auto& faces = photo.faces;
  auto represented = recognizer.represent(view_of(photo.picture), {faces[index]});
  return {std::move(represented.front()), static_cast<int>(faces.size()),
          has_clear_main_face(faces, photo.picture.size()), false, photo.turn};
}

}  // namespace

int degrees_of(Orientation turn) {
  return turn == 6 ? 90 : turn == 3 ? 180 : turn == 8 ? 270 : 0;
}

std::optional<Probe> probe_of(Recognizer& recognizer, const cv::Mat& image) {
  const UprightPhoto photo{image, 1, recognizer.detect(view_of(image))};
  if (photo.faces.empty()) return std::nullopt;
  Probe probe = represent_one(recognizer, photo, 0);
  if (!probe.face.embedding) return std::nullopt;
  return probe;
}

Probe read_probe(Recognizer& recognizer, const std::string& file, const FaceChoice& choice) {
  const UprightPhoto photo = recognizer.detect_upright(read_image(file));
  if (photo.faces.empty()) {
    throw Error(ErrorCode::NotFound, "no face was found in '" + file +
                                         "'; take a larger or more frontal photo, or another "
                                         "--detector, --detect-size or --confidence");
  }
  Probe probe = represent_one(recognizer, photo, chosen_of(photo, choice, file));
  if (!probe.face.embedding) {
    throw Error(ErrorCode::NotFound, "the face in '" + file +
                                         "' cannot be aligned because its landmarks were not "
                                         "found; take another photo or other --landmarks");
  }
  probe.is_chosen = choice.number > 0 || choice.at;
  return probe;
}

std::optional<Probe> try_probe(Recognizer& recognizer, const std::string& file) {
  return probe_of(recognizer, read_image(file));
}

std::string note_of(const Probe& probe, const std::string& file) {
  std::string note;
  if (probe.turn != 1)
    note = "was turned by " + std::to_string(degrees_of(probe.turn)) + " degrees";
  if (probe.faces_in_image > 1 && !probe.is_chosen) {
    note += (note.empty() ? "" : " and ") + ("shows " + std::to_string(probe.faces_in_image)) +
            " faces, the one that is large and near the middle was taken";
    if (!probe.is_clear) note += " (" + place_of(probe.face.face.box) + "), others are as large";
  }
  return note.empty() ? note : "'" + file + "' " + note;
}

}  // namespace facerec::cli
