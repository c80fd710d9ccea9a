// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>
#include <optional>

#include "../error.h"
#include "../match/gallery_copy.h"
#include "commands.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

int run_gallery(int argc, char** argv) {
  bool json = false;
  Parser parser("gallery copy FROM TO",
                "Copies people, photos' embeddings and calibrations that gallery TO lacks from "
                "gallery FROM, and makes TO where there is none. Either may be a path or a URI. "
                "Started again after it was cut short, it goes on.");
  add_json_option(parser, json);
  const std::vector<std::string> operands = parser.parse(argc, argv, 3, 3);
  if (operands[0] != "copy") {
    parser.fail("there is no '" + operands[0] + "'; type `facerec gallery copy FROM TO`");
  }

  const Gallery from(operands[1], Gallery::Mode::ReadOnly);
  Gallery to(operands[2], Gallery::Mode::Create);
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
