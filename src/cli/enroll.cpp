// SPDX-License-Identifier: LGPL-2.1-or-later

#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>

#include "../error.h"
#include "../match/gallery.h"
#include "commands.h"
#include "options.h"
#include "output.h"
#include "probe.h"

namespace facerec::cli {

namespace {

/// A photo's main face as an entry of the gallery.
Template to_template(const Probe& probe, const std::string& file) {
  Template entry;
  entry.embedding = *probe.face.embedding;
  entry.source = std::filesystem::absolute(file).lexically_normal().string();
  entry.quality = probe.face.quality;
  entry.time = std::time(nullptr);
  return entry;
}

}  // namespace

int run_enroll(int argc, char** argv) {
  std::string file;
  std::string name;
  bool json = false;
  RecognizerOptions options;
  Parser parser("enroll --gallery FILE --name NAME IMAGE…",
                "Adds the main face of each image (large and near the middle) to a person, and "
                "makes the gallery where there "
                "is none.\nThe exit code is 1 where some images had to be left out, 2 where all "
                "had.");
  add_gallery_option(parser, file);
  parser.text("name", "NAME", "who is in the images", name);
  add_recognizer_options(parser, options);
  add_json_option(parser, json);
  const auto images = parser.parse(argc, argv, 1, SIZE_MAX);
  parser.require("gallery", file);
  parser.require("name", name);

  // A gallery that is there is looked at before the work, a new one is made once there is a face.
  std::optional<Gallery> gallery;
  if (std::filesystem::exists(file)) gallery.emplace(file, Gallery::Mode::Create);
  if (gallery && options.model == "auto" && !gallery->model().name.empty()) {
    options.model = gallery->model().name;
  }
  Recognizer recognizer(options);
  if (gallery) {
    require_same_model({recognizer.profile().name, recognizer.fingerprint()}, gallery->model(),
                       file);
  }

  Json entries = Json::array();
  std::size_t enrolled = 0;
  Progress progress(images.size());
  for (const std::string& image : images) {
    std::optional<Probe> probe;
    try {
      probe = read_probe(recognizer, image);
    } catch (const Error& error) {
      if (images.size() > 1) progress.note(error.what());
      entries.push_back({{"file", image}, {"enrolled", false}, {"problem", error.what()}});
    }
    if (probe) {
      if (!gallery) gallery.emplace(file, Gallery::Mode::Create);
      gallery->enroll(name, to_template(*probe, image));
      ++enrolled;
      if (const auto note = note_of(*probe, image); !note.empty()) progress.note(note);
      entries.push_back({{"file", image},
                         {"enrolled", true},
                         {"faces", probe->faces_in_image},
                         {"face", to_json(probe->face)}});
    }
    progress.advance();
  }

  const std::string problem = images.size() == 1 && !enrolled ? entries[0]["problem"] : "";
  if (json) {
    print({{"gallery", file},
           {"name", name},
           {"enrolled", enrolled},
           {"recognizer", to_json(recognizer)},
           {"images", entries}});
  }
  if (!enrolled) {
    throw Error(ErrorCode::NotFound,
                problem.empty() ? "no image could be enrolled as '" + name + "'" : problem);
  }
  if (!json) {
    std::cout << "enrolled " << enrolled << " of " << images.size() << " images as " << name << " ("
              << recognizer.profile().name << ")\n";
  }
  return enrolled == images.size() ? exit_yes : exit_no;
}

}  // namespace facerec::cli
