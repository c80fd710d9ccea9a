// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>

#include "match/matcher.h"

/// Of a gallery of sixty people in that file, which is made where there is none.
inline facerec::Matcher index_people(const std::filesystem::path& file) {
  facerec::Gallery gallery(file, facerec::Gallery::Mode::Create);
  if (gallery.people().empty()) {
    std::vector<facerec::Enrolment> people(60);
    for (std::size_t i = 0; i < people.size(); ++i) {
      facerec::Template entry;
      const auto angle = static_cast<float>(i);
      entry.embedding = {"test", "f00d", {std::cos(angle), std::sin(angle), angle / 60}, false};
      people[i] = {"P" + std::to_string(i), {entry}};
    }
    gallery.enroll(people);
  }
  return facerec::Matcher(gallery, facerec::Metric::Cosine);
}
