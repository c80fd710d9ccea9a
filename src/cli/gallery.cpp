// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>
#include <optional>

#include "../error.h"
#include "../match/gallery_copy.h"
#include "../store/gallery_name.h"
#include "commands.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

int run_gallery(int argc, char** argv) {
  bool json = false;
  Parser parser(
      "gallery copy FROM TO",
      "Copies people, photos' embeddings and calibrations that gallery TO lacks from "
      "gallery FROM, and makes TO where there is none. Either may be a path or a URI, and "
      "either, neither or both may be encrypted. "
      "Started again after it was cut short, it goes on.");
  std::string from_key, to_key;
  add_key_file_option(parser, "from-key-file", "the key of an encrypted FROM",
                      [&](const std::string& file) { from_key = file; });
  add_key_file_option(parser, "to-key-file", "the key of an encrypted TO",
                      [&](const std::string& file) { to_key = file; });
  add_json_option(parser, json);
  const std::vector<std::string> operands = parser.parse(argc, argv, 3, 3);
  if (operands[0] != "copy") {
    parser.fail("there is no '" + operands[0] + "'; type `facerec gallery copy FROM TO`");
  }

  const Gallery from(with_key_file(operands[1], from_key), Gallery::Mode::ReadOnly);
  Gallery to(with_key_file(operands[2], to_key), Gallery::Mode::Create);
  std::optional<Progress> progress;
  const GalleryCopy copy = copy_gallery(from, to, [&](std::size_t, std::size_t all) {
    if (!progress) progress.emplace(all);
    progress->advance();
  });
  progress.reset();
  if (json) {
    print({{"from", from.name()},
           {"to", to.name()},
           {"copied", copy.copied},
           {"present", copy.present}});
  } else {
    std::cout << "copied " << copy.copied << " photos' embeddings to '" << to.name() << "', "
              << copy.present << " were there\n";
  }
  return exit_yes;
}

}  // namespace facerec::cli
