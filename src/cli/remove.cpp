// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>

#include "../match/gallery.h"
#include "../store/gallery_name.h"
#include "commands.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

int run_remove(int argc, char** argv) {
  std::string file;
  bool json = false;
  Parser parser("remove --gallery FILE NAME",
                "Removes a person with all templates, which are overwritten in the file.");
  add_gallery_option(parser, file);
  add_json_option(parser, json);
  const std::string name = parser.parse(argc, argv, 1, 1).front();
  parser.require("gallery", file);

  Gallery(file, Gallery::Mode::ReadWrite).remove(name);
  if (json) {
    print({{"gallery", without_password(file)}, {"removed", name}});
  } else {
    std::cout << "removed " << name << '\n';
  }
  return exit_yes;
}

}  // namespace facerec::cli
