// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_facts.h"

namespace facerec {

GalleryFacts read_facts(const Gallery& gallery, Metric metric) {
  auto facts = gallery.facts();
  return {gallery.name(), gallery.position(), gallery.model(),
          facts ? std::optional(std::move(facts->profile)) : std::nullopt,
          gallery.calibration(metric)};
}

std::optional<EnrolledPerson> read_person(const Gallery& gallery, std::int64_t id) {
  EnrolledPerson person;
  gallery.visit_embeddings(
      [&](std::int64_t template_id, std::int64_t /*person_id*/, const std::vector<float>& values) {
        person.templates.emplace_back(template_id, values);
      },
      id);
  std::optional<std::string> name = gallery.name_of(id);
  if (!name) {
    if (!person.templates.empty()) fail_damaged(gallery.name(), "a template is of nobody");
    return std::nullopt;
  }
  person.name = std::move(*name);
  return person;
}

}  // namespace facerec
