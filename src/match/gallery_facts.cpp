// SPDX-License-Identifier: LGPL-2.1-or-later

#include "gallery_facts.h"

namespace facerec {

GalleryFacts read_facts(const Gallery& gallery, Metric metric) {
  auto facts = gallery.facts();
  return {gallery.name(), gallery.position(), gallery.model(),
          facts ? std::optional(std::move(facts->profile)) : std::nullopt,
          gallery.calibration(metric)};
}

EnrolledPeople read_people(const Gallery& gallery, const std::vector<std::int64_t>& ids) {
  EnrolledPeople people;
  if (ids.empty()) return people;
  gallery.visit_people([&](std::int64_t id, const std::string& name) { people[id].name = name; },
                       &ids);
  gallery.visit_embeddings(
      [&](std::int64_t id, std::int64_t person_id, const std::vector<float>& values) {
        const auto person = people.find(person_id);
        if (person == people.end()) fail_damaged(gallery.name(), "a template is of nobody");
        person->second.templates.emplace_back(id, values);
      },
      &ids);
  return people;
}

}  // namespace facerec
