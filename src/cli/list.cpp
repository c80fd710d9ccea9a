// SPDX-License-Identifier: LGPL-2.1-or-later

#include <iostream>

#include "../match/gallery.h"
#include "../store/gallery_name.h"
#include "commands.h"
#include "options.h"
#include "output.h"

namespace facerec::cli {

int run_list(int argc, char** argv) {
  std::string file;
  bool json = false;
  Parser parser("list --gallery FILE", "Prints the people of a gallery and what it is made with.");
  add_gallery_option(parser, file);
  add_json_option(parser, json);
  parser.parse(argc, argv, 0, 0);
  parser.require("gallery", file);

  const Gallery gallery(file, Gallery::Mode::ReadOnly);
  const auto people = gallery.people();
  const ModelId model = gallery.model();
  if (json) {
    Json document{{"gallery", without_password(file)},
                  {"model", model.name},
                  {"fingerprint", model.fingerprint},
                  {"people", Json::array()}};
    for (const Person& person : people) {
      document["people"].push_back(
          {{"id", person.id}, {"name", person.name}, {"templates", person.template_count}});
    }
    print(document);
  } else if (people.empty()) {
    std::cout << "nobody is enrolled in '" << without_password(file) << "'\n";
  } else {
    std::vector<std::vector<std::string>> rows{{"ID", "TEMPLATES", "NAME"}};
    for (const Person& person : people) {
      rows.push_back(
          {std::to_string(person.id), std::to_string(person.template_count), person.name});
    }
    print_table(rows);
    std::cout << "model: " << model.name << '\n';
  }
  return exit_yes;
}

}  // namespace facerec::cli
