// SPDX-License-Identifier: LGPL-2.1-or-later

#include <cmath>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>

#include "../error.h"
#include "../match/enrolment.h"
#include "../match/gallery_model.h"
#include "../store/gallery_name.h"
#include "../store/person_name.h"
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

/// Why a photo that looks like another person, or not like the person's others, is left out.
std::string describe(const Resemblance& found, const std::string& file, const std::string& name,
                     double pair_threshold) {
  std::string reason;
  if (found.likeness == Likeness::UnlikeOwn) {
    reason = "unlike the other photos of " + name + " (" + format(found.own_distance) +
             " to the nearest; threshold " + format(pair_threshold) + ")";
  } else {
    reason = "nearer to " + found.other + " (" + format(found.other_distance) + ")";
    if (!std::isnan(found.own_distance)) {
      reason += " than to " + name + " (" + format(found.own_distance) + ")";
    }
  }
  return "'" + file + "' is " + reason +
         " and was left out; see who is in it, or give --force to enroll it as " + name;
}

/// What to know of a photo that is enrolled: how it was taken, and what it lacks to be a good shot.
std::vector<std::string> notes_of(const Probe& probe, const std::string& file) {
  std::vector<std::string> notes;
  if (std::string note = note_of(probe, file); !note.empty()) notes.push_back(std::move(note));
  const ShotLack lack = lack_of(probe.face.quality, {});
  if (lack.reason != Reason::None) {
    notes.push_back("'" + file + "' is a bad shot: " + describe_lack(lack));
  }
  return notes;
}

/// What the gallery keeps of the model.
ModelFacts facts_of(const Recognizer& recognizer, const RecognizerOptions& options,
                    const Gallery& gallery) {
  if (options.model == "auto" && options.preferred) {
    if (const auto kept = gallery.facts()) return {recognizer.profile(), kept->location};
  }
  return facerec::facts_of(recognizer.profile(), options.model);
}

}  // namespace

int run_enroll(int argc, char** argv) {
  std::string file;
  std::string name;
  bool json = false, force = false, strangers = false;
  FaceChoice choice;
  choice.must_be_clear = true;
  RecognizerOptions options;
  Parser parser(
      "enroll --gallery FILE (--name NAME | --not-a-match) IMAGE…",
      "Adds the main face of each image (large and near the middle) to a person, and "
      "makes the gallery where there "
      "is none; all of them or, after an error, none. A photo in which several are nearly as large "
      "is refused, unless --face or --at chooses.\nThe exit code is 1 where some images had to be "
      "left out or it is not clear who is meant, 2 where all had to be.");
  add_gallery_option(parser, file);
  parser.text("name", "NAME", "who is in the images", name);
  parser.flag("not-a-match",
              "the images show strangers to be let alone, or whom people are mistaken for: faces "
              "that are nearest to one of them get no name",
              strangers);
  parser.flag("force",
              "enroll also what is nearer to another person or unlike the person's other photos",
              force);
  add_face_options(parser, choice);
  add_recognizer_options(parser, options);
  add_json_option(parser, json);
  const auto images = parser.parse(argc, argv, 1, SIZE_MAX);
  parser.require("gallery", file);
  if (strangers && !name.empty()) parser.fail("--name and --not-a-match exclude each other");
  if (strangers) name = not_a_match;
  parser.require("name", name);
  if (images.size() > 1 && (choice.number > 0 || choice.at)) {
    parser.fail("--face and --at choose a face of one image; give them one at a time");
  }

  const std::string person = shown_name(name);
  // A gallery that is there is looked at before the work, a new one is made once there is a face.
  std::optional<Gallery> gallery;
  if (gallery_exists(file)) gallery.emplace(file, Gallery::Mode::Create);
  if (gallery) prefer_model_of(*gallery, options);
  Recognizer recognizer(options);
  if (gallery) {
    require_same_model({recognizer.profile().name, recognizer.fingerprint()}, gallery->model(),
                       without_password(file));
  }

  EnrolmentCheck check(gallery ? &*gallery : nullptr, person, recognizer.profile());
  std::vector<std::optional<Probe>> probes(images.size());
  std::vector<Embedding> embeddings;
  std::vector<Json> entries(images.size());
  bool unclear = false;
  Progress progress(images.size());
  const auto leave_out = [&](std::size_t image, const Error& error) {
    if (images.size() > 1) progress.note(error.what());
    entries[image] = {{"file", images[image]}, {"enrolled", false}, {"problem", error.what()}};
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    try {
      probes[i] = read_probe(recognizer, images[i], choice);
      embeddings.push_back(*probes[i]->face.embedding);
    } catch (const Error& error) {
      unclear |= dynamic_cast<const Unclear*>(&error) != nullptr;
      leave_out(i, error);
    }
    progress.advance();
  }

  std::vector<Template> templates;
  std::size_t already = 0;
  const std::vector<Resemblance> resemblances = check.examine(embeddings, force);
  auto found = resemblances.begin();
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!probes[i]) continue;
    const Probe& probe = *probes[i];
    const Resemblance& resemblance = *found++;
    const bool is_new = resemblance.likeness == Likeness::New;
    if (is_new) {
      templates.push_back(to_template(probe, images[i]));
    } else if (resemblance.likeness == Likeness::Same) {
      ++already;
      progress.note("'" + images[i] + "' is enrolled as " + person + " already");
    } else {
      leave_out(i, {ErrorCode::Mismatch,
                    describe(resemblance, images[i], person, check.pair_threshold())});
      continue;
    }
    for (const std::string& note : notes_of(probe, images[i])) progress.note(note);
    entries[i] = {{"file", images[i]},
                  {"enrolled", is_new},
                  {"already", !is_new},
                  {"faces", probe.faces_in_image},
                  {"turned", degrees_of(probe.turn)},
                  {"face", to_json(probe.face)}};
  }
  const std::size_t enrolled = templates.size();
  if (enrolled) {
    if (!gallery) gallery.emplace(file, Gallery::Mode::Create);
    const ModelFacts facts = facts_of(recognizer, options, *gallery);
    gallery->enroll(person, templates, &facts);
  }

  const std::string problem =
      images.size() == 1 && entries[0].contains("problem") ? entries[0]["problem"] : "";
  if (json) {
    print({{"gallery", without_password(file)},
           {"name", person},
           {"enrolled", enrolled},
           {"already", already},
           {"recognizer", to_json(recognizer)},
           {"images", entries}});
  }
  if (unclear && images.size() == 1) {
    std::cerr << "facerec: " << problem << '\n';
    return exit_no;
  }
  if (!enrolled && !already) {
    throw Error(ErrorCode::NotFound,
                problem.empty() ? "no image could be enrolled as '" + person + "'" : problem);
  }
  if (!json) {
    std::cout << "enrolled " << enrolled << " of " << images.size() << " images as " << person
              << " (" << recognizer.profile().name << ")\n";
  }
  return enrolled + already == images.size() ? exit_yes : exit_no;
}

}  // namespace facerec::cli
